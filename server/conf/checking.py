"""What the type checker must know about Django: the agents' tables, and nothing of the engine.

Never used by a running world.
"""

from agents.kernel.parts import apps

INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", *apps()]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
USE_TZ = True
SECRET_KEY = "only-for-the-type-checker"

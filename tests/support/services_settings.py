"""Django settings of a process that runs the services alone: one app, one SQLite file, no engine.

The file is named by the environment variable `SERVICES_DATABASE` (tests only); the connection's
options are those of the world's own settings.
"""

from __future__ import annotations

import os

from agents.kernel import parts

SECRET_KEY = "tests only"
USE_TZ = True
INSTALLED_APPS = parts.apps()
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("SERVICES_DATABASE", ":memory:"),
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }
}

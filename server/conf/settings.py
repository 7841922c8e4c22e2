"""Django and Evennia settings, derived from the one settings model.

Owns the translation of `agents.kernel.settings` into what the engine reads. Refuses
to hold values of its own that an owner might want to change: those are in the model.
"""

from evennia.settings_default import *  # noqa: F403
from evennia.settings_default import INSTALLED_APPS as _ENGINE_APPS

from agents.kernel import settings as _model

TIMMY = _model.current()

SERVERNAME = "Timmy's World"
GAME_SLOGAN = "Agents that work, under your eyes"
INSTALLED_APPS = [*_ENGINE_APPS, "agents.apps.AgentsConfig"]

TIMMY.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(TIMMY.state_dir / "timmy.db3"),
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
                "PRAGMA cache_size=-16000; PRAGMA temp_store=MEMORY;"
            ),
        },
    }
}
SQLITE3_PRAGMAS = ()
SECRET_KEY = "set-by-secret_settings-or-the-world-refuses-to-start"

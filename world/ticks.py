"""Whether the timers of scripts are running: those of minds are their thought ticks.

Owns the judgement, from what the engine stores about a script. `typeclasses.scripts` starts and stops them.
"""

from __future__ import annotations

from typing import Any

from evennia.scripts.models import ScriptDB

from world.builder import MIND_PATH
from world.places import slug_of


def running(script: Any) -> bool:
    """Whether its timer is running in this process."""
    task = script.ndb._task
    return bool(task and task.running)


def wanted(script: Any) -> bool:
    """Whether it should be running: it was started, and nobody paused it by hand."""
    return bool(script.is_active) and not script.attributes.get("_manually_paused")


def dead(script: Any) -> bool:
    """Whether it should be running, has an interval, and is not running."""
    return wanted(script) and (script.interval or 0) > 0 and not running(script)


def stopped() -> set[str]:
    """Slugs of the agents that are awake but no longer get a thought tick."""
    minds = ScriptDB.objects.filter(db_typeclass_path=MIND_PATH, db_is_active=True)
    return {slug_of(script.obj) for script in minds if dead(script)} - {""}

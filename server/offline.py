"""Answers reading verbs while the Server is down, from the database opened read-only.

Owns nothing: it composes the same house, starts no mind in it, and runs the same verbs. The database itself refuses
writes, so no verb can change what the next Server will find.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agents.kernel import location
from agents.kernel.errors import NotFound, Unavailable

READ_ONLY = " PRAGMA query_only=ON;"
READING = ("SELECT", "WITH", "EXPLAIN", "PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")


def _reading_only(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    """Runs before every statement; the database's own refusal would be less polite."""
    if not sql.lstrip().upper().startswith(READING):
        raise Unavailable("This needs a running world.", next="timmy run")
    return execute(sql, *rest)


def ask(question: dict[str, Any]) -> dict[str, Any]:
    """The response that the control socket would give.

    Raises NotFound if there is no world yet; a verb that has to write says so.
    """
    import os

    from agents.kernel import settings

    ours = settings.current()
    if not (ours.state_dir / "timmy.db3").exists():
        raise NotFound(f"There is no world in {ours.state_dir} yet.", next="timmy run")
    os.environ["DJANGO_SETTINGS_MODULE"] = "server.conf.settings"
    os.chdir(location.PROJECT)
    import django

    django.setup()
    import evennia
    from django.db import connection

    options = connection.settings_dict["OPTIONS"]
    options["init_command"] += READ_ONLY
    options["transaction_mode"] = "DEFERRED"  # the world's own mode tries to write before anything is written
    evennia._init()
    from agents.house import house as houses
    from agents.house.core import at_once
    from agents.kernel.runtime import Runtime
    from agents.work.audit import Ranks
    from agents.work.ports import inline
    from server import control
    from typeclasses.body import EngineWorld, body_for
    from world import ranks

    with connection.execute_wrapper(_reading_only):
        house = houses.build(
            Runtime(settings=ours),
            EngineWorld(),
            body_for,
            inline,
            outside=lambda core: {Ranks: ranks.Watch(core.events, at_once)},
        )
        houses.install(house)
        return control.run(
            house,
            control.owner_name(),
            question["verb"],
            question["argument"],
            width=question["width"],
            plain=question["plain"],
            colour=question["colour"],
        )

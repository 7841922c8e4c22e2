"""The Achievement Hall: finished tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import Actor
from agents.thinking.ports import Known
from agents.work.reports import reads
from world.functions import Lines, RoomFunction
from world.telling import begun, count

if TYPE_CHECKING:
    from agents.house.house import House

SHOWN = 10


def _headline(house: House, viewer: Actor) -> str:
    done = house.need(Known).board().get("COMPLETED", 0)
    return f"{begun(count(done, 'task'))} finished." if done else "No task is finished yet."


def _tags(house: House, viewer: Actor) -> Lines:
    size = SHOWN
    total = house.need(Known).board().get("COMPLETED", 0)
    if not total:
        return ["No tag hangs here yet."]
    page = house.work.board(["COMPLETED"], page=-(-total // size), size=size)
    came = house.work.upshots([task for task in page.items if reads(viewer, task)])
    return [
        f"{task.pk} {came[task.pk].line if task.pk in came else task.title}, by {task.assignee}"
        for task in reversed(page.items)
    ]


FUNCTION = RoomFunction(
    "achievement_hall",
    _headline,
    help="Every finished task has a tag here: `look tag` reads the newest, `task <number>` shows one whole.",
    details={"tag": _tags, "hook": _tags},
)

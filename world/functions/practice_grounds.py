"""The Practice Grounds: the sandbox in which every tool runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import Actor
from agents.work import sandbox
from world.functions import Lines, RoomFunction

if TYPE_CHECKING:
    from agents.house.house import House


def _headline(house: House, viewer: Actor) -> str:
    name = str(house.sandbox.name)
    if name == "none":
        return "No sandbox is available on this machine, so tools that need one are refused."
    if name == "bare":
        return "DANGER: tools run without a sandbox, by the setting TIMMY_SANDBOX=bare."
    return f"Tools run in the sandbox {name}; practice of one's own is not built yet."


def _ropes(house: House, viewer: Actor) -> Lines:
    return [
        f"{name}: {'can be used' if usable else 'cannot be used'}{f' ({reason})' if reason else ''}"
        for name, usable, reason in sandbox.survey(house.runtime.settings)
    ]


FUNCTION = RoomFunction(
    "practice_grounds",
    _headline,
    help="What tools do inside the rope has no effect outside it. `look rope` tells which sandboxes this machine has.",
    details={"rope": _ropes},
)

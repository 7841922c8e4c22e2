"""The stages of a mind's life, as data.

Owns which stage follows which, and what each checks. Refuses to advance by itself: the cycle advances it and appends an
event `agent.<slug>.life` for each stage. A failure is named there, and the body stays where it is.

    INIT ─▶ CONFIG_LOAD ─▶ TOOL_INIT ─▶ MODEL_CONNECT ─▶ READY ─▶ SHUTDOWN
      └──────────┴────────────┴──────────────┴─▶ FAILED ─▶ INIT (tried again)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.kernel.errors import TimmyError, Unavailable
from agents.mind.scheduler import Delay

if TYPE_CHECKING:
    from agents.mind.mind import Mind

NEXT: Mapping[str, str] = {
    "INIT": "CONFIG_LOAD",
    "CONFIG_LOAD": "TOOL_INIT",
    "TOOL_INIT": "MODEL_CONNECT",
    "MODEL_CONNECT": "READY",
}
RETRY = Delay(60.0)
"""After which a failed start is tried again."""


def _body(mind: Mind) -> str:
    where = mind.body.where()
    if not where:
        raise Unavailable(f"{mind.persona.name} has no body in any room.", next="timmy world build")
    return f"the body stands in {mind.minds.records.room_name(where)}"


def _config(mind: Mind) -> str:
    rooms = {room.key for room in mind.core.world.rooms()}
    if mind.persona.home not in rooms:
        raise Unavailable(f"The home room {mind.persona.home!r} of {mind.persona.name} is not on the map.", next="map")
    return f"{mind.persona.role}; {len(mind.persona.habits)} errands"


def _tools(mind: Mind) -> str:
    mind.tools = mind.minds.toolbox(mind.persona)
    missing = {name: why for name, why in mind.tools.available().items() if why}
    if not missing:
        return "all tools are at hand"
    return "; ".join(f"{name} is not available: {why}" for name, why in sorted(missing.items()))


def _model(mind: Mind) -> str:
    if mind.core.language() is None:
        return "no model service is connected; thoughts are reflex, and work that needs language waits"
    return "language is asked of the cascade; thoughts are reflex where no model answers"


STAGES: Mapping[str, Callable[[Mind], str]] = {
    "INIT": _body,
    "CONFIG_LOAD": _config,
    "TOOL_INIT": _tools,
    "MODEL_CONNECT": _model,
}
"""What each stage does; it returns what it found, or raises a TimmyError with what is missing."""


@dataclass(frozen=True)
class Stage:
    """A stage that was tried: what it found, or the trouble in which it ended."""

    stage: str
    found: str = ""
    trouble: str = ""


def attempt(mind: Mind) -> Stage:
    """Try the stage that its life stands at: the first, where one failed before."""
    stage = "INIT" if mind.life == "FAILED" else mind.life
    try:
        return Stage(stage, found=STAGES[stage](mind))
    except TimmyError as error:
        return Stage(stage, trouble=str(error))

"""The stages of a mind's life, as data.

Owns which stage follows which, what each looks for, and the step from one to the next. Each stage is an event
`agent.<slug>.life`, a failure is named in it, and the body is left standing.

    INIT ─▶ CONFIG_LOAD ─▶ TOOL_INIT ─▶ MODEL_CONNECT ─▶ READY ─▶ SHUTDOWN
      └──────────┴────────────┴──────────────┴─▶ FAILED ─▶ INIT (tried again)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from agents.kernel.errors import TimmyError, Unavailable

if TYPE_CHECKING:
    from agents.mind.cycle import Mind

NEXT: Mapping[str, str] = {
    "INIT": "CONFIG_LOAD", "CONFIG_LOAD": "TOOL_INIT", "TOOL_INIT": "MODEL_CONNECT", "MODEL_CONNECT": "READY",
}
AT_ONCE, POLL = 0.0, 0.25
"""Seconds to the next visit: in the same slot, and soon (while a step runs)."""
RETRY_SECONDS = 60.0
"""After which a failed start is tried again."""


def _body(mind: Mind) -> str:
    where = mind.body.where()
    if not where:
        raise Unavailable(f"{mind.persona.name} has no body in any room.", next="timmy world build")
    return f"the body stands in {mind.house.records.room_name(where)}"


def _config(mind: Mind) -> str:
    rooms = {room.key for room in mind.house.world.rooms()}
    if mind.persona.home not in rooms:
        raise Unavailable(f"The home room {mind.persona.home!r} of {mind.persona.name} is not on the map.", next="map")
    return f"{mind.persona.role}; {len(mind.persona.errands)} errands"


def _tools(mind: Mind) -> str:
    mind.tools = mind.house.toolbox(mind.persona)
    missing = {name: why for name, why in mind.tools.available().items() if why}
    if not missing:
        return "all tools are at hand"
    return "; ".join(f"{name} is not to be had: {why}" for name, why in sorted(missing.items()))


def _model(mind: Mind) -> str:
    if mind.house.language is None:
        return "no model service is connected; thoughts are reflex, and work that needs language waits"
    return "language is asked of the cascade; thoughts are reflex where no model answers"


STAGES: Mapping[str, Callable[[Mind], str]] = {
    "INIT": _body, "CONFIG_LOAD": _config, "TOOL_INIT": _tools, "MODEL_CONNECT": _model,
}
"""What each stage does; it returns what it found, or raises a TimmyError with what is missing."""


def live(mind: Mind) -> float:
    """Go on to the next stage of its life; returns the seconds after which to come again."""
    if mind.life == "SHUTDOWN":
        return RETRY_SECONDS
    stage = "INIT" if mind.life == "FAILED" else mind.life
    try:
        found = STAGES[stage](mind)
    except TimmyError as error:
        if str(error) != mind.trouble:
            mind.trouble = str(error)
            mind.note("life", state="FAILED", stage=stage, reason=mind.trouble)
        mind.life = "FAILED"
        return RETRY_SECONDS
    mind.note("life", state=stage, note=found)
    mind.life = NEXT[stage]
    if mind.life == "READY":
        mind.trouble = ""
        mind.take_up("the world was started anew")
        mind.note("life", state="READY")
    return AT_ONCE

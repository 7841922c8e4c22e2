"""Speak and build in the world, through the agent's own body.

The body checks the same locks as for people and records each deed under the plan step. It is used on the thread
that owns the world, so nothing here goes elsewhere.
"""

from __future__ import annotations

from pydantic import Field

from agents.work.effect import Effect
from agents.work.ports import RoomSpec
from agents.work.tool import Call, Tool, ToolInput, ToolOutput


class SayInput(ToolInput):
    """What to say to the room."""

    text: str = Field(min_length=1, max_length=2000)


class BuildInput(ToolInput):
    """A room and how it is joined to the existing room `beside`."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    name: str = Field(min_length=1, max_length=80)
    description: str = Field(min_length=1, max_length=4000)
    beside: str
    exit_name: str


class DeedOutput(ToolOutput):
    """Where the body was when it was done."""

    room: str
    untrusted: bool = False


async def _say(call: Call, given: SayInput) -> DeedOutput:
    body = call.body()
    body.say(given.text)
    return DeedOutput(room=body.where())


async def _build(call: Call, given: BuildInput) -> DeedOutput:
    body = call.body()
    body.build_room(RoomSpec(**given.model_dump()))
    return DeedOutput(room=body.where())


def _builds(given: BuildInput) -> tuple[Effect, ...]:
    return (Effect("world", given.key),)


TOOLS = (
    Tool("world.say", "Speak to the room.", "core", SayInput, DeedOutput, "world", _say),
    Tool("world.build", "Make a room beside another.", "hands", BuildInput, DeedOutput, "world", _build, _builds),
)

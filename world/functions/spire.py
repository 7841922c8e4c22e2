"""The Sovereign Spire: the sovereignty of the house at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.cascade import showing
from agents.governance.rules import Actor
from world.functions import RoomFunction, _cascade

if TYPE_CHECKING:
    from agents.house.house import House


def _headline(house: House, viewer: Actor) -> str:
    return _cascade.headline(house, lambda report: f"{showing.score(report)}; {showing.summary(report)}")


FUNCTION = RoomFunction(
    "spire",
    _headline,
    help="Above its stair lie the Ollama Sanctum (which models answer), the Offline Archives, and Independence Hall "
    "(how much is thought on this machine).",
)

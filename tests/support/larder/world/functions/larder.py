"""The larder: its live state is how many jars are full."""

from __future__ import annotations

from agents.governance.rules import Actor
from agents.house.house import House
from agents.larder.part import Larder
from world.functions import RoomFunction


def _headline(house: House, viewer: Actor) -> str:
    return f"{house.need(Larder).status()['jars']} jars are full."


FUNCTION = RoomFunction("larder", _headline, help="Agents fill the jars; `larder` counts them.")

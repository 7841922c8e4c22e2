"""The Heartbeat Shrine: whose mind beats, told from the minds themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import Actor
from world.functions import Lines, RoomFunction
from world.telling import listed

if TYPE_CHECKING:
    from agents.mind.house import House


def _headline(house: House, viewer: Actor) -> str:
    everybody = house.records.presences()
    resting = [one.name for one in everybody if not one.awake]
    beats = f"{len(everybody) - len(resting)} of {len(everybody)} candles burn"
    return f"{beats}; dark: {listed(resting)}." if resting else f"{beats}."


def _candles(house: House, viewer: Actor) -> Lines:
    lines = []
    for one in house.records.presences():
        fault = house.minds.fault(one.slug)
        state = "burns" if one.awake else "is dark"
        lines.append(f"{one.name}: {state}; {one.doing}" + (f"; its last beat failed: {fault}" if fault else ""))
    return lines


FUNCTION = RoomFunction(
    "shrine",
    _headline,
    help="Shows who of the lineage is alive: whose mind is awake and driven. `look niche` tells of each.",
    details={"niche": _candles, "candle": _candles},
)

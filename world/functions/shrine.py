"""The Heartbeat Shrine: whose mind beats, told from the minds themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import Actor
from agents.work.ports import Presence
from world.functions import Lines, RoomFunction
from world.telling import count, listed

if TYPE_CHECKING:
    from agents.mind.house import House


def _late(house: House, one: Presence) -> str:
    late = house.minds.behind(one.slug)
    return f"its heartbeat is {count(int(late), 'second')} late" if late else ""


def _state(house: House, one: Presence) -> str:
    """A candle burns, gutters (its last beat failed and is tried again, or its next one is late) or is dark."""
    failing = house.minds.fault(one.slug) and not house.minds.paused(one.slug)
    if failing or (one.awake and _late(house, one)):
        return "gutters"
    return "burns" if one.awake else "is dark"


def _headline(house: House, viewer: Actor) -> str:
    states = {one.name: _state(house, one) for one in house.records.presences()}
    told = [f"{sum(state != 'is dark' for state in states.values())} of {count(len(states), 'candle')} burn"]
    for word, state in (("guttering", "gutters"), ("dark", "is dark")):
        if names := [name for name, one in states.items() if one == state]:
            told.append(f"{word}: {listed(names)}")
    return "; ".join(told) + "."


def _candles(house: House, viewer: Actor) -> Lines:
    return [
        f"{one.name}: {'; '.join(filter(None, (_state(house, one), one.awake and _late(house, one), one.doing)))}"
        for one in house.records.presences()
    ] or ["No candle stands here yet."]


FUNCTION = RoomFunction(
    "shrine",
    _headline,
    help="Shows who of the lineage is alive: a candle burns while its mind is awake and driven, gutters when a "
    "heartbeat is late or failed, and is dark when the mind rests or could not start. `look niche` tells of each.",
    details={"niche": _candles, "candle": _candles},
)

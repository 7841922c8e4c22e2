"""The Heartbeat Shrine: whose mind is running, from the minds themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import Actor
from agents.mind.scheduler import Scheduler
from agents.thinking.ports import Known
from agents.work.ports import Presence
from world import ticks
from world.functions import Lines, RoomFunction
from world.telling import count, listed

if TYPE_CHECKING:
    from agents.house.house import House


def _trouble(house: House, one: Presence, stopped: set[str]) -> str:
    """What is wrong with one that is awake; '' if nothing is."""
    if not one.awake:
        return ""
    late = house.need(Scheduler).behind(one.slug)
    told = [f"its heartbeat is {count(int(late), 'second')} late"] if late else []
    return listed([*told, *[f"its thoughts have stopped (resume {one.slug} starts them)"] * (one.slug in stopped)])


def _state(house: House, one: Presence, stopped: set[str]) -> str:
    """A candle burns, gutters (its last beat failed and will be repeated, its next one is late, or its thoughts have
    stopped) or is dark.
    """
    failing = house.need(Scheduler).fault(one.slug) and not house.need(Scheduler).paused(one.slug)
    if failing or _trouble(house, one, stopped):
        return "gutters"
    return "burns" if one.awake else "is dark"


def _headline(house: House, viewer: Actor) -> str:
    stopped = ticks.stopped()
    states = {one.name: _state(house, one, stopped) for one in house.need(Known).presences()}
    told = [f"{sum(state != 'is dark' for state in states.values())} of {count(len(states), 'candle')} burn"]
    for word, state in (("guttering", "gutters"), ("dark", "is dark")):
        if names := [name for name, one in states.items() if one == state]:
            told.append(f"{word}: {listed(names)}")
    return "; ".join(told) + "."


def _candles(house: House, viewer: Actor) -> Lines:
    stopped = ticks.stopped()
    return [
        f"{one.name}: "
        f"{'; '.join(filter(None, (_state(house, one, stopped), _trouble(house, one, stopped), one.told(viewer))))}"
        for one in house.need(Known).presences()
    ] or ["No candle stands here yet."]


FUNCTION = RoomFunction(
    "shrine",
    _headline,
    help="Shows who of the lineage is alive: a candle burns while its mind is awake and driven, gutters when a "
    "heartbeat is late or failed or its thoughts have stopped, and is dark when the mind rests or could not start. "
    "`look niche` tells of each.",
    details={"niche": _candles, "candle": _candles},
)

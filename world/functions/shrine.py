"""The Heartbeat Shrine: whose mind beats, told from the minds themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import Actor
from agents.work.ports import Presence
from world.functions import Lines, RoomFunction
from world.telling import count, listed

if TYPE_CHECKING:
    from agents.mind.house import House


def _trouble(house: House, one: Presence) -> str:
    """Why a candle that burns gutters: its last beat failed, or its next one is late; '' when it does not."""
    if fault := house.minds.fault(one.slug):
        return f"its last beat failed: {fault}"
    late = house.minds.behind(one.slug)
    return f"its heartbeat is {count(int(late), 'second')} late" if late else ""


def _headline(house: House, viewer: Actor) -> str:
    everybody = house.records.presences()
    dark = [one.name for one in everybody if not one.awake]
    guttering = [one.name for one in everybody if one.awake and _trouble(house, one)]
    told = [f"{len(everybody) - len(dark)} of {count(len(everybody), 'candle')} burn"]
    told += [f"guttering: {listed(guttering)}"] if guttering else []
    told += [f"dark: {listed(dark)}"] if dark else []
    return "; ".join(told) + "."


def _candles(house: House, viewer: Actor) -> Lines:
    lines = []
    for one in house.records.presences():
        trouble = _trouble(house, one) if one.awake else ""
        state = "is dark" if not one.awake else "gutters" if trouble else "burns"
        lines.append(f"{one.name}: {state}; {'; '.join(filter(None, (trouble, one.doing)))}")
    return lines or ["No candle stands here yet."]


FUNCTION = RoomFunction(
    "shrine",
    _headline,
    help="Shows who of the lineage is alive: a candle burns while its mind is awake and driven, gutters when a "
    "heartbeat is late or failed, and is dark when the mind rests or could not start. `look niche` tells of each.",
    details={"niche": _candles, "candle": _candles},
)

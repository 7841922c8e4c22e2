"""Light by the true hour, the season by the date, and the wind, which is the machine's own.

Owns the words for them. The light is where the sun truly stands, or the clock; what a room shows of a season is
scenery, and claims no more than the season. No sensor tells the weather, so none is told: the wind blows as programs of
this machine wait for its disk, as the Hall's fire burns with its load.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from agents.governance.rules import Actor
from agents.thinking.ports import Known
from world import sky
from world.scenery import OPEN, Place, Scenery
from world.settings import PlaceSettings

if TYPE_CHECKING:
    from agents.house.house import House

OUTSIDE: Mapping[sky.Light, str] = {
    "dawn": "it is growing light",
    "day": "it is day",
    "dusk": "it is growing dark",
    "night": "it is night",
}
INSIDE: Mapping[sky.Light, str] = {
    "dawn": "first light comes through the {noun}",
    "day": "daylight falls through the {noun}",
    "dusk": "the last light comes through the {noun}",
    "night": "the {noun} is dark",
}
WIND = ((0.01, ""), (0.05, "a light wind blows"), (0.2, "a fresh wind blows"), (1.01, "a gale blows"))
"""How the wind is while the share of the last minute in which a program waited for the disk is below that."""
_SKY = frozenset({"sky", "light", "sun", "season", "dark", "night", "day"})
_WIND = frozenset({"wind", "gale", "weather", "air"})
_SMALL = frozenset({"the", "and", "are", "has", "have", "from", "with", "under", "over", "between"})


def _now(house: House) -> tuple[sky.Light, sky.Season]:
    set_ = house.runtime.settings.of(PlaceSettings)
    local = house.runtime.local()
    light = sky.light(local, set_.world_latitude, set_.world_longitude)
    return light, sky.season(local, set_.world_latitude)


def _wind(house: House) -> str:
    waits = house.need(Known).machine().disk_waits
    return next(words for limit, words in WIND if waits < limit) if waits is not None else ""


def _clause(house: House, place: Place) -> str:
    if not place.sky:
        return ""
    light, season = _now(house)
    if place.sky != OPEN:
        return INSIDE[light].format(noun=place.sky)
    told = [OUTSIDE[light], *filter(None, (place.seasons.get(season), _wind(house)))]
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"


def _detail(house: House, place: Place, noun: str, viewer: Actor) -> list[str] | None:
    if place.sky != OPEN:
        if not place.sky or noun not in (_SKY | {place.sky}):
            return None
        return [f"{_begun(_clause(house, place))}."]
    light, season = _now(house)
    if noun in _SKY:
        return [f"{_begun(OUTSIDE[light])}, in {season}, by the clock of {house.runtime.local():%H:%M}."]
    if noun in _WIND:
        return [_told_of_wind(house)]
    shown = place.seasons.get(season, "")
    words = set(re.findall(r"[a-z]+", shown.lower())) - _SMALL
    if noun in words or f"{noun}s" in words:
        return [f"It is {season}: {shown}."]
    return None


def _told_of_wind(house: House) -> str:
    waits = house.need(Known).machine().disk_waits
    if waits is None:
        return "The air is still: this machine does not tell how long its programs wait for the disk."
    words = _wind(house) or "the air is still"
    return (
        f"{_begun(words)}: over the last minute, programs of this machine waited for its disk {waits:.1%} of the time."
    )


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


SCENERY = Scenery("light", order=10, clause=_clause, detail=_detail)

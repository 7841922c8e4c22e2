"""The sky over the world: where the sun stands, what light that gives, and which season it is. Pure.

Owns the reckoning. The sun's place is found by the general solar position calculations of the NOAA Global Monitoring
Laboratory (after Spencer 1971), which are good to about half a degree. Refuses to claim a weather: there is no sensor.
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import asin, cos, degrees, pi, radians, sin
from typing import Literal

Light = Literal["dawn", "day", "dusk", "night"]
Season = Literal["spring", "summer", "autumn", "winter"]

HORIZON, TWILIGHT = -0.833, -6.0
"""Degrees: above the first the sun is up (its upper edge, seen through the air), above the second is civil twilight."""
_SEASONS: tuple[Season, ...] = ("winter", "spring", "summer", "autumn")
_BY_CLOCK: tuple[tuple[int, Light], ...] = ((5, "night"), (7, "dawn"), (18, "day"), (20, "dusk"), (24, "night"))
"""The light before each hour, where nobody said at which latitude the world lies."""


def sun(at: datetime, latitude: float, longitude: float) -> tuple[float, float]:
    """(altitude, hour angle) of the sun in degrees at an instant. The hour angle is within -180 and 180, and negative
    before noon.
    """
    at = at.astimezone(UTC)
    hour = at.hour + at.minute / 60 + at.second / 3600
    year = 2 * pi / 365 * (at.timetuple().tm_yday - 1 + (hour - 12) / 24)
    equation = 229.18 * (
        0.000075 + 0.001868 * cos(year) - 0.032077 * sin(year) - 0.014615 * cos(2 * year) - 0.040849 * sin(2 * year)
    )
    declination = (
        0.006918
        - 0.399912 * cos(year)
        + 0.070257 * sin(year)
        - 0.006758 * cos(2 * year)
        + 0.000907 * sin(2 * year)
        - 0.002697 * cos(3 * year)
        + 0.00148 * sin(3 * year)
    )
    minutes = hour * 60 + equation + 4 * longitude
    angle = (minutes / 4 - 180 + 180) % 360 - 180
    north = radians(latitude)
    height = sin(north) * sin(declination) + cos(north) * cos(declination) * cos(radians(angle))
    return degrees(asin(max(-1.0, min(1.0, height)))), angle


def light(local: datetime, latitude: float | None = None, longitude: float | None = None) -> Light:
    """The light at an instant, given by the local hour. Without a latitude it goes by the clock; without a longitude
    the sun is highest at noon, as nearly as the clock's offset tells.
    """
    if latitude is None:
        return next(found for before, found in _BY_CLOCK if local.hour < before)
    if longitude is None:
        offset = local.utcoffset()
        longitude = offset.total_seconds() / 240 if offset is not None else 0.0
    altitude, angle = sun(local, latitude, longitude)
    if altitude > HORIZON:
        return "day"
    if altitude <= TWILIGHT:
        return "night"
    return "dawn" if angle < 0 else "dusk"


def season(local: datetime, latitude: float | None = None) -> Season:
    """The season by the calendar's months, December to February winter; south of the equator half a year apart."""
    quarter = local.month % 12 // 3
    if latitude is not None and latitude < 0:
        quarter += 2
    return _SEASONS[quarter % 4]

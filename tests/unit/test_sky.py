"""Where the sun stands, and what light and season that gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from world import sky

MINUTE = timedelta(minutes=1)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("latitude", "longitude", "rise", "fall"),
    [
        (51.5, -0.13, datetime(2026, 6, 21, 3, 43, tzinfo=UTC), datetime(2026, 6, 21, 20, 21, tzinfo=UTC)),
        (51.5, -0.13, datetime(2026, 12, 21, 8, 4, tzinfo=UTC), datetime(2026, 12, 21, 15, 53, tzinfo=UTC)),
        (-33.87, 151.21, datetime(2026, 12, 20, 18, 41, tzinfo=UTC), datetime(2026, 12, 21, 9, 5, tzinfo=UTC)),
    ],
)
def test_the_sun_rises_and_sets_when_almanacs_say(
    latitude: float, longitude: float, rise: datetime, fall: datetime
) -> None:
    """Published times of London and Sydney, to the few minutes that the reckoning is good for."""
    few = 4 * MINUTE
    assert sky.light(rise - few, latitude, longitude) == "dawn"
    assert sky.light(rise + few, latitude, longitude) == "day"
    assert sky.light(fall - few, latitude, longitude) == "day"
    assert sky.light(fall + few, latitude, longitude) == "dusk"


@given(INSTANTS, st.floats(-90, 90), st.floats(-180, 180))
def test_the_sun_is_somewhere_and_gives_the_light_of_its_height(
    at: datetime, latitude: float, longitude: float
) -> None:
    altitude, angle = sky.sun(at, latitude, longitude)
    assert -90 <= altitude <= 90 and -180 <= angle < 180
    light = sky.light(at, latitude, longitude)
    assert (light == "day") is (altitude > sky.HORIZON)
    assert (light == "night") is (altitude <= sky.TWILIGHT)


@given(INSTANTS, st.floats(-60, 60), st.floats(-180, 180))
def test_between_the_polar_circles_a_day_has_its_four_lights_in_order(
    at: datetime, latitude: float, longitude: float
) -> None:
    lights = [sky.light(at + timedelta(minutes=5 * turn), latitude, longitude) for turn in range(288)]
    order = [light for light, _ in groupby(lights)]
    follows = {"night": "dawn", "dawn": "day", "day": "dusk", "dusk": "night"}
    low = {"dusk": "dawn"}  # in the short nights of a high latitude it does not grow dark
    assert all(follows[one] == other or low.get(one) == other for one, other in pairwise(order))
    assert {"dawn", "day", "dusk"} <= set(order)


def test_beyond_the_polar_circle_the_sun_may_stay_up_or_down() -> None:
    for hour in range(24):
        assert sky.light(datetime(2026, 6, 21, hour, tzinfo=UTC), 80) == "day"
        assert sky.light(datetime(2026, 12, 21, hour, tzinfo=UTC), 85) == "night"


@pytest.mark.parametrize(
    ("hour", "light"), [(0, "night"), (4, "night"), (5, "dawn"), (7, "day"), (17, "day"), (18, "dusk"), (20, "night")]
)
def test_without_a_latitude_the_light_goes_by_the_clock(hour: int, light: str) -> None:
    assert sky.light(datetime(2026, 3, 1, hour, 59, tzinfo=UTC)) == light


def test_without_a_longitude_the_sun_is_highest_at_about_noon() -> None:
    zone = timezone(timedelta(hours=9))
    day = [sky.light(datetime(2026, 3, 20, hour, tzinfo=zone), 35) for hour in range(24)]
    assert day[8] == day[12] == day[17] == "day" and day[4] == day[20] == "night"


@given(INSTANTS, st.floats(0, 90), st.floats(-90, -0.01))
def test_the_seasons_of_north_and_south_are_half_a_year_apart(at: datetime, north: float, south: float) -> None:
    half = at.replace(day=1, month=(at.month + 5) % 12 + 1)
    assert sky.season(at, north) == sky.season(at) == sky.season(half, south)
    assert sky.season(datetime(2026, 1, 5, tzinfo=UTC)) == "winter"
    assert sky.season(datetime(2026, 12, 1, tzinfo=UTC)) == "winter"
    assert sky.season(datetime(2026, 10, 5, tzinfo=UTC)) == "autumn"

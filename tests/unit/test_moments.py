"""Stretches of past time as people type them; the present is a Wednesday, 1 April 2026, 09:41:30."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.events.seen import Span
from agents.kernel.errors import BadInput
from commands import moments

NOW = datetime(2026, 4, 1, 9, 41, 30).astimezone()


def wall(day: int, hour: int = 0, minute: int = 0, second: int = 0, month: int = 4) -> datetime:
    return datetime(2026, month, day, hour, minute, second).astimezone()


@pytest.mark.parametrize(
    ("typed", "since", "until", "told"),
    [
        ("03:10", wall(1, 3, 10), wall(1, 3, 40), "today 03:10 to 03:40"),
        ("3:10", wall(1, 3, 10), wall(1, 3, 40), "today 03:10 to 03:40"),
        ("09:30", wall(1, 9, 30), NOW, "today 09:30 to now"),
        ("22:00", wall(31, 22, month=3), wall(31, 22, 30, month=3), "yesterday 22:00 to 22:30"),
        ("03:10-03:15", wall(1, 3, 10), wall(1, 3, 15), "today 03:10 to 03:15"),
        ("03:10 - 03:15:20", wall(1, 3, 10), wall(1, 3, 15, 20), "today 03:10 to 03:15"),
        ("03:10 to 03:15", wall(1, 3, 10), wall(1, 3, 15), "today 03:10 to 03:15"),
        ("23:50-00:10", wall(31, 23, 50, month=3), wall(1, 0, 10), "yesterday 23:50 to 00:10"),
        ("yesterday 03:10", wall(31, 3, 10, month=3), wall(31, 3, 40, month=3), "yesterday 03:10 to 03:40"),
        (
            "2026-03-25 03:10:05",
            wall(25, 3, 10, 5, month=3),
            wall(25, 3, 40, 5, month=3),
            "Wednesday 25 March 03:10 to 03:40",
        ),
        ("today", wall(1), NOW, "today"),
        ("Yesterday", wall(31, month=3), wall(1), "yesterday"),
        ("2026-03-25", wall(25, month=3), wall(26, month=3), "Wednesday 25 March"),
        ("20m", NOW - timedelta(minutes=20), NOW, "today 09:21 to now"),
        ("3 hours", NOW - timedelta(hours=3), NOW, "today 06:41 to now"),
        ("2d", NOW - timedelta(days=2), NOW, "Monday 30 March 09:41 to now"),
    ],
)
def test_what_is_typed_is_one_stretch_of_the_past(typed: str, since: datetime, until: datetime, told: str) -> None:
    assert moments.span(typed, NOW) == Span(since, until)
    assert moments.in_words(Span(since, until), NOW) == told


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "is not a time"),
        ("soon", "is not a time"),
        ("03", "is not a time"),
        ("03:10-", "is not a time"),
        ("3:1", "is not a time"),
        ("03:10 yesterday", "is not a time"),
        ("١٢:٣٠", "is not a time"),
        ("x" * 5000, "is not a time"),
        ("1" * 5000, "is not a time"),
        ("25:00", "'25:00' is not a time of day"),
        ("03:60", "'03:60' is not a time of day"),
        ("2026-02-30", "'2026-02-30' is not a day"),
        ("2026-04-02", "has not come yet"),
        ("today 10:00", "has not come yet"),
        ("8d", "At most 7d"),
        ("0m", "longer than zero"),
        ("0001-01-01 00:00", "is not a time"),
        ("9999-12-31", "is not a time"),
    ],
)
def test_what_is_no_past_time_is_refused(typed: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        moments.span(typed, NOW)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 4, 1, 9, 41)), st.integers(1, 1400))
def test_what_is_named_to_be_typed_is_read_back(since: datetime, minutes: int) -> None:
    begins = since.replace(microsecond=0).astimezone()
    ends = (begins + timedelta(minutes=minutes)).replace(second=0)
    typed = moments.typed(begins, NOW, ends)
    assert moments.span(typed, NOW) == Span(begins, min(ends, NOW)), typed


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    try:
        found = moments.span(typed, NOW)
    except BadInput:
        return
    assert found.since <= found.until <= NOW

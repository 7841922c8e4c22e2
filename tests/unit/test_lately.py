"""The row of marks: the newest of them, oldest first, after an instant."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agents.mind.lately import SIZE, Lately

START = datetime(2026, 4, 1, tzinfo=UTC)


@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.binary(min_size=SIZE, max_size=SIZE))),
    st.integers(1, 5),
    st.integers(-1, 10**10),
)
def test_it_is_a_bounded_row(steps: list[tuple[int, bytes]], most: int, since: int) -> None:
    row, model, at = Lately(most), deque[tuple[datetime, bytes]](maxlen=most), START
    for step, mark in steps:
        at += timedelta(microseconds=step)
        row.add(at, mark)
        model.append((at, mark))
    limit = START + timedelta(microseconds=since)
    assert row.since(limit) == [mark for when, mark in model if when > limit]

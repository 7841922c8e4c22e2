"""Identifiers sort by time, and behind one another where that is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from agents.kernel import ids
from agents.kernel.clock import SimulatedClock

START = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


def test_the_first_of_an_instant_is_before_all_of_it_and_behind_all_before_it() -> None:
    clock, chance = SimulatedClock(START), Random(7)
    early = [ids.new_id(clock, chance) for _ in range(50)]
    clock.advance(0.001)
    first = ids.first_at(START + timedelta(milliseconds=1))
    late = [ids.new_id(clock, chance) for _ in range(50)]
    assert max(early) < first <= min(late)
    assert len(first) == 26


def test_what_follows_is_next_and_bears_the_same_instant() -> None:
    id = ids.new_id(SimulatedClock(START), Random(7))
    for _ in range(100):
        after = ids.following(id)
        assert id < after and len(after) == 26 and after[:10] == id[:10]
        id = after

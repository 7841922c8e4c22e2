"""When marks of use are there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.marks.rules import Mark, holds
from agents.marks.sources import SOURCES
from agents.marks.table import MARKS
from world.mapfile import read

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
AGES = st.lists(st.timedeltas(timedelta(), 10 * DAY), max_size=20)


@given(AGES, st.integers(1, 8), st.timedeltas(timedelta(hours=1), 9 * DAY))
def test_a_mark_is_there_exactly_while_enough_happened_of_late(
    ages: list[timedelta], least: int, within: timedelta
) -> None:
    happened = sorted(NOW - age for age in ages)[-least:]
    mark = Mark("m", "walks", "it shows", ("it",), "told", least=least, within=within)
    assert holds(mark, happened, NOW, NOW - 20 * DAY) is (sum(age <= within for age in ages) >= least)


@given(AGES, st.timedeltas(timedelta(hours=1), 9 * DAY))
def test_dust_is_there_exactly_while_nothing_happened_of_late(ages: list[timedelta], beyond: timedelta) -> None:
    mark = Mark("m", "walks", "it shows", ("it",), "told", beyond=beyond)
    happened = sorted(NOW - age for age in ages)[-1:]
    assert holds(mark, happened, NOW, NOW - 20 * DAY) is all(age > beyond for age in ages)


def test_no_dust_lies_before_the_record_is_old_enough_to_tell() -> None:
    mark = Mark("m", "walks", "it shows", ("it",), "told", beyond=3 * DAY)
    assert not holds(mark, [], NOW, NOW - DAY)
    assert holds(mark, [], NOW, NOW - 4 * DAY)


def test_a_mark_that_would_always_or_never_be_there_is_refused() -> None:
    for wrong in ({}, {"within": DAY, "beyond": DAY}, {"within": DAY, "least": 0}):
        with pytest.raises(ValueError, match="needs either within or beyond"):
            Mark("m", "walks", "it shows", ("it",), "told", **wrong)  # type: ignore[arg-type]


def test_the_table_names_rooms_and_sources_that_are_there() -> None:
    rooms = read().rooms
    for mark in MARKS:
        assert mark.source in SOURCES, mark.name
        assert set(mark.rooms) <= set(rooms), mark.name
        assert mark.words[0].islower() and "." not in mark.words, "it is a clause"
        assert any(noun in mark.words for noun in mark.nouns), f"{mark.name}: its nouns can be looked at"


def test_a_rooms_description_leaves_space_for_the_sentence_that_changes() -> None:
    for key, room in read().rooms.items():
        assert sum(room.description.count(end) for end in (". ", "! ", "? ")) + 1 <= 2, key
        assert (room.sky == "open") is (len(room.seasons) == 4), f"{key}: what lies under the sky has its seasons"

"""Layout, drawing and throttle: pure parts of how verbs answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agents.governance.rules import Actor
from commands import drawing, layout
from commands.drawing import Near
from commands.layout import Column
from commands.throttle import Throttle
from commands.verbs import Caller
from world import screen

WIDE = Caller(Actor("owner", "alex"), "telnet", width=79)
NARROW = Caller(Actor("owner", "alex"), "telnet", width=39)
PLAIN = Caller(Actor("owner", "alex"), "telnet", plain=True, width=79)
COLUMNS = (Column("", 5, style="key"), Column("by", 12), Column("", fill=True), Column("", 4))


def shown(lines: list[str]) -> list[str]:
    return [screen.unmarked(line) for line in lines]


@given(st.lists(st.tuples(*[st.text(max_size=90)] * 4), max_size=8), st.integers(60, 120))
def test_tables_never_exceed_the_width(rows: list[tuple[str, ...]], width: int) -> None:
    caller = Caller(WIDE.actor, "telnet", width=width)
    for line in layout.table(caller, COLUMNS, rows):
        assert screen.display_width(line) <= width
        assert "\n" not in line


def test_tables_align_and_lists_tell_the_same() -> None:
    rows = [("1", "timmy", "Survey /srv", "2m"), ("20", "", "Build a room", "3h")]
    wide = shown(layout.table(WIDE, COLUMNS, rows))
    assert wide[0].index("Survey") == wide[1].index("Build")
    for caller in (NARROW, PLAIN):
        assert shown(layout.table(caller, COLUMNS, rows)) == ["1. by timmy, Survey /srv, 2m.", "20. Build a room, 3h."]


def test_a_named_item_is_followed_by_a_colon() -> None:
    assert layout.table(PLAIN, (Column(""), Column("in")), [("Ezra", "Library")]) == ["Ezra: in Library."]


def test_cells_are_made_visible() -> None:
    line = layout.table(PLAIN, (Column(""), Column("")), [("1", "\x1b[31m\uf602red")])[0]
    assert line == "1. \\x1b[31m\\uf602red."


def test_fields_label_the_first_line() -> None:
    pairs = [("Risk", ["1 (low)", "+1 read"]), ("Why", "")]
    assert shown(layout.fields(WIDE, pairs)) == ["Risk      1 (low)", "          +1 read"]
    assert shown(layout.fields(PLAIN, pairs)) == ["Risk: 1 (low)", "  +1 read"]


@given(st.text(max_size=60), st.integers(1, 40))
def test_a_cut_text_fits(text: str, width: int) -> None:
    assert screen.display_width(layout.cut(text, width)) <= width
    if screen.display_width(text) <= width:
        assert layout.cut(text, width) == text


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0s"), (-5, "0s"), (9.9, "10s"), (59.6, "1m"), (60, "1m"), (2460, "41m"), (7200, "2h"), (604799, "7d")],
)
def test_spans_are_rounded_to_their_largest_unit(seconds: float, said: str) -> None:
    assert layout.span(seconds) == said


def test_ages_count_from_then() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    assert layout.age(now, now - timedelta(minutes=41)) == "41m"
    assert layout.age(now, None) == ""


def test_data_is_plain() -> None:
    value = {
        1: datetime(2026, 3, 1, tzinfo=UTC),
        "set": {"a"},
        "tuple": (1, None, True),
        "other": Actor("owner", "alex"),
    }
    assert layout.plain_data(value) == {
        "1": "2026-03-01T00:00:00+00:00",
        "set": ["a"],
        "tuple": [1, None, True],
        "other": "owner:alex",
    }


def test_prose_flows_and_indented_lines_stay() -> None:
    assert layout.prose("one\ntwo\n\n  keep  this\nthree") == ["one two", "", "  keep  this", "three"]


NEAR = [
    Near("north", "Spire", ("Ezra",), (0, 1)),
    Near("east", "Workshop", (), (1, 0)),
    Near("west", "Archives", ("Allegro",), (-1, 0)),
    Near("southeast", "Shrine", (), (1, -1)),
    Near("orb", "Orb Chamber"),
]


@pytest.mark.parametrize("width", [60, 79, 120])
def test_the_map_puts_rooms_where_they_lie(width: int) -> None:
    lines = shown(drawing.grid("Hall", ["Timmy"], NEAR, width))
    row = {
        name: next(i for i, line in enumerate(lines) if name in line)
        for name in ("Spire", "Hall", "Workshop", "Shrine")
    }
    assert row["Spire"] < row["Hall"] == row["Workshop"] < row["Shrine"]
    middle = lines[row["Hall"]]
    assert middle.index("Archives") < middle.index("[Hall]") < middle.index("Workshop")
    assert max(map(len, lines)) <= width
    assert any("Timmy" in line for line in lines)
    assert any("Ezra" in line for line in lines)
    assert "Orb" not in "".join(lines)


def test_the_map_in_words_tells_every_way() -> None:
    told = drawing.sentences("Hall", ["Timmy"], NEAR)
    assert told[0] == "You are in Hall, with Timmy."
    assert "west leads to Archives: Allegro." in told
    assert len(told) == 1 + len(NEAR)


def test_a_locked_way_is_marked_on_the_map_and_in_words() -> None:
    near = [Near("east", "Treasury", ("mia",), (1, 0), closed="The vault is shut.")]
    assert any("Treasury (locked)" in line for line in shown(drawing.grid("Forge", [], near, 79)))
    assert "east leads to Treasury: mia. Locked: The vault is shut." in drawing.sentences("Forge", [], near)


@given(st.lists(st.floats(0, 0.5), min_size=1, max_size=300), st.integers(1, 20))
@example([0.10073283454097706, 0.5, 0.5], 1)  # a second apart by the difference, not by the sum
def test_a_throttle_admits_no_more_than_its_rate_in_any_second(gaps: list[float], most: int) -> None:
    now, admitted, throttle = 0.0, [], Throttle(most)
    for gap in gaps:
        now += gap
        if throttle.admit(now):
            admitted.append(now)
    assert all(sum(other <= at and at - other < 1.0 for other in admitted) <= most for at in admitted)
    assert len(admitted) + throttle.take_left_out() == len(gaps)
    assert throttle.take_left_out() == 0

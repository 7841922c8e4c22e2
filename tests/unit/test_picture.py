"""The picture of the README is what was recorded: each piece once, in its second, on its line."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from tests.picture import COLUMNS, END_WAIT, LONGEST_WAIT, Recording, drawn, lines_of

SVG = "{http://www.w3.org/2000/svg}"


def recorded(*moments: tuple[float, str]) -> Recording:
    made = Recording()
    for waited, text in moments:
        made.add(waited, text)
    return made


def test_long_waits_are_cut_and_short_ones_are_not() -> None:
    made = recorded((0.5, "a"), (60.0, "b"))
    assert made.moments == [(0.5, "a"), (0.5 + LONGEST_WAIT, "b")]


def test_colours_and_weight_are_those_that_were_sent() -> None:
    [line] = lines_of(recorded((0.1, "plain \x1b[1m\x1b[31mbright\x1b[0m \x1b[32mgreen\x1b[39m none")))
    assert [(text, bool(colour), bold) for _, _, text, colour, bold in line.pieces] == [
        ("plain ", False, False),
        ("bright", True, True),
        (" ", False, False),
        ("green", True, False),
        (" none", False, False),
    ]
    assert [column for _, column, *_ in line.pieces] == [0, 6, 12, 13, 18]


@given(st.lists(st.tuples(st.floats(0, 3), st.text(st.characters(codec="ascii", exclude_categories=["C"])))))
def test_every_letter_is_there_and_no_line_is_too_long(moments: list[tuple[float, str]]) -> None:
    made = recorded(*moments)
    lines = lines_of(made)
    assert "".join(piece[2] for line in lines for piece in line.pieces) == "".join(text for _, text in moments)
    assert all(line.width <= COLUMNS for line in lines)


def test_it_is_a_picture_that_plays_by_itself_and_stands_still_for_who_wants_no_motion() -> None:
    made = recorded((0.2, "one <b>\n"), (0.4, "\x1b[32mtwo\x1b[0m & three\n" * 30))
    text = drawn(made, "A title & more")
    root = ElementTree.fromstring(text)
    assert root.findtext(f"{SVG}title") == "A title & more"
    assert [one.text for one in root.iter(f"{SVG}text")][:3] == ["one <b>", "two", " & three"]
    assert f"{made.now + END_WAIT:.1f}s infinite" in text and "prefers-reduced-motion" in text
    assert not re.search(r"href|<script|https?://(?!www\.w3\.org/2000/svg)", text), "it asks for nothing elsewhere"

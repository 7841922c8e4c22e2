"""Plots: what is drawn is in proportion to what was given, and words stay words."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from server import drawing

SVG = "{http://www.w3.org/2000/svg}"


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def boxes(picture: ElementTree.Element) -> list[tuple[float, float, float, str, str]]:
    """(x, y, width or height that varies, colour, what it tells) of each bar."""
    return [
        (
            float(b.get("x")),
            float(b.get("y")),
            (float(b.get("width")), float(b.get("height"))),
            b.get("fill"),
            b.find(f"{SVG}title").text,
        )
        for b in picture.iter(f"{SVG}rect")
    ]


def test_columns_are_stacked_in_proportion_and_in_the_colours_of_the_legend():
    series = {"moves": [10, 0, 40], "words": [5, 20, 10]}
    found = boxes(parsed(drawing.columns("Steps", ["06:00", "07:00", "08:00"], series)))
    assert [told for *_, told in found] == [
        "06:00, moves: 10",
        "06:00, words: 5",
        "07:00, words: 20",
        "08:00, moves: 40",
        "08:00, words: 10",
    ]
    colours = dict(drawing.coloured(series))
    assert [colour for *_, colour, _ in found] == [colours[told.split(", ")[1].split(":")[0]] for *_, told in found]
    high = {told: size[1] for _, _, size, _, told in found}
    assert high["08:00, moves: 40"] == pytest.approx(4 * high["06:00, moves: 10"], abs=0.2)
    (_, low, *_), (_, top, above, *_) = found[0], found[1]
    assert top + above[1] == pytest.approx(low, abs=0.11), "one stands on the other"
    assert top >= drawing.TOP - 0.1, "nothing leaves the picture"


def test_rows_are_as_long_as_their_numbers_and_say_their_sum():
    picture = parsed(drawing.rows("Rooms", ["Hall", "Forge", "Moon"], {"in": [30, 10, 0], "other": [10, 0, 0]}))
    found = {told: size[0] for _, _, size, _, told in boxes(picture)}
    assert found["Hall, in: 30"] == pytest.approx(3 * found["Forge, in: 10"], abs=0.2)
    assert found["Hall, other: 10"] == found["Forge, in: 10"]
    assert [t.text for t in picture.iter(f"{SVG}text")] == ["Hall", "40", "Forge", "10", "Moon", "0"]


def test_lines_go_through_their_values_and_differ_without_colour():
    picture = parsed(drawing.lines("Agents", ["a", "b", "c"], {"acted": [0, 5, 10], "awake": [10, 10, 10]}))
    first, second = picture.iter(f"{SVG}polyline")
    heights = [float(point.split(",")[1]) for point in first.get("points").split()]
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=0.2)
    assert len({point.split(",")[1] for point in second.get("points").split()}) == 1
    assert first.get("stroke-dasharray") != second.get("stroke-dasharray")


@pytest.mark.parametrize("draw", [drawing.columns, drawing.lines])
@pytest.mark.parametrize("row", [[0], [0, 0, 0], [1], [999_999_999]])
def test_nothing_and_very_much_can_be_drawn(draw, row):
    picture = parsed(draw("x", ["w"] * len(row), {"a": row}))
    assert picture.tag == f"{SVG}svg"
    assert "nan" not in ElementTree.tostring(picture, "unicode").lower()


def test_no_rows_at_all_are_a_picture_too():
    assert parsed(drawing.rows("x", [], {"a": []})).tag == f"{SVG}svg"


@pytest.mark.parametrize("most", [1, 3, 4, 7, 12, 99, 101, 4321])
def test_the_scale_has_few_round_numbers_and_holds_all(most):
    ticks = drawing._Scale(most).ticks
    assert 2 <= len(ticks) <= 5
    assert ticks[-1] >= most
    assert ticks[0] == 0
    assert str(ticks.step).rstrip("0") in {"1", "2", "5"}


def test_words_of_others_are_shown_and_never_act():
    hostile = '"><script>alert(1)</script>\x1b[31m&amp;'
    text = drawing.columns(hostile, [hostile], {hostile: [1]}) + drawing.rows(hostile, [hostile], {hostile: [1]})
    assert "<script" not in text
    assert "\x1b" not in text
    picture = parsed(drawing.columns(hostile, [hostile], {hostile: [1]}))
    assert picture.get("aria-label") == '"><script>alert(1)</script>&amp;'

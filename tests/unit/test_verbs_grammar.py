"""The grammar of what is typed behind a verb."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.kernel.errors import BadInput
from commands import grammar

numbers = st.integers(1, grammar.LARGEST)


@pytest.mark.parametrize(
    ("text", "refs", "names"),
    [
        ("3", ("3",), ()),
        ("3 5-8", ("3", "5", "6", "7", "8"), ()),
        ("3,5, 7", ("3", "5", "7"), ()),
        ("#3 a7 A8", ("3", "a7", "a8"), ()),
        ("a7-a9", ("a7", "a8", "a9"), ()),
        ("2..4", ("2", "3", "4"), ()),
        ("3 3 2-3", ("3", "2"), ()),
        ("all low-risk", (), ("all", "low-risk")),
        ("ALL", (), ("all",)),
        ("007", ("7",), ()),
    ],
)
def test_selections(text: str, refs: tuple[str, ...], names: tuple[str, ...]) -> None:
    assert grammar.selection(text) == grammar.Selection(refs, names)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "Give a number"),
        ("   ", "Give a number"),
        ("0", "out of range"),
        ("-1", "not a number"),
        ("99999999999", "out of range"),
        ("99999999999999999999999", "not a number"),
        ("8-5", "write 5-8"),
        ("1-1001", "more than 1000"),
        ("1-1000 2000", "more than 1000"),
        ("0-3", "out of range"),
        ("3-", "not a number"),
        ("1.5", "not a number"),
        ("٣", "not a number"),
        ("3;4", "not a number"),
        ("\u202e3", "not a number"),
        ("|lc1|lt", "not a number"),
    ],
)
def test_what_is_no_selection_says_why(text: str, part: str) -> None:
    with pytest.raises(BadInput, match=part):
        grammar.selection(text)


def test_a_thousand_is_the_most() -> None:
    assert len(grammar.selection("1-1000").refs) == grammar.MOST


@given(st.lists(numbers, min_size=1, max_size=50))
def test_numbers_are_read_back(values: list[int]) -> None:
    assert grammar.selection(" ".join(map(str, values))).refs == tuple(dict.fromkeys(map(str, values)))


@given(st.integers(1, 10_000), st.integers(0, grammar.MOST - 1))
def test_ranges_are_read_back(low: int, size: int) -> None:
    assert grammar.selection(f"{low}-{low + size}").refs == tuple(str(n) for n in range(low, low + size + 1))


@given(st.text(max_size=200))
def test_anything_is_read_or_refused(text: str) -> None:
    for read in (grammar.selection, grammar.number, grammar.hours, grammar.switch):
        with contextlib.suppress(BadInput):
            read(text)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_reason_is_kept_as_typed(items: str, reason: str) -> None:
    before, after = grammar.split_reason(f"{items.replace('=', '')}={reason}")
    assert (before, after) == (items.replace("=", "").strip(), reason.strip())


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_title_is_kept_as_typed(title: str, description: str) -> None:
    assert grammar.split_description(title) == (title.strip(), "") or " = " in f" {title} "
    if " = " not in f" {title.strip()} ":
        assert grammar.split_description(f"{title.strip()} = {description}") == (title.strip(), description.strip())


def test_a_path_may_hold_an_equals_sign() -> None:
    assert grammar.split_description("Survey /srv/a=b = what is in it") == ("Survey /srv/a=b", "what is in it")


@pytest.mark.parametrize(
    ("text", "hours"), [("", 8), ("4", 4), ("4h", 4), ("30m", 0.5), ("2d", 48), ("1.5 hours", 1.5), ("90 min", 1.5)]
)
def test_spans(text: str, hours: float) -> None:
    assert grammar.hours(text) == hours


@pytest.mark.parametrize("text", ["0", "0h", "31d", "-1h", "1w", "soon", "1e9", "9999999h"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(BadInput):
        grammar.hours(text)


def test_counts_are_bounded() -> None:
    assert grammar.bounded_count("", 20, 100) == 20
    assert grammar.bounded_count("100", 20, 100) == 100
    for text in ("0", "101", "-5", "x"):
        with pytest.raises(BadInput):
            grammar.bounded_count(text, 20, 100)


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("", "", None),
        ("timmy", "timmy", None),
        ("timmy 2", "timmy", 2),
        (" 3 ", "", 3),
        ("allegro  primus #4", "allegro  primus", 4),
        ("4 timmy", "4 timmy", None),
    ],
)
def test_a_name_and_a_number_behind_it(text: str, name: str, found: int | None) -> None:
    assert grammar.name_and_number(text, "a page") == (name, found)
    for wrong in ("timmy 0", "99999999999999"):
        with pytest.raises(BadInput):
            grammar.name_and_number(wrong, "a page")


def test_an_error_shows_no_control_character() -> None:
    with pytest.raises(BadInput) as caught:
        grammar.number("\x1b[31m\u202e")
    assert "\x1b" not in caught.value.message
    assert "\\x1b" in caught.value.message

"""The words of notes: bounds, whom they address, how a room tells of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.kernel.errors import BadInput
from agents.kernel.text import is_control
from agents.notes import rules

OTHERS = ("Ezra", "Bezalel")


@given(st.text(max_size=600), st.booleans())
def test_words_of_a_note_are_one_harmless_line_within_bounds_or_refused(text: str, guest: bool) -> None:
    try:
        kept = rules.words(text, guest=guest)
    except BadInput:
        return
    assert kept and kept == " ".join(kept.split())
    assert len(kept) <= (rules.LONGEST_OF_GUEST if guest else rules.LONGEST)
    assert not any(map(is_control, kept))
    assert rules.words(kept, guest=guest) == kept, "what was kept is kept as it is"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Timmy, the gauge sticks.", True),
        ("What is on the board?", True),
        ("Ezra, what is on the board?", False),
        ("The gauge sticks.", False),
        ("Timmys gauge sticks.", False),
    ],
)
def test_an_agent_answers_what_names_it_or_asks_nobody_in_particular(text: str, wanted: bool) -> None:
    assert rules.asks(text, "Timmy", OTHERS) is wanted


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("are there notes for me?", True),
        ("what did ana write?", True),
        ("did you see a note here?", True),
        ("what is pinned in the Workshop?", True),
        ("what did you write in your journal?", False),
        ("please note that I am leaving", False),
        ("how is the weather?", False),
    ],
)
def test_which_words_ask_about_notes(asked: str, wanted: bool) -> None:
    assert rules.wants_notes(asked, ["ana"]) is wanted


def test_a_room_tells_how_many_notes_are_pinned_and_quotes_the_newest() -> None:
    assert rules.pinned([], "") == ""
    assert rules.pinned(["ana"], "Knock twice.") == 'A note is pinned here, by ana: "Knock twice."'
    assert rules.pinned(["ana", "Timmy"], "x" * 90) == (
        f'Two notes are pinned here; the newest is by Timmy: "{"x" * 59}…"'
    )
    assert rules.pinned(["a"] * 20, "b").startswith("20 notes are pinned here")


def test_what_is_shown_of_a_note_cannot_act() -> None:
    assert "\u202e" not in rules.pinned(["a\u202eb"], "c\u202ed")

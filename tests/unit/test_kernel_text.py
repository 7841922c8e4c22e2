import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agents.kernel.text import clean, visible
from tests.support.hostile import PLANTED, naughty, unescape


def test_clean_removes_whole_sequences():
    assert clean("a\x1b[31mred\x1b[0m\x1b]0;title\x07b") == "aredb"


def test_visible_keeps_everything_but_shows_it():
    assert visible("a\x1b\u202eb\\x1b") == "a\\x1b\\u202eb\\\\x1b"


def test_escapes_are_never_mistaken_for_what_was_typed():
    """A backslash before a control character is not the escape that somebody typed."""
    for text in (*PLANTED, *naughty(), "\\\x1b", "\\x1b", "\\\\\x1b"):
        assert unescape(visible(text)) == text


@given(some.text(some.one_of(some.sampled_from("\\nxu0\x1b\x9b\u202e\xa01b "), some.characters())))
def test_visible_can_be_read_back(text):
    shown = visible(text)
    assert unescape(shown) == text
    assert not [c for c in shown if unicodedata.category(c)[0] == "C" or (c.isspace() and c != " ")]


@pytest.mark.parametrize("opener", ["\x9d", "\x90", "\x1b]", "\x1bP"])
def test_a_million_openers_that_nothing_ends_cost_no_more_than_a_million_letters(opener: str) -> None:
    """Each was once looked through to the end of the text: hours, of which the test's time-out tells."""
    assert clean(opener * 1_000_000 + "\x1b0said") == "said"


def test_a_string_that_another_escape_breaks_off_goes_with_its_words() -> None:
    assert clean("a\x1b]0;owned\x1b[31mb") == "ab"

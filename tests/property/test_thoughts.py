"""Thinking told from the answer, however the text comes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.cascade.thoughts import TAGS, Split, may_leave_out_the_first

CUTS = st.lists(st.integers(0, 400), max_size=30)
PAIRS = st.sampled_from(sorted(TAGS.items()))
WORDS = st.text(alphabet="ab <>/[]thinkTHINK\n◁▷é", max_size=30)
"""Words that look like tags and are none."""


def without_tags(text: str) -> bool:
    low = text.lower()
    return not any(tag in low for pair in TAGS.items() for tag in pair)


def told(text: str, at: list[int], *, hold: bool = False, cut: bool = False) -> tuple[str, str, Split]:
    """Answer and thinking of a text that comes in pieces, as whoever hears it keeps them."""
    split, answer, thinking = Split(hold=hold), "", ""
    places = sorted({0, len(text), *(place % (len(text) + 1) for place in at)})
    pieces = [split.take(text[a:b]) for a, b in pairwise(places)]
    for said, thought in [*pieces, split.end(cut=cut)]:
        answer, thinking = answer + said, thinking + thought
    return answer, thinking, split


def kept(text: str, at: list[int], *, hold: bool = False, cut: bool = False) -> tuple[str, str]:
    """The same, of one who drops what he was given when he hears that it was thinking."""
    split, answer, thinking, turned = Split(hold=hold), "", "", False
    places = sorted({0, len(text), *(place % (len(text) + 1) for place in at)})
    parts = [text[a:b] for a, b in pairwise(places)]
    for part in [*parts, None]:
        said, thought = split.end(cut=cut) if part is None else split.take(part)
        if split.turned and not turned:
            turned, answer, thinking = True, "", thinking + answer
        answer, thinking = answer + said, thinking + thought
    return answer, thinking


@given(WORDS.filter(without_tags), CUTS, st.booleans())
def test_what_holds_no_tags_is_an_answer_as_it_is(text: str, at: list[int], hold: bool) -> None:
    answer, thinking, split = told(text, at, hold=hold)
    assert (answer, thinking, split.left_out) == (text, "", False)


@given(PAIRS, WORDS.filter(without_tags), WORDS.filter(without_tags), CUTS, st.booleans(), st.booleans())
def test_what_stands_between_tags_is_thinking(
    pair: tuple[str, str], thought: str, text: str, at: list[int], hold: bool, loud: bool
) -> None:
    first, last = (tag.upper() if loud else tag for tag in pair)
    if not without_tags(thought + last[:1]) or not without_tags(last[-1:] + text):
        return
    answer, thinking, split = told(f"\n {first}{thought}{last}\n\n{text}", at, hold=hold)
    assert (answer.rstrip(), thinking, split.left_out) == (text.strip(), thought, False)


@given(PAIRS, WORDS.filter(without_tags), WORDS.filter(without_tags), CUTS, st.booleans())
def test_where_the_first_tag_is_left_out_all_before_the_second_is_thinking(
    pair: tuple[str, str], thought: str, text: str, at: list[int], hold: bool
) -> None:
    whole = f"{thought}.{pair[1]}{text}"
    answer, thinking = kept(whole, at, hold=hold)
    assert (answer.rstrip(), thinking.strip()) == (text.strip(), f"{thought}.".strip())
    split = told(whole, at, hold=hold)[2]
    assert split.left_out and split.turned is not hold


@given(PAIRS, WORDS.filter(without_tags), CUTS, st.booleans())
def test_thinking_that_is_cut_is_thinking_alone(pair: tuple[str, str], thought: str, at: list[int], hold: bool) -> None:
    assert told(f"{pair[0]}{thought}", at, hold=hold, cut=True)[:2] == ("", thought)
    assert told(f"{pair[0]}{thought}", at, hold=hold)[:2] == ("", thought)
    assert told(f"{thought}x", at, hold=True, cut=True)[:2] == ("", f"{thought}x")


@given(PAIRS, WORDS.filter(without_tags), CUTS)
def test_more_than_one_stretch_of_thinking(pair: tuple[str, str], thought: str, at: list[int]) -> None:
    first, last = pair
    whole = f"{first}{last}{first}{thought}{last}One.\n{first}{thought}{last}\nTwo."
    assert told(whole, at)[:2] == ("One.\nTwo.", thought * 2)


@given(
    st.text(alphabet="".join(sorted({c for pair in TAGS.items() for tag in pair for c in tag})) + "\n `a"), CUTS, CUTS
)
def test_where_a_text_is_cut_changes_nothing(text: str, one: list[int], other: list[int]) -> None:
    assert kept(text, one) == kept(text, other) and kept(text, one, hold=True) == kept(text, other, hold=True)


@pytest.mark.parametrize(
    ("text", "answer", "thinking"),
    [
        ("<think></think>Yes.", "Yes.", ""),
        ("<think>\n\n</think>\n\nYes.", "Yes.", "\n\n"),
        ("hm.</think>Yes.", "Yes.", "hm."),
        ("</think>\nYes.", "Yes.", ""),
        ("<THINK>hm</Think>Yes.", "Yes.", "hm"),
        ("It ends with `</think>`, as a rule.", "It ends with `</think>`, as a rule.", ""),
        ("Write <think> before it.", "Write <think> before it.", ""),
        ('<think>hm</think>{"a": 1}', '{"a": 1}', "hm"),
        ("[THINK]hm[/THINK]Yes.", "Yes.", "hm"),
    ],
)
def test_what_models_say(text: str, answer: str, thinking: str) -> None:
    assert kept(text, list(range(len(text)))) == kept(text, []) == (answer, thinking)


def test_models_whose_templates_write_the_first_tag_are_known_by_name() -> None:
    for name in ("deepseek-r1:7b", "qwq:32b", "qwen3-4b-thinking-2507", "Phi-4-reasoning", "GLM-Z1-9B", "Marco-o1"):
        assert may_leave_out_the_first(name), name
    for name in ("llama3.2:latest", "qwen2.5:1.5b", "small-1", "gemma3:4b", "mistral-small", "gpt-4o", "hermes3:8b"):
        assert not may_leave_out_the_first(name), name

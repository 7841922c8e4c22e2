"""An answer that comes in pieces is told in sentences: nothing lost, nothing turned round, no escape cut."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agents.kernel.text import clean, settled
from agents.thinking.sentences import LONGEST_SENTENCE, Flow, ended
from tests.support.hostile import PLANTED

TEXT = st.lists(
    st.one_of(
        st.sampled_from(PLANTED),
        st.text(max_size=30),
        st.text("\x1b[]PX^_\\0;m\x07\x9b\x9c\x9d\x90 \r\n.!?a", max_size=12),
        st.sampled_from((". ", "! ", "?\n", "。", "word ", "… ", "\x1b", "\x1b]0;a. b", "\x9dx. y\x9c", "a" * 900)),
    ),
    max_size=20,
).map("".join)


def pieces(text: str, cuts: list[int]) -> list[str]:
    at = [0, *sorted(cut % (len(text) + 1) for cut in cuts), len(text)]
    return [text[a:b] for a, b in pairwise(at)]


@given(TEXT, st.lists(st.integers(0, 10_000), max_size=30))
def test_the_updates_joined_are_the_cleaned_text(text: str, cuts: list[int]) -> None:
    flow = Flow(1_000_000)
    told = []
    for piece in pieces(text, cuts):
        flow.add(piece)
        told.append(flow.take())
    told.append(flow.rest())
    assert "".join(told) == clean(text)
    assert not flow.over
    assert all(clean(update) == update for update in told), "an update holds a part of an escape"


@given(TEXT, st.integers(0, 10_000))
def test_what_is_settled_is_cleaned_by_itself(text: str, cut: int) -> None:
    before, after = text[: cut % (len(text) + 1)], text[cut % (len(text) + 1) :]
    safe = settled(before)
    assert clean(before[:safe]) + clean(before[safe:] + after) == clean(text)


@given(TEXT)
def test_updates_are_whole_sentences_or_too_long_for_one(text: str) -> None:
    end = ended(text)
    assert len(text) - end <= LONGEST_SENTENCE
    if end and len(text) <= LONGEST_SENTENCE:
        assert (
            text[:end].rstrip()[-1:] in set(".!?…。！？\"')]»”’*_")
            or text[:end].endswith(tuple("\n \t\r\x0b\x0c\x1c\x1d\x1e\x1f\x85"))
            or text[end - 1].isspace()
        )


@given(TEXT, st.integers(0, 60), st.lists(st.integers(0, 10_000), max_size=10))
def test_a_text_is_kept_up_to_its_greatest_length(text: str, most: int, cuts: list[int]) -> None:
    flow = Flow(most)
    for piece in pieces(text, cuts):
        flow.add(piece)
    assert flow.take() + flow.rest() == clean(text[:most])
    assert flow.over == (len(text) > most)


@given(TEXT, st.integers(0, 200), st.lists(st.integers(0, 10_000), max_size=10))
def test_what_was_told_before_a_reload_is_not_told_again(text: str, told: int, cuts: list[int]) -> None:
    flow = Flow(1_000_000, told=told)
    heard = ""
    for piece in pieces(text, cuts):
        flow.add(piece)
        heard += flow.take()
    assert heard + flow.rest() == clean(text)[told:]

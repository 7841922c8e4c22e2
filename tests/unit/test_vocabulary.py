"""Typing errors are mended by the nearest of the known words, wherever these are kept."""

from __future__ import annotations

import pytest

from agents.thinking.grammar.tokens import Vocabulary

COMMON_TO_ALL, OF_THIS_WORLD = ("workshop", "approve", "lately", "waiting"), ("grove", "archives", "waiting", "growl")
ONE = Vocabulary((*COMMON_TO_ALL, *OF_THIS_WORLD), ("groove",))
BESIDE = Vocabulary(OF_THIS_WORLD, beside=Vocabulary(COMMON_TO_ALL, ("groove",)))


@pytest.mark.parametrize("known", [ONE, BESIDE])
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("workshpo", "workshop"),
        ("aprove", "approve"),
        ("archvies", "archives"),
        ("waitign", "waiting"),
        ("groove", "groove"),
        ("growe", "grove"),
        ("lamp", "lamp"),
    ],
)
def test_the_nearest_word_is_meant(known: Vocabulary, typed: str, meant: str) -> None:
    assert known.mended(typed) == meant


def test_words_beside_others_leave_those_as_they_are() -> None:
    first = Vocabulary(COMMON_TO_ALL)
    Vocabulary(OF_THIS_WORLD, beside=first)
    assert first.mended("archvies") == "archvies"

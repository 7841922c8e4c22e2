"""Politeness, indirect questions, spans by the hour, and what "he", "it" and "how come?" refer back to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.thinking.grammar import spans
from agents.thinking.grammar.hearing import Asked, Lexicon, heard, lexicon
from agents.thinking.grammar.reference import Spoken, refers, resolved
from agents.thinking.grammar.tokens import clauses

KNOWN: Lexicon = lexicon([("Ezra", ("agent", "ezra")), ("Timmy", ("agent", "timmy")), ("Forge", ("room", "forge"))])


def titled(words: object) -> dict[str, str]:
    assert isinstance(words, list)
    return {word: "subject" for word in words if word in ("relay", "mill")}


def asked(words: str) -> Asked:
    (one,) = heard(words, "timmy", KNOWN, titled)
    return one


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("could you tell me, if it is no trouble, what you did today?", "what did you do today"),
        ("do you know where ezra is", "where is ezra"),
        ("I wonder whether ezra is busy", "is ezra busy"),
        ("tell me why you walk", "why do you walk"),
        ("please", "please"),
        ("tell me about ezra", "tell me about ezra"),
    ],
)
def test_a_polite_question_is_read_as_it_is_put_directly(said: str, plain: str) -> None:
    assert [" ".join(one) for one in clauses(said)] == [plain]


@pytest.mark.parametrize(
    ("words", "tokens"),
    [
        ("what is up with the relay", "what is up with <task>"),
        ("did the tests of the relay pass", "did <task> pass"),
        ("how is the relay project", "how is <task>"),
    ],
)
def test_what_a_task_is_of_stands_for_the_task(words: str, tokens: str) -> None:
    one = asked(words)
    assert (" ".join(one.tokens), one.subjects) == (tokens, ("relay",))


@pytest.mark.parametrize(
    ("words", "tokens"),
    [
        ("is he stuck", "is <agent> stuck"),
        ("how come", "how come <task>"),
        ("who broke it", "who broke <task>"),
        ("where", "where <agent>"),
    ],
)
def test_words_that_refer_back_stand_for_what_was_spoken_of(words: str, tokens: str) -> None:
    spoken = Spoken(agents=("ezra",), tasks=(5, 3))
    one = asked(words)
    assert refers(one)
    assert " ".join(resolved(one, spoken).tokens) == tokens


@pytest.mark.parametrize("words", ["how is it going", "what time is it", "where is ezra", "what did you do today"])
def test_words_that_refer_to_nothing_are_left(words: str) -> None:
    assert not refers(asked(words))


def test_a_question_goes_on_with_another_name() -> None:
    before = asked("what did you do today")
    one = asked("and ezra")
    assert refers(one)
    again = resolved(one, Spoken(asked=before))
    assert (again.agent, again.span, again.intent) == ("ezra", "today", "did")


def test_where_nothing_was_spoken_of_a_word_stays() -> None:
    one = asked("who broke it")
    assert resolved(one, Spoken()) == one


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("what happened since lunch", "since 12:00"),
        ("since 3pm", "since 15:00"),
        ("since 9:30", "since 09:30"),
        ("since monday", "since monday"),
        ("two days ago", "2 days ago"),
        ("since 99", ""),
    ],
)
def test_spans_by_hour_and_day(words: str, key: str) -> None:
    assert spans.found(tuple(words.split()))[1] == key


def test_an_hour_that_is_to_come_is_that_of_yesterday() -> None:
    now = datetime(2026, 4, 1, 10, 0, tzinfo=UTC)
    span = spans.named("since 12:00", now)
    assert (span.since.isoformat(), span.until) == ("2026-03-31T12:00:00+00:00", now)

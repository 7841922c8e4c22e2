"""Who is spoken to, and what a model is shown: pure rules of conversation."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.house.values import Sentence
from agents.thinking.addressing import addressee, missed
from agents.thinking.prompt import (
    MOST_HISTORY,
    MOST_RECORDS,
    MOST_WORDS,
    Portrait,
    Turn,
    build,
    quoted,
    system,
)
from tests.support.hostile import PLANTED

HERE = {"timmy": "Timmy", "allegro": "Allegro", "allegro-primus": "Allegro-Primus"}
TIMMY = Portrait("Timmy", "steward", "calm", "Grey eyes.")
WORDS = st.one_of(st.sampled_from(PLANTED), st.text(max_size=200), st.text("«»‹› a\n\x1b[31m", max_size=50))


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("Timmy, what do you do?", "timmy"),
        ("timmy what now", "timmy"),
        ("Hey Timmy!", "timmy"),
        ("hello, timmy: how are you", "timmy"),
        ("What do you do, Timmy?", "timmy"),
        ("what is new timmy", "timmy"),
        ("so @timmy what now", "timmy"),
        ("Good morning, Timmy.", "timmy"),
        ("Allegro-Primus, come", "allegro-primus"),
        ("allegro, come", "allegro"),
        ("come, Allegro-Primus", "allegro-primus"),
        ("I like Timmy and his work", ""),
        ("Timmy's coat is grey", ""),
        ("Timmy’s coat", ""),
        ("timmyish words", ""),
        ("my-timmy", ""),
        ("", ""),
        ("nobody is meant", ""),
    ],
)
def test_who_is_spoken_to_among_several(words: str, slug: str) -> None:
    assert addressee(words, HERE, others=0) == slug


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("Timmy, what do you do?", "timmy"),
        ("Hey Timmy!", "timmy"),
        ("hello timmy", "timmy"),
        ("Timmy?", "timmy"),
        ("timmy", "timmy"),
        ("What do you do, Timmy?", "timmy"),
        ("so @timmy what now", "timmy"),
        ("Allegro-Primus: come", "allegro-primus"),
        ("@allegro come", "allegro"),
        ("Timmy is late today", ""),
        ("Yesterday I met Timmy.", ""),
        ("I like Timmy and his work", ""),
        ("Timmy's coat is grey", ""),
        ("timmyish, that", ""),
        ("", ""),
    ],
)
def test_who_is_elsewhere_is_meant_only_where_he_is_called(words: str, slug: str) -> None:
    assert missed(words, HERE) == slug
    assert missed(words, {}) == ""


@given(
    st.sampled_from(["{}, come", "hey {}!", "come, {}", "so @{} now", "{}"]),
    st.sampled_from(["TIMMY", "tImMy", "Allegro-PRIMUS"]),
)
def test_a_crowd_of_names_is_no_matter_and_neither_is_case(words: str, name: str) -> None:
    crowd = {f"walker-{n}": f"Walker-{n}" for n in range(3000)} | HERE
    seen: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        search = re.search
        patch.setattr(re, "search", lambda pattern, *rest: seen.append(pattern) or search(pattern, *rest))
        assert missed(words.format(name), crowd) == addressee(words.format(name), crowd, others=1) == name.lower()
    assert len(seen) <= 4, "only names that stand in the words are looked for"


def test_alone_with_one_agent_nobody_else_can_be_meant() -> None:
    one = {"timmy": "Timmy"}
    assert addressee("what now?", one, others=0) == "timmy"
    assert addressee("what now?", one, others=1) == ""
    assert addressee("Timmy, what now?", one, others=9) == "timmy"
    assert addressee("what now?", {}, others=0) == ""


@given(WORDS)
def test_words_are_never_read_as_a_pattern_and_quotes_cannot_be_closed(words: str) -> None:
    addressee(words, HERE, others=1)
    missed(words, HERE)
    shown = quoted(words)
    assert (shown[0], shown[-1], shown.count("«"), shown.count("»")) == ("«", "»", 1, 1)


@given(
    st.lists(st.builds(Sentence, WORDS.map(lambda text: text * 20), st.just(("event:1",))), max_size=40),
    st.lists(st.builds(Turn, WORDS.map(lambda text: text * 9), st.booleans()), max_size=40),
    WORDS.map(lambda text: text * 30),
)
def test_a_prompt_is_bounded_and_begins_the_same_for_all(
    records: list[Sentence], history: list[Turn], words: str
) -> None:
    messages = build(TIMMY, "The owner", records, history, words)
    assert messages[0].content == system(TIMMY)
    assert sum(len(message.content) for message in messages[1:]) <= MOST_HISTORY + MOST_RECORDS + MOST_WORDS + 300
    assert messages[-1].role == "user"
    assert messages[1].role == "user"
    for message in messages[1:]:
        if message.role == "user":
            assert message.content.count("«") == message.content.count("»")


def test_the_newest_turns_are_shown_and_those_before_give_way() -> None:
    history = [Turn(f"turn {number} " + "x" * 500, bool(number % 2)) for number in range(30)]
    shown = build(TIMMY, "The owner", [], history, "and?")[1:-1]
    assert "turn 29" in shown[-1].content and shown[0].role == "user"
    assert len(shown) < 12

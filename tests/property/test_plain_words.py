"""Plain words, read: anything is read, nothing that is read decides by itself, and no line that is typed on rules."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from commands.intents import Guess, Line, Order, Scene, Verdict, read, turned
from commands.intents import vocabulary as words
from commands.intents.scene import slip, words_of

SAFE = words_of(
    "look get drop give say whisper emote inventory go who time quit page tell nick about board lectern agents"
)
SHOWS = words_of(
    "sovereignty status help here map plan why kinds task ask watch unwatch feed history messages score ways arrival "
    "read hush"
)
RULES = words_of("approve ok veto no golden later undo redo edit guest inject world pause resume retry reopen backlog")
ENGINE = words_of("py destroy delete dig open create set force ban wall boot perm emit reload shutdown tel lock")
SCENE = Scene(
    ways={"n": "spire", "north": "spire", "spire": "spire"},
    rooms={"hall": "hall", "reading nook": "reading_nook", "forge": "forge"},
    agents={"timmy": "Timmy", "allegro-primus": "Allegro-Primus"},
    here=frozenset({"timmy"}),
    people=frozenset({"mia"}),
    kinds=frozenset({"survey", "test", "build", "words"}),
    topics=frozenset({"tasks", "verdicts"}),
    commands=SAFE | SHOWS,
    looks=words_of("look inventory who board lectern agents status help here map plan ways score"),
)
KNOWN = sorted(
    {
        *words.LIKE,
        *words.PHRASES,
        *words.GESTURES,
        *words.SENTENCES,
        *words.COMPASS,
        *RULES,
        *ENGINE,
        *SAFE,
        "timmy",
        "task",
        "3",
        "~/x",
        "please",
        "can you",
        "=",
        ";",
        "the",
        "to",
        "and",
        "?",
    }
)
READS = frozenset({"vetoes"})
"""Whole lines that are typed on, and only read."""
TYPED = st.lists(st.sampled_from(KNOWN), min_size=1, max_size=6).map(" ".join)


def _harmless(line: str) -> bool:
    first = line.split()[0].lower()
    return first in SCENE.commands or line in READS or (first == "history" and line == "history 1")


@given(st.text(max_size=200) | TYPED)
def test_anything_is_read_and_what_is_typed_on_is_harmless(line: str) -> None:
    for found in (read(line, SCENE), turned(line, SCENE)):
        if isinstance(found, Line):
            for one in found.lines:
                assert _harmless(one) or one in (line, line.strip()) or one.split()[0] == line.split()[0].lower(), (
                    line,
                    one,
                )
        if isinstance(found, Guess):
            assert not any(one.split()[0] in RULES | ENGINE for one in found.lines), (line, found)


@given(TYPED)
def test_an_order_is_no_verdict_and_a_verdict_names_what_was_typed(line: str) -> None:
    for found in (read(line, SCENE), turned(line, SCENE)):
        if isinstance(found, Order):
            assert found.title.strip()
        if isinstance(found, Verdict):
            assert all(ref.strip("#a") in line for one in found.refs for ref in one.split("-")), (line, found)
            assert not line.rstrip().endswith("?") or not found.typed


@given(st.sampled_from(sorted(words.COMPASS)), st.sampled_from(["", "go ", "walk ", "go to the ", "GO "]))
def test_every_word_for_a_direction_is_one(word: str, before: str) -> None:
    assert read(before + word, SCENE) == Line((f"go {words.COMPASS[word]}",))


@given(st.text("abcdefgh", min_size=1, max_size=8), st.text("abcdefgh", min_size=1, max_size=8))
def test_a_slip_is_a_slip_both_ways_and_of_itself(a: str, b: str) -> None:
    assert slip(a, a, 0)
    assert not slip(a, b, 0) or a == b
    assert not slip(a, b, 1) or slip(a, b, 2)


def test_no_table_stands_for_a_word_that_decides_or_rules() -> None:
    meant = {line.split()[0] for line in (*words.LIKE.values(), *words.PHRASES.values(), *words.NOUNS.values())}
    assert not {one for lines in meant for one in lines.split(";")} & (RULES | ENGINE)

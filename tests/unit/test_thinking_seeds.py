"""Which thought comes next: the terms that are weighed, and what each of them does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from agents.house.values import KINDS, Candidate
from agents.kernel import randomness
from agents.thinking import seeds
from agents.thinking.naming import named
from agents.thinking.seeds import WEIGHTS, Past

NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
BOARD, DISK = Candidate("freeform", "board"), Candidate("creative", "machine")


def past(candidate: Candidate, minutes: float = 5) -> Past:
    return Past("P", candidate.kind, candidate.subject, NOW - timedelta(minutes=minutes))


def score(candidate: Candidate, *recent: Past, chance: float = 0.5) -> float:
    return seeds.weigh(candidate, recent, NOW, chance)["score"]


def test_an_unfinished_thread_raises_its_seed() -> None:
    plain, open_ = Candidate("memory", "task:3"), Candidate("memory", "task:3", unfinished=0.9)
    assert score(open_) - score(plain) == pytest.approx(0.9 * WEIGHTS["unfinished"])


def test_a_seed_just_used_falls_and_rises_again_as_others_follow() -> None:
    other = past(DISK)
    found = [score(BOARD, *[other] * since, past(BOARD)) for since in range(6)]
    assert found == sorted(found)
    assert found[0] < found[-1] < score(BOARD)
    assert score(BOARD, past(Candidate("freeform", "waits"))) < score(BOARD, other), "and so does its kind, a little"


def test_what_happened_just_now_raises_its_seed_and_fades_within_hours() -> None:
    found = [score(Candidate("swarm", "event:7", at=NOW - timedelta(hours=hours))) for hours in (0, 1, 5, 500)]
    assert found == sorted(found, reverse=True)
    assert found[0] - found[1] == pytest.approx(WEIGHTS["recent"] / 2)
    assert found[-1] == score(Candidate("swarm", "event:7"))
    assert score(Candidate("swarm", "event:7", at=NOW + timedelta(hours=1))) == found[0], (
        "a clock that was set back makes nothing fresher than now"
    )


def test_the_terms_are_all_told_and_come_to_the_score() -> None:
    terms = seeds.weigh(Candidate("memory", "plan", 0.8, NOW - timedelta(hours=1)), [past(BOARD)], NOW, 0.25)
    assert terms == {
        "novelty": 1.0,
        "unfinished": 0.8,
        "recent": 0.5,
        "chance": 0.25,
        "score": pytest.approx(1 + 0.8 + 0.4 + 0.1),
    }


def test_chance_decides_between_equals_and_never_against_an_open_thread() -> None:
    equals = [Candidate("freeform", subject) for subject in ("board", "waits", "doing")]
    chosen = {seeds.choose(equals, (), NOW, randomness.seeded(seed)).subject for seed in range(40)}
    assert chosen == {"board", "waits", "doing"}
    open_ = Candidate("memory", "task:3", unfinished=0.9)
    assert {seeds.choose([*equals, open_], (), NOW, randomness.seeded(seed)).subject for seed in range(40)} == {
        "task:3"
    }


def test_every_kind_has_its_turn_when_nothing_happens() -> None:
    idle = [Candidate(kind, f"{kind}-{number}") for kind in KINDS for number in range(3)]
    chance, recent, kinds = randomness.seeded(1), list[Past](), []
    for _ in range(60):
        seed = seeds.choose(idle, recent, NOW, chance)
        recent = [Past("P", seed.kind, seed.subject, NOW), *recent[:7]]
        kinds.append(seed.kind)
    assert set(kinds) == set(KINDS)
    assert all(a != b for a, b in pairwise(kinds)), "and not twice in a row"


def test_from_nothing_there_is_no_seed() -> None:
    with pytest.raises(ValueError, match="empty"):
        seeds.choose([], (), NOW, randomness.seeded(1))


def test_what_is_no_kind_is_the_freest() -> None:
    assert [seeds.kind_of(text) for text in (*KINDS, "mystical", "")] == [*KINDS, "freeform", "freeform"]


def test_the_longest_name_that_stands_whole_is_found() -> None:
    names = [("Allegro", "allegro"), ("Allegro-Primus", "allegro-primus"), ("Hall", "hall"), ("", "nobody")]
    for words, key in {
        "where is allegro-primus?": "allegro-primus",
        "ALLEGRO!": "allegro",
        "shallow": "",
        "the hall.": "hall",
        "": "",
        "allegro-prim": "",
    }.items():
        assert named(words, names) == key, words

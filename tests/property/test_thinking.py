"""Seeds and the queue, whatever happens: hypothesis."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.events.models import Event
from agents.house.values import KINDS, Candidate
from agents.kernel import randomness
from agents.kernel.errors import BadInput, Conflict
from agents.thinking import seeds
from agents.thinking.models import Thought
from agents.thinking.seeds import Past
from agents.thinking.stream import MOST_QUEUED, Stream
from tests.support import services

NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
SUBJECTS = st.sampled_from([*(f"task:{n}" for n in range(4)), "board", "machine", "self"])
INSTANTS = st.none() | st.integers(-100_000, 100_000).map(lambda seconds: NOW + timedelta(seconds=seconds))
CANDIDATES = st.builds(Candidate, st.sampled_from(KINDS), SUBJECTS, st.floats(0, 1), INSTANTS)
PAST = st.lists(st.builds(Past, st.just("P"), st.sampled_from(KINDS), SUBJECTS, st.just(NOW)), max_size=10)


@given(CANDIDATES, PAST, st.floats(0, 1), st.floats(0, 1))
def test_more_that_is_unfinished_never_lowers_a_seed_and_a_thought_of_it_never_raises_it(
    candidate: Candidate, recent: list[Past], chance: float, more: float
) -> None:
    score = seeds.weigh(candidate, recent, NOW, chance)["score"]
    opened = Candidate(candidate.kind, candidate.subject, max(candidate.unfinished, more), candidate.at)
    assert seeds.weigh(opened, recent, NOW, chance)["score"] >= score
    thought = Past("P", candidate.kind, candidate.subject, NOW)
    assert seeds.weigh(candidate, [thought], NOW, chance)["score"] < seeds.weigh(candidate, (), NOW, chance)["score"]


@given(st.lists(CANDIDATES, min_size=1, max_size=20), PAST, st.integers(0, 1000))
def test_what_is_chosen_is_one_of_them_with_the_best_score_and_the_same_again(
    candidates: list[Candidate], recent: list[Past], seed: int
) -> None:
    chosen = seeds.choose(candidates, recent, NOW, randomness.seeded(seed))
    assert chosen == seeds.choose(candidates, recent, NOW, randomness.seeded(seed))
    assert (chosen.kind, chosen.subject) in {(one.kind, one.subject) for one in candidates}
    chance = randomness.seeded(seed)
    scores = [seeds.weigh(one, recent, NOW, chance.random())["score"] for one in candidates]
    assert chosen.terms["score"] == max(scores)
    assert all(0 <= chosen.terms[name] <= 1 for name in seeds.WEIGHTS)


DEEDS = st.one_of(
    st.tuples(st.just("inject"), st.integers(0, 99)),
    st.tuples(st.just("take"), st.just(0)),
    st.tuples(st.just("restart"), st.just(0)),
    st.tuples(st.just("reorder"), st.tuples(st.integers(-1, 6), st.integers(-1, 6))),
)


@pytest.mark.django_db
@settings(database=None, suppress_health_check=list(HealthCheck), max_examples=40)
@given(st.lists(DEEDS, max_size=30))
def test_m7_the_queue_is_a_list_whatever_is_done_to_it(deeds: list[tuple[str, Any]]) -> None:
    """Compared with a list; nothing is lost, nothing is thought twice, and a restart changes nothing."""
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        place = services.make(Path(folder))
        stream, wanted, thought = Stream(place.runtime, place.events), list[str](), list[str]()
        stream.read()
        for number, (deed, given_) in enumerate(deeds):
            place.clock.advance(60)
            if deed == "inject":
                words = f"{number}: {given_}"
                try:
                    stream.inject("timmy", words, services.OWNER, "telnet")
                    wanted.insert(0, words)
                except Conflict:
                    assert len(wanted) == MOST_QUEUED
            elif deed == "take":
                first = stream.take("timmy")
                assert (first.subject if first else None) == (wanted[0] if wanted else None)
                if first:
                    stream.end(first, "so be it", "reflex", [], "", "hall", 100)
                    thought.append(wanted.pop(0))
            elif deed == "restart":
                stream = Stream(place.runtime, place.events)
                stream.read()
            else:
                number_, to = given_
                try:
                    stream.reorder("timmy", number_, to, services.OWNER, "telnet")
                    wanted.insert(to - 1, wanted.pop(number_ - 1))
                except BadInput:
                    assert not (1 <= number_ <= len(wanted) and 1 <= to <= len(wanted))
            assert [one.subject for one in stream.queue("timmy")] == wanted
            assert stream.waiting["timmy"] == len(wanted)
        rows = list(Thought.objects.filter(state="thought").order_by("at"))
        assert [one.subject for one in rows] == thought
        assert [one.parent for one in rows] == (["", *(one.id for one in rows[:-1])] if rows else [])
        assert Event.objects.filter(topic="agent.timmy.thought").count() == len(thought)
        transaction.set_rollback(True)

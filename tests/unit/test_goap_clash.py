"""Why literals that can each be achieved cannot be achieved together, in words."""

from __future__ import annotations

import pytest

from agents.goap import Action, Domain, Goal, explain, run, search
from agents.goap.outcome import Unsolvable
from tests.support.goap_worlds import facts, world
from tests.support.unsolvable import SIZES, World

SMALL = World(SIZES["small"])
INSTANCES = {instance.name: instance for instance in SMALL.instances()}
MODES = "work(local) and work(remote) cannot hold together: whatever brings about one of them takes away the other."

SAID = {
    "two of a group": [MODES],
    "needs two of a group": [
        "proven can never hold, because work(local) and work(remote) cannot hold together.",
        "proven: prove_r0_0 would bring it about, but needs work(local) and work(remote).",
        MODES,
    ],
    "rests on what needs two": [
        "published can never hold, because work(local) and work(remote) cannot hold together.",
        "published: publish_r0_0 would bring it about, but needs proven.",
        "proven: prove_r0_0 would bring it about, but needs work(local) and work(remote).",
        MODES,
    ],
    "made of one thing": [
        "has(badge) and has(key) cannot hold together: of these two and has(seal) only one holds at a time."
    ],
    "rest on one thing": [
        "did(guard) and did(unlock) cannot hold together, because has(badge) and has(key) cannot.",
        "did(guard): guard_r0_0 would bring it about, but needs has(badge).",
        "did(unlock): unlock_r0_0 would bring it about, but needs has(key).",
        "has(badge) and has(key) cannot hold together: of these two and has(seal) only one holds at a time.",
    ],
    "three for two coins": ["has(hat), has(ink) and has(map) cannot all hold together."],
}


def rooms_apart(sentence: str) -> str:
    """The sentence without the room of the action that it names, which chance has placed."""
    words = [w.rsplit("_r", 1)[0] if "_r" in w else w for w in sentence.split()]
    return " ".join(words)


@pytest.mark.parametrize("name", SAID)
def test_the_reason_is_told_from_the_goal_down_to_the_pair(name):
    instance = INSTANCES[name]
    told = explain.unreachable(SMALL.domain, instance.state, instance.goal)
    assert list(map(rooms_apart, told.sentences)) == list(map(rooms_apart, SAID[name]))


def test_one_place_at_a_time():
    domain = world()
    goal = Goal(name="g", condition=["at(me, hall)", "at(me, porch)", "seen(kiln)"])
    outcome = run(search(domain, domain.state(facts()), goal))
    assert isinstance(outcome, Unsolvable)
    told = explain.unreachable(
        domain, domain.state(facts()), goal, outcome=outcome, words=lambda fact: f"you are in the {fact.args[1]}"
    )
    assert told.sentences == (
        "you are in the hall and you are in the porch cannot hold together: "
        "of the 25 facts of their kind only one holds at a time.",
    )
    assert list(map(str, told.conflict)) == ["at(me, hall)", "at(me, porch)"]


def test_what_undoes_one_another_without_a_group():
    """No group: with `both` the two could hold together if they did at first."""
    domain = Domain.compile(
        [
            Action(name="sing", add=["loud"], delete=["asleep"]),
            Action(name="nap", add=["asleep"], delete=["loud"]),
            Action(name="dream", preconditions=["asleep", "loud"], add=["famous", "loud", "asleep"]),
        ],
        {},
    )
    goal = Goal(name="g", condition=["famous"])
    told = explain.unreachable(domain, domain.state([]), goal)
    assert told.sentences[:2] == (
        "famous can never hold, because asleep and loud cannot hold together.",
        "famous: dream would bring it about, but needs asleep and loud.",
    )
    assert told.sentences[2].startswith("asleep and loud cannot hold together: whatever brings about one of them")
    nothing = explain.unreachable(domain, domain.state([]), Goal(name="g", condition=["loud"], negative=["loud"]))
    assert nothing.sentences == ("loud and not loud cannot hold together: the one denies the other.",)


def test_a_goal_that_can_be_reached_has_nothing_to_tell():
    instance = INSTANCES["one phase"]
    told = explain.unreachable(SMALL.domain, instance.state, instance.goal)
    assert told.sentences == ("Each part of g can be reached by itself.",)
    assert told.clash is None

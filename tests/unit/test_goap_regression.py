"""Proofs that a goal is impossible: both kinds, three sizes, and who is to blame."""

from __future__ import annotations

import itertools

import pytest

from agents.goap import Action, Domain, Goal, run
from agents.goap.regression import Reached, Refuted, Undecided, regress
from tests.support.unsolvable import SIZES, World

WORLDS = {name: World(size) for name, size in SIZES.items()}
EACH = [(size, instance) for size, world in WORLDS.items() for instance in world.instances()]


@pytest.mark.parametrize(("size", "instance"), EACH, ids=[f"{size}: {instance.name}" for size, instance in EACH])
def test_each_kind_is_told_and_blamed(size, instance):
    domain = WORLDS[size].domain
    proof = run(regress(domain, instance.state, domain.goal(instance.goal)))
    if instance.kind == "solvable":
        assert isinstance(proof, Reached)
        state = instance.state
        for i in proof.actions:
            assert not domain.pre[i] & ~state
            state = domain.apply(state, i)
        assert domain.holds(state, instance.goal)
        return
    assert isinstance(proof, Refuted)
    said = tuple(str(f) for f in domain.literals(proof.missing or proof.conflict))
    assert said == (instance.blame or tuple(map(str, instance.goal.condition)))
    assert bool(proof.missing) == (len(said) == 1)


def test_mutex_is_proven_in_little_work_at_the_large_size():
    """Work is counted, not timed: no backward search, few slices."""
    world = WORLDS["large"]
    for instance in world.instances():
        if instance.kind == "mutex":
            slices = regress(world.domain, instance.state, world.domain.goal(instance.goal))
            counted = list(slices)
            assert len(counted) <= 30, instance.name
            assert max((p.nodes for p in counted), default=0) <= 20, instance.name


def test_the_cap_and_the_size_of_a_slice_are_in_nodes():
    world = WORLDS["large"]
    start, target = world.state(), world.domain.goal(Goal(name="g", condition=["phase(p3)", "did(guard)"]))
    proof = run(regress(world.domain, start, target, max_nodes=40))
    assert proof == Undecided(40)
    nodes = [p.nodes for p in regress(world.domain, start, target, max_nodes=40, slice_nodes=2)]
    assert all(after - before <= 2 for before, after in itertools.pairwise(nodes))


def test_a_closed_proof_does_nothing_more():
    world = WORLDS["large"]
    slices = regress(world.domain, world.state(), world.domain.goal(Goal(name="g", condition=["phase(p1)"])))
    next(slices)
    slices.close()
    assert list(slices) == []


def test_what_always_can_be_done_goes_with_all_that_comes_later():
    """An action without preconditions brings its fact beside those that came after it was first done."""
    domain = Domain.compile(
        [Action(name="use", preconditions=["p"], add=["q"], delete=["p"]), Action(name="make", add=["p"])], {}
    )
    proof = run(regress(domain, domain.state([]), domain.goal(Goal(name="g", condition=["p", "q"]))))
    assert isinstance(proof, Reached)
    assert [domain.texts[i] for i in proof.actions] == ["make", "use", "make"]


def test_a_group_that_does_not_stand_in_the_state_proves_nothing():
    domain = Domain.compile(
        [
            Action(name=f"go-{a}-{b}", preconditions=[f"at({a})"], add=[f"at({b})"], delete=[f"at({a})"])
            for a, b in ("xy", "yx")
        ],
        {},
    )
    both = domain.goal(Goal(name="g", condition=["at(x)", "at(y)"]))
    assert isinstance(run(regress(domain, domain.state(["at(x)"]), both)), Refuted)
    assert run(regress(domain, domain.state(["at(x)", "at(y)"]), both)) == Reached((), 0)


def test_a_proof_is_the_same_in_every_run():
    world, again = World(SIZES["medium"]), World(SIZES["medium"]).domain
    instance = next(i for i in world.instances() if i.name == "three for two coins")
    target = world.domain.goal(instance.goal)
    assert list(regress(world.domain, instance.state, target)) == list(regress(again, instance.state, target))
    proof = run(regress(again, instance.state, target))
    assert proof == run(regress(world.domain, instance.state, target))
    assert isinstance(proof, Refuted)
    assert proof.conflict == target

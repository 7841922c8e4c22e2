"""Mutex groups and proofs of impossibility against all states of small random problems.

Brute force reads the action models through `Sim`, never a mask.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.goap import Action, Domain, Fact, Goal, explain, run
from agents.goap.domain import bits
from agents.goap.regression import Reached, Refuted, regress
from tests.property.test_goap import FACTS, Sim, true_in

names = st.frozensets(st.sampled_from(FACTS), max_size=2)


@st.composite
def worlds(draw: st.DrawFn) -> Sim:
    """Actions that mostly exchange facts, so that groups are common."""
    actions = []
    for i in range(draw(st.integers(2, 7))):
        need, add, forbid = draw(names), draw(names), draw(st.frozensets(st.sampled_from(FACTS), max_size=1))
        taken = draw(st.sampled_from([need, need, frozenset[Fact](), draw(names)]))
        actions.append(
            Action(
                name=f"a{i}",
                preconditions=sorted(need),
                negative=sorted(forbid - need),
                add=sorted(add),
                delete=sorted(taken),
            )
        )
    return Sim(tuple(actions))


@given(worlds(), st.data())
@settings(max_examples=100)
def test_every_group_found_holds_wherever_it_held_once(sim, data):
    domain = Domain.compile(sim.actions, {}, FACTS)
    for mask in domain.groups:
        group = frozenset(domain.literals(mask))
        start = data.draw(st.frozensets(st.sampled_from(FACTS)).filter(lambda facts, g=group: len(facts & g) <= 1))
        assert all(len(facts & group) <= 1 for facts in sim.all_states(start))


@st.composite
def tasks(draw: st.DrawFn) -> tuple[Sim, frozenset[Fact], Goal]:
    """A world with a start and a goal of up to four literals."""
    wanted = draw(st.lists(st.sampled_from(FACTS), min_size=1, max_size=4, unique=True))
    split = draw(st.integers(0, 1)) if len(wanted) > 1 else 0
    start = draw(st.frozensets(st.sampled_from(FACTS), max_size=4))
    return draw(worlds()), start, Goal(name="g", condition=sorted(wanted[split:]), negative=wanted[:split])


@given(tasks())
@settings(max_examples=200)
def test_a_proof_is_right_decides_and_blames_no_more_than_it_must(task):
    sim, start, goal = task
    domain = Domain.compile(sim.actions, {}, FACTS)
    target = domain.goal(goal)
    reachable = [domain.state(facts) for facts in sim.all_states(start)]
    proof = run(regress(domain, domain.state(start), target))
    possible = any(not target & ~state for state in reachable)
    if isinstance(proof, Reached):
        assert possible
        assert sim.works(start, goal, [domain.texts[i] for i in proof.actions])
        return
    assert isinstance(proof, Refuted)
    assert not possible
    for literal in bits(proof.missing):
        assert not any(state >> literal & 1 for state in reachable)
    if not proof.missing:
        assert not proof.conflict & ~target
        assert not any(not proof.conflict & ~state for state in reachable)
        for literal in bits(proof.conflict):
            assert any(not proof.conflict & ~(1 << literal) & ~state for state in reachable)
    told = explain.unreachable(domain, domain.state(start), goal)
    if told.clash:
        assert not any(all(true_in(f, facts) for f in told.clash.pair) for facts in sim.all_states(start))

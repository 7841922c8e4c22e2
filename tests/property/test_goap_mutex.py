"""Mutex groups and proofs of impossibility against all states of small random problems.

Brute force reads the action models through `Sim`, never a mask.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.goap import Action, Domain, Fact
from tests.property.test_goap import FACTS, Sim

names = st.frozensets(st.sampled_from(FACTS), max_size=2)


@st.composite
def worlds(draw: st.DrawFn) -> Sim:
    """Actions that mostly exchange facts, so that groups are common."""
    actions = []
    for i in range(draw(st.integers(2, 7))):
        need, add, forbid = draw(names), draw(names), draw(st.frozensets(st.sampled_from(FACTS), max_size=1))
        taken = draw(st.sampled_from([need, need, frozenset[Fact](), draw(names)]))
        actions.append(
            Action(name=f"a{i}", preconditions=sorted(need), negative=sorted(forbid - need), add=sorted(add), delete=sorted(taken))
        )
    return Sim(tuple(actions))


@given(worlds(), st.data())
@settings(max_examples=150, deadline=None)
def test_every_group_found_holds_wherever_it_held_once(sim, data):
    domain = Domain.compile(sim.actions, {}, FACTS)
    for mask in domain.groups:
        group = frozenset(domain.literals(mask))
        start = data.draw(st.frozensets(st.sampled_from(FACTS)).filter(lambda facts, g=group: len(facts & g) <= 1))
        assert all(len(facts & group) <= 1 for facts in sim.all_states(start))

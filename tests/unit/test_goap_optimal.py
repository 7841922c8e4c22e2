"""The cheapest plan, with proof: known optima, bounds, penalties, limits."""

from __future__ import annotations

import pytest

from agents.goap import Action, Domain, GaveUp, Goal, Solved, Unsolvable, run
from agents.goap.optimal import optimal
from agents.goap.optimal.compact import arranged, reduce
from agents.goap.optimal.lmcut import lmcut
from agents.goap.pddl import read
from agents.kernel.errors import BadInput
from tests.bench.planning import peers
from tests.support import others
from tests.support.planning_instances import house
from tests.support.planning_instances.known import KNOWN

OTHERS = {
    "prob4-0": 6,
    "prob6-0": 12,
    "prob8-0": 18,
    "prob01": 11,
    "prob02": 17,
    "prob03": 23,
    "instance-1": 20,
    "instance-3": 15,
    "small-p": 6,
    "medium-p": 13,
}
"""The least costs of the competitions' own problems, where they lie beside the project."""


def test_known_optima():
    found = [(i.name, i.domain, i.problem, cost) for name, (i, cost) in KNOWN.items() if name != "large"]
    found += [(p.stem, d.read_text(), p.read_text(), OTHERS[p.stem]) for d, p in others.problems() if p.stem in OTHERS]
    for name, domain_text, problem_text, cost in found:
        domain, state, goal = read(domain_text, problem_text).compile()
        outcome = run(optimal(domain, state, goal))
        assert isinstance(outcome, Solved) and outcome.optimal and outcome.plan.cost == outcome.spent == cost, name


@pytest.mark.parametrize("name", ["blocks 8", "gripper 6", "logistics 4", "medium"])
def test_a_planner_that_is_not_ours_finds_the_same_least_cost(name):
    instance, cost = KNOWN[name]
    with peers.Downward(instance.domain, instance.problem) as planner:
        assert planner.search(peers.Downward.OPTIMAL).cost == cost


def test_the_houses_are_those_that_were_measured_before():
    """Where the problems of earlier measurements lie beside the project, ours are the same, action for action."""
    for domain, problem in others.problems():
        name = problem.stem.removesuffix("-p")
        if name in house.LEAST:
            assert read(*house.texts(name)).compile() == read(domain.read_text(), problem.read_text()).compile()


def carrying(balls: int, *, cost: int = 1) -> tuple[Domain, int, Goal]:
    """Two hands carry balls from here to there."""
    walk = Action(
        name="walk",
        parameters={"?p": "place", "?q": "place"},
        distinct=[("?p", "?q")],
        preconditions=["me(?p)"],
        add=["me(?q)"],
        delete=["me(?p)"],
        cost=cost,
    )
    take = Action(
        name="take",
        parameters={"?b": "ball", "?h": "hand", "?p": "place"},
        preconditions=["me(?p)", "at(?b, ?p)", "free(?h)"],
        add=["held(?b, ?h)"],
        delete=["at(?b, ?p)", "free(?h)"],
    )
    put = Action(
        name="put",
        parameters={"?b": "ball", "?h": "hand", "?p": "place"},
        preconditions=["me(?p)", "held(?b, ?h)"],
        add=["at(?b, ?p)", "free(?h)"],
        delete=["held(?b, ?h)"],
    )
    things = [f"b{i}" for i in range(balls)]
    domain = Domain.compile([walk, take, put], {"ball": things, "hand": ["left", "right"], "place": ["here", "there"]})
    start = domain.state([f"at({b}, here)" for b in things] + ["me(here)", "free(left)", "free(right)"])
    return domain, start, Goal(name="carry", condition=[f"at({b}, there)" for b in things])


def test_ten_balls_are_carried_because_they_are_exchangeable():
    outcome = run(optimal(*carrying(10), max_nodes=2_000))
    assert isinstance(outcome, Solved) and outcome.plan.cost == 29


def test_exchangeable_objects_lie_side_by_side():
    domain, start, goal = carrying(4)
    reduced = reduce(domain, start, domain.goal(goal), domain.costs)
    assert reduced is not None
    task, exchanges = arranged(domain, *reduced)
    assert [(e.first, e.objects) for e in exchanges] == [(0, 4)]
    assert lmcut(task)(task.start, [])[0] <= 11


def test_what_costs_nothing_is_free():
    outcome = run(optimal(*carrying(3, cost=0)))
    assert isinstance(outcome, Solved) and outcome.spent == 6


def test_penalties_count():
    domain, start, goal = carrying(2)
    plain, dear = (run(optimal(domain, start, goal, penalties=p)) for p in (None, {"take(b0, left, here)": 5}))
    assert isinstance(plain, Solved) and isinstance(dear, Solved)
    assert plain.spent == dear.spent == dear.plan.cost == 5
    assert "take(b0, left, here)" not in dear.plan.texts
    unavoidable = run(optimal(domain, start, goal, penalties={"walk": 4}))
    assert isinstance(unavoidable, Solved) and (unavoidable.spent, unavoidable.plan.cost) == (9, 5)


def test_impossible_goals():
    domain, start, _ = carrying(2)
    both = run(optimal(domain, start, Goal(name="two places", condition=["at(b0, here)", "at(b0, there)"])))
    assert isinstance(both, Unsolvable)
    strange = run(optimal(domain, start, Goal(name="strange", condition=["at(b9, here)"])))
    assert isinstance(strange, Unsolvable) and strange.unknown


def test_impossible_goals_beyond_the_first_search(monkeypatch):
    monkeypatch.setattr("agents.goap.optimal.FIRST_NODES", 20)
    domain, start, _ = carrying(3)
    full = Goal(name="juggle", condition=["held(b0, left)", "held(b1, right)", "free(left)"])
    three = Goal(
        name="juggle",
        condition=["me(there)"],
        negative=["at(b0, here)", "at(b1, here)", "at(b2, here)", "at(b0, there)", "at(b1, there)", "at(b2, there)"],
    )
    for goal in (full, three):
        assert isinstance(run(optimal(domain, start, goal)), Unsolvable)


def test_a_goal_that_holds_needs_nothing():
    domain, start, _ = carrying(2)
    outcome = run(optimal(domain, start, Goal(name="stay", condition=["me(here)"])))
    assert isinstance(outcome, Solved) and outcome.optimal and not outcome.plan.actions


def test_the_cap_ends_it_and_the_best_plan_is_told_before():
    told = list(optimal(*carrying(4), max_nodes=25))  # a generator in a list gives its slices alone
    outcome = run(optimal(*carrying(4), max_nodes=25))
    assert isinstance(outcome, GaveUp) and outcome.limit == 25 and 25 <= outcome.nodes < 50
    assert told[-1].plan is not None and told[-1].plan.cost >= 11


def test_it_can_be_cancelled():
    slices = optimal(*carrying(6))
    for _ in range(20):
        next(slices)
    slices.close()
    assert next(slices, None) is None


def test_numbers_out_of_range():
    with pytest.raises(BadInput, match="max_nodes 0"):
        next(optimal(*carrying(1), max_nodes=0))
    with pytest.raises(BadInput, match="slice_work 0"):
        next(optimal(*carrying(1), slice_work=0))

"""The planner against an independent simulator and an exhaustive search over sets of facts.

Nothing here reads a bit mask to judge a plan: `Sim` knows only the action models.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from agents.goap import (
    GOAL,
    Action,
    Domain,
    Fact,
    GaveUp,
    Goal,
    Plan,
    Solved,
    Unsolvable,
    explain,
    run,
    search,
)
from agents.goap.policy import Policy

FACTS = tuple(Fact(predicate=f"p{i}") for i in range(6))
Facts = frozenset[Fact]


@dataclass(frozen=True)
class Sim:
    """STRIPS with negative preconditions, read straight from the models."""

    actions: tuple[Action, ...]

    def named(self, name: str) -> Action:
        return next(a for a in self.actions if a.name == name)

    def able(self, action: Action, facts: Facts) -> bool:
        return facts.issuperset(action.preconditions) and facts.isdisjoint(action.negative)

    def after(self, action: Action, facts: Facts) -> Facts:
        return (facts - frozenset(action.delete)) | frozenset(action.add)

    def reached(self, goal: Goal, facts: Facts) -> bool:
        return facts.issuperset(goal.condition) and facts.isdisjoint(goal.negative)

    def works(self, facts: Facts, goal: Goal, names: Iterable[str]) -> bool:
        for name in names:
            if not self.able(self.named(name), facts):
                return False
            facts = self.after(self.named(name), facts)
        return self.reached(goal, facts)

    def all_states(self, start: Facts) -> set[Facts]:
        seen, todo = {start}, [start]
        while todo:
            facts = todo.pop()
            for action in self.actions:
                if self.able(action, facts) and (new := self.after(action, facts)) not in seen:
                    seen.add(new)
                    todo.append(new)
        return seen

    def least(self, start: Facts, goal: Goal, costs: dict[str, int], through: str = "") -> int | None:
        """Dijkstra over (facts, whether `through` was done); None when there is no plan."""
        best: dict[tuple[Facts, bool], int] = {(start, not through): 0}
        queue: list[tuple[int, int, Facts, bool]] = [(0, 0, start, not through)]
        order = 0
        while queue:
            cost, _, facts, used = heapq.heappop(queue)
            if cost > best[facts, used]:
                continue
            if used and self.reached(goal, facts):
                return cost
            for action in self.actions:
                if self.able(action, facts):
                    node = (self.after(action, facts), used or action.name == through)
                    if cost + costs[action.name] < best.get(node, 1 << 40):
                        best[node] = cost + costs[action.name]
                        order += 1
                        heapq.heappush(queue, (best[node], order, *node))
        return None


@dataclass(frozen=True)
class Problem:
    sim: Sim
    start: Facts
    goal: Goal

    @property
    def costs(self) -> dict[str, int]:
        return {a.name: a.cost for a in self.sim.actions}

    def domain(self) -> Domain:
        return Domain.compile(self.sim.actions, {}, FACTS)


some = st.frozensets(st.sampled_from(FACTS), max_size=2)
few = st.one_of(st.just(frozenset[Fact]()), st.frozensets(st.sampled_from(FACTS), max_size=1))


@st.composite
def problems(draw: st.DrawFn, *, led: bool = True) -> Problem:
    """Random actions; if `led`, a ladder among them leads to a goal, unless something random breaks it."""
    rungs = draw(st.permutations(FACTS))[: draw(st.integers(1, len(FACTS)))]
    actions = []
    for i in range(len(rungs) - 1 + draw(st.integers(1, 5))):
        ladder = led and i + 1 < len(rungs)
        need = {rungs[i]} if ladder else draw(some)
        add = {rungs[i + 1]} | draw(few) if ladder else draw(some)
        forbid = draw(few if ladder else some)
        actions.append(
            Action(
                name=f"a{i}",
                preconditions=tuple(sorted(need)),
                negative=tuple(sorted(forbid - need)),
                add=tuple(sorted(add)),
                delete=tuple(sorted(draw(some))),
                cost=draw(st.integers(1, 4)),
            )
        )
    want = {rungs[-1]} | draw(few)
    goal = Goal(name="g", condition=tuple(sorted(want)), negative=tuple(sorted(draw(few) - want)))
    return Problem(Sim(tuple(actions)), frozenset({rungs[0]}) | draw(few), goal)


states = st.frozensets(st.sampled_from(FACTS))


def names(plan: Plan) -> list[str]:
    return [s.action for s in plan.steps]


@given(problems(), st.integers(0, 4), st.none() | st.integers(0, 50))
def test_plans_are_valid_and_found_whenever_there_is_one(problem: Problem, weight: int, improve: int | None) -> None:
    domain = problem.domain()
    outcome = run(search(domain, domain.state(problem.start), problem.goal, weight=weight, improve=improve))
    least = problem.sim.least(problem.start, problem.goal, problem.costs)
    if least is None:
        assert isinstance(outcome, Unsolvable)
        return
    assert isinstance(outcome, Solved)
    assert problem.sim.works(problem.start, problem.goal, names(outcome.plan))
    assert outcome.plan.cost == outcome.spent == sum(problem.costs[n] for n in names(outcome.plan)) >= least


@given(problems(), st.integers(1, 50))
def test_going_on_makes_a_plan_no_dearer_and_whoever_stops_has_the_best_so_far(problem: Problem, improve: int) -> None:
    domain = problem.domain()
    state = domain.state(problem.start)
    first = run(search(domain, state, problem.goal, improve=0))
    slices = search(domain, state, problem.goal, improve=improve, slice_nodes=1)
    spent = None
    try:
        while True:
            held = next(slices).plan
            if held is not None:
                assert problem.sim.works(problem.start, problem.goal, names(held))
                assert spent is None or held.cost <= spent
                spent = held.cost
    except StopIteration as end:
        last = end.value
    assert type(first) is type(last)
    if isinstance(last, Solved):
        assert last.spent <= first.spent
        assert spent is None or last.spent <= spent


@given(problems(), st.dictionaries(st.sampled_from([f"a{i}" for i in range(10)]), st.integers(0, 20), max_size=4))
def test_penalties_are_costs(problem: Problem, penalties: dict[str, int]) -> None:
    domain = problem.domain()
    costs = {n: c + penalties.get(n, 0) for n, c in problem.costs.items()}
    outcome = run(search(domain, domain.state(problem.start), problem.goal, penalties=penalties))
    if isinstance(outcome, Solved):
        assert outcome.spent == sum(costs[n] for n in names(outcome.plan))
        assert outcome.plan.cost == sum(problem.costs[n] for n in names(outcome.plan))
        assert outcome.spent >= problem.sim.least(problem.start, problem.goal, costs)


@given(problems(), st.data())
def test_through_forces_an_action_into_the_plan(problem: Problem, data: st.DataObject) -> None:
    domain = problem.domain()
    forced = data.draw(st.sampled_from(domain.texts))
    outcome = run(search(domain, domain.state(problem.start), problem.goal, through=forced))
    least = problem.sim.least(problem.start, problem.goal, problem.costs, forced)
    if least is None:
        assert isinstance(outcome, Unsolvable)
    else:
        assert isinstance(outcome, Solved)
        assert forced in names(outcome.plan)
        assert outcome.spent >= least
        assert problem.sim.works(problem.start, problem.goal, names(outcome.plan))


@given(problems(), st.integers(1, 9), st.integers(0, 3))
def test_slices_give_the_same_outcome_as_one_go(problem: Problem, size: int, weight: int) -> None:
    domain = problem.domain()
    state = domain.state(problem.start)
    assert run(search(domain, state, problem.goal, weight=weight, slice_nodes=size)) == run(
        search(domain, state, problem.goal, weight=weight, slice_nodes=10**6)
    )


@given(problems(), st.integers(1, 12))
def test_the_node_cap_holds_and_never_lies(problem: Problem, cap: int) -> None:
    domain = problem.domain()
    outcome = run(search(domain, domain.state(problem.start), problem.goal, max_nodes=cap))
    solvable = problem.sim.least(problem.start, problem.goal, problem.costs) is not None
    if isinstance(outcome, GaveUp):
        assert outcome.nodes == outcome.limit == cap
    else:
        assert isinstance(outcome, Solved) == solvable


def true_in(literal: Fact, facts: Facts) -> bool:
    """What a literal of the planner says about a set of facts."""
    if literal.predicate.startswith("not-"):
        return Fact(predicate=literal.predicate[4:], args=literal.args) not in facts
    return literal in facts


@given(st.one_of(problems(), problems(led=False)))
def test_what_is_said_to_be_unreachable_is_in_no_reachable_state(problem: Problem) -> None:
    domain = problem.domain()
    outcome = run(search(domain, domain.state(problem.start), problem.goal))
    if not isinstance(outcome, Unsolvable):
        return
    reachable = problem.sim.all_states(problem.start)
    wanted = [lambda s, f=f: f in s for f in problem.goal.condition]
    wanted += [lambda s, f=f: f not in s for f in problem.goal.negative]
    assert not outcome.unknown
    for literal in outcome.missing:
        assert not any(true_in(literal, s) for s in reachable)
    if not outcome.missing and not outcome.conflict:
        # No part alone and no pair is to blame, or it would have been named.
        assert all(any(w(s) for s in reachable) for w in wanted)
        pairs = [(a, b) for i, a in enumerate(wanted) for b in wanted[i + 1 :]]
        assert all(any(a(s) and b(s) for s in reachable) for a, b in pairs)
    if outcome.conflict:
        assert len(outcome.conflict) >= 2  # three may exclude each other of which each two do not
        assert not any(all(true_in(c, s) for c in outcome.conflict) for s in reachable)


@given(problems(), states)
def test_resume_is_the_last_step_from_which_the_rest_works(problem: Problem, now: Facts) -> None:
    domain = problem.domain()
    outcome = run(search(domain, domain.state(problem.start), problem.goal))
    if not isinstance(outcome, Solved):
        return
    steps = names(outcome.plan)
    works = [i for i in range(len(steps) + 1) if problem.sim.works(now, problem.goal, steps[i:])]
    assert outcome.plan.resume(domain, domain.state(now)) == (works[-1] if works else None)
    # The same through another domain that knows more: kernels are made anew.
    wider = Domain.compile([*problem.sim.actions, Action(name="zz", add=["q"])], {}, FACTS)
    assert outcome.plan.resume(wider, wider.state(now)) == (works[-1] if works else None)


@given(problems())
def test_execution_resumes_at_the_next_step_or_later(problem: Problem) -> None:
    domain = problem.domain()
    outcome = run(search(domain, domain.state(problem.start), problem.goal))
    if not isinstance(outcome, Solved):
        return
    facts = problem.start
    for step in outcome.plan.steps:
        at = outcome.plan.resume(domain, domain.state(facts))
        assert at is not None
        assert at >= step.index
        facts = problem.sim.after(problem.sim.named(step.action), facts)
    assert outcome.plan.resume(domain, domain.state(facts)) == len(outcome.plan)


@given(problems())
def test_every_causal_link_is_real_and_every_step_has_one(problem: Problem) -> None:
    domain = problem.domain()
    outcome = run(search(domain, domain.state(problem.start), problem.goal))
    if not isinstance(outcome, Solved):
        return
    plan = outcome.plan
    trace = [problem.start]
    for step in plan.steps:
        trace.append(problem.sim.after(problem.sim.named(step.action), trace[-1]))
    for step in plan.steps:
        assert step.serves
        for link in step.serves:
            end = len(plan) if link.consumer == GOAL else link.consumer
            assert step.index < end
            assert not true_in(link.fact, trace[step.index])
            assert all(true_in(link.fact, s) for s in trace[step.index + 1 : end + 1])
            user = problem.goal if link.consumer == GOAL else problem.sim.named(plan.steps[end].action)
            needs = user.condition if isinstance(user, Goal) else user.preconditions
            negative = [Fact(predicate=f"not-{f.predicate}") for f in user.negative]
            assert link.fact in (*needs, *negative)
        reasons = explain.why(domain, plan, step.index)
        assert reasons.chain[0][0] == step.index
        assert reasons.chain[-1][1].consumer == GOAL
        assert len(reasons.sentences) == len(reasons.chain)


def relaxed(problem: Problem, start: frozenset[Fact]) -> set[Fact]:
    """All literals reachable when nothing becomes false, by the textbook fixpoint."""
    found = set(start)
    while True:
        new = set(found)
        for a in problem.sim.actions:
            needs = {*a.preconditions, *(Fact(predicate=f"not-{f.predicate}") for f in a.negative)}
            if needs <= found:
                new |= set(a.add) | {Fact(predicate=f"not-{f.predicate}") for f in set(a.delete) - set(a.add)}
        if new == found:
            return found
        found = new


@given(st.one_of(problems(), problems(led=False)))
def test_blame_names_what_is_out_of_reach_and_what_would_put_it_in_reach(problem: Problem) -> None:
    domain = problem.domain()
    told = explain.unreachable(domain, domain.state(problem.start), problem.goal)
    literals = frozenset(f if f in problem.start else Fact(predicate=f"not-{f.predicate}") for f in FACTS)
    wanted = {*problem.goal.condition, *(Fact(predicate=f"not-{f.predicate}") for f in problem.goal.negative)}
    reach = relaxed(problem, literals)
    assert set(told.missing) == wanted - reach
    assert bool(told.roots) == bool(told.missing)
    assert not set(told.roots) & reach
    assert set(told.missing) <= relaxed(problem, literals | set(told.roots))
    # Each blamed fact leads on to another, down to the roots, and none is blamed twice.
    blamed = [b.fact for b in told.chain]
    assert len(blamed) == len(set(blamed))
    assert {b.fact for b in told.chain if not b.action} == set(told.roots)
    for b in told.chain:
        assert b.fact not in reach
        assert not set(b.needs) & reach
        assert not b.action or set(b.needs) & set(blamed)


@given(problems(), st.data())
def test_why_not_answers_for_every_action(problem: Problem, data: st.DataObject) -> None:
    domain = problem.domain()
    action = problem.sim.named(data.draw(st.sampled_from(domain.texts)))
    state = domain.state(problem.start)
    told = explain.why_not(domain, state, problem.goal, action.name)
    assert told.sentences
    lacking = {f for f in action.preconditions if f not in problem.start}
    lacking |= {Fact(predicate=f"not-{f.predicate}") for f in action.negative if f in problem.start}
    assert set(told.missing) == lacking
    least = problem.sim.least(problem.start, problem.goal, problem.costs)
    within = problem.sim.least(problem.start, problem.goal, problem.costs, action.name)
    if told.verdict == "impossible":
        assert within is None
    elif told.verdict == "unneeded":
        assert within is None or least is None or within > least
    elif told.verdict in ("planned", "dearer", "equal", "cheaper"):
        assert within is not None


@st.composite
def maps(draw: st.DrawFn) -> tuple[list[str], list[str], str, str]:
    rooms = [f"r{i}" for i in range(draw(st.integers(2, 6)))]
    doors = draw(st.lists(st.tuples(st.sampled_from(rooms), st.sampled_from(rooms)), max_size=12, unique=True))
    ends = draw(st.tuples(st.sampled_from(rooms), st.sampled_from(rooms)))
    return rooms, [f"open({a}, {b})" for a, b in doors], *ends


@given(maps())
def test_static_pruning_changes_no_plan(where: tuple[list[str], list[str], str, str]) -> None:
    rooms, doors, here, there = where
    go = Action(
        name="go",
        parameters={"?a": "room", "?b": "room"},
        preconditions=["at(me, ?a)", "open(?a, ?b)"],
        add=["at(me, ?b)"],
        delete=["at(me, ?a)"],
    )
    goal = Goal(name="walk", condition=[f"at(me, {there})"])
    found = []
    for static in (None, doors):
        domain = Domain.compile([go], {"room": rooms}, [f"at(me, {r})" for r in rooms], static=static)
        outcome = run(search(domain, domain.state([f"at(me, {here})", *doors]), goal))
        found.append([s.action for s in outcome.plan.steps] if isinstance(outcome, Solved) else None)
        if static and doors:
            assert len(domain) == len(doors)
    assert found[0] == found[1]


@given(problems(), st.lists(states, max_size=6))
def test_whatever_changes_outside_no_step_is_taken_whose_preconditions_fail(
    problem: Problem, shocks: list[Facts]
) -> None:
    """An agent that resumes, asks the shared policy, then searches; after each step anything may have changed."""
    domain = problem.domain()
    policy = Policy(domain, problem.goal)
    facts, plan = problem.start, None
    for shock in [*shocks, *[None] * 40]:
        state = domain.state(facts)
        position = plan.resume(domain, state) if plan else None
        if position is None:
            plan, position = policy.advise(state), 0
        if plan is None:
            outcome = run(search(domain, state, problem.goal))
            assert isinstance(outcome, Solved) == (problem.sim.least(facts, problem.goal, problem.costs) is not None)
            if not isinstance(outcome, Solved):
                return
            plan = outcome.plan
            policy.learn(plan)
        assert problem.sim.works(facts, problem.goal, names(plan)[position:]), (
            "what is resumed or advised works to the end"
        )
        if position == len(plan):
            assert domain.holds(state, problem.goal)
            return
        action = problem.sim.named(plan.steps[position].action)
        assert problem.sim.able(action, facts)
        facts = problem.sim.after(action, facts)
        if shock is not None:
            facts = shock
    raise AssertionError("left alone, the agent reaches its goal")

"""How quickly plans are found, and how dear they are, beside other planners on the same starts.

Owns the problems, their starts and the passes. A pass plans from every start: ours, then each peer's, in
turn, so that what disturbs the machine disturbs both. Before each of our passes the domain is
compiled anew, so that nothing is left of earlier ones.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from agents.goap import Domain, Goal, Solved, run, search
from agents.goap.pddl import Problem, read
from agents.goap.task import Task
from tests.bench.planning import peers
from tests.support import plan_check
from tests.support.planning_instances import house, make
from tests.support.planning_instances.known import KNOWN

GENERATED = (("logistics", 4, 1), ("depots", 2, 0), ("satellite", 4, 0))
"""Kind, size and seed of the competitions' problems that are measured too."""

STARTS = 30
PASSES = 30
MOST_SECONDS = 20
"""CPU a slow peer may take for a problem, others than the target's a quarter; its passes are fewer then, at least two.
"""


@dataclass(frozen=True)
class Case:
    """A problem to be measured: its texts, and `known`, the least cost of a plan."""

    name: str
    domain_text: str
    problem_text: str
    known: int | None = None

    @cached_property
    def problem(self) -> Problem:
        return read(self.domain_text, self.problem_text)

    @cached_property
    def compiled(self) -> tuple[Domain, int, Goal]:
        return self.problem.compile()


def known(name: str) -> Case:
    """A problem whose least cost is known."""
    instance, least = KNOWN[name]
    return Case(instance.name, instance.domain, instance.problem, least)


def generated(kind: str, size: int, seed: int) -> Case:
    """An instance made here."""
    instance = make(kind, size, seed)
    return Case(instance.name, instance.domain, instance.problem)


def cases() -> Iterator[Case]:
    """Every problem whose plans are timed."""
    for name in house.LEAST:
        yield known(name)
    for given in GENERATED:
        yield generated(*given)


def starts(case: Case, count: int = STARTS, seed: int = 1) -> list[int]:
    """Distinct starts: the problem's own, then where random walks from it end (up to 40 steps).

    Left out are states without a plan, and those from which a plan costs less than half of what it
    costs from the problem's own start: a plan of two steps is no measure. Where the problem has
    fewer such states, all that a thousand walks find.
    """
    domain, first, goal = case.compiled
    chance = random.Random(seed)
    base = run(search(domain, first, goal))
    assert isinstance(base, Solved)
    found, seen = [first], {first}
    for _ in range(1000 if count > 1 else 0):
        state = first
        for _ in range(chance.randrange(1, 41)):
            state = domain.apply(state, chance.choice(domain.applicable(state)))
        if state in seen:
            continue
        seen.add(state)
        outcome = run(search(domain, state, goal))
        if isinstance(outcome, Solved) and 2 * outcome.plan.cost >= base.plan.cost:
            found.append(state)
            if len(found) == count:
                break
    return found


def measure(quick: bool, progress: Callable[[str], None]) -> list[dict[str, Any]]:
    """All problems; see `one`."""
    told = []
    for case in list(cases())[: 2 if quick else None]:
        progress(f"problem {case.name}")
        told.append(one(case, quick))
    return told


def one(case: Case, quick: bool = False) -> dict[str, Any]:
    """A problem's figures: medians over all starts and passes, in milliseconds of CPU."""
    domain, first, goal = case.compiled
    ground = plan_check.Ground(domain, goal)
    begins = starts(case, 3 if quick else STARTS)
    passes = 2 if quick else PASSES
    others = peers.pyperplans()
    mine: list[int] = []
    alone: list[int] = []  # the first start of each pass
    compiling: list[int] = []
    theirs: dict[str, list[int]] = {name: [] for name in others}
    cost_by = dict(zip(domain.texts, domain.costs, strict=True))
    plans: dict[int, Solved] = {}
    their_plans: dict[str, list[list[str]]] = {name: [] for name in others}
    for number in range(passes):
        taken = _pass(case, begins, plans, compiling)
        mine += taken
        alone.append(taken[0])
        for name, ask in others.items():
            most = MOST_SECONDS if name == peers.TARGET else MOST_SECONDS / 4
            if number > 1 and sum(theirs[name]) > most * 1e9:
                continue
            for state in begins:
                spent, names = ask(ground, state)
                theirs[name].append(spent)
                if not number:
                    their_plans[name].append(names)
    median = statistics.median(mine)
    least, downward = (None, None) if quick else _downward(case, begins)
    own = plans[first]
    told: dict[str, Any] = {
        "name": case.name,
        "facts": domain.count,
        "actions": len(domain),
        "compile_ms": _ms(statistics.median(compiling)),
        "starts": len(begins),
        "runs": len(mine),
        "ours": {
            "median_ms": _ms(median),
            "first_of_a_pass_ms": _ms(statistics.median(alone)),
            "cost": own.plan.cost,
            "known": case.known or (least[0] if least else None),
            "length": len(own.plan),
            "expanded": own.nodes,
            "plan": [plan_check.plain(text) for text in own.plan.texts],
            "mean_cost_ratio": _ratio([plans[s].plan.cost for s in begins], least),
            "valid_by": _valid(case, ground, begins, plans),
        },
        "peers": {},
        "times_faster": {},
    }
    for name, spent in theirs.items():
        costs = [peers.cost_of(cost_by, names) for names in their_plans[name]]
        solved = all(
            names and not ground.flaw(state, names) for state, names in zip(begins, their_plans[name], strict=True)
        )
        told["peers"][name] = {
            "median_ms": _ms(statistics.median(spent)),
            "cost": costs[0],
            "runs": len(spent),
            "mean_cost_ratio": _ratio(costs, least) if solved else None,
            "all_solved": solved,
        }
        told["times_faster"][name] = round(statistics.median(spent) / median, 2)
    if downward:
        told["peers"][peers.DOWNWARD] = downward
        told["times_faster"][peers.DOWNWARD] = round(downward["median_ms"] / (median / 1e6), 2)
    return told


def _pass(case: Case, begins: list[int], plans: dict[int, Solved], compiling: list[int]) -> list[int]:
    """Our nanoseconds for each start, in a domain that has just been compiled."""
    begin = time.process_time_ns()
    domain, _, goal = case.problem.compile()
    compiling.append(time.process_time_ns() - begin)
    Task.of(domain, domain.goal(goal))
    taken = []
    for state in begins:
        begin = time.process_time_ns()
        outcome = run(search(domain, state, goal))
        assert isinstance(outcome, Solved)
        outcome.plan.texts  # noqa: B018  (made when first asked for)
        taken.append(time.process_time_ns() - begin)
        plans[state] = outcome
    return taken


def _valid(case: Case, ground: plan_check.Ground, begins: list[int], plans: dict[int, Solved]) -> str:
    """Who found all plans valid. Raises AssertionError with the flaw of one that is not."""
    first, *others = begins
    wrong = plan_check.flaw(case.domain_text, case.problem_text, plans[first].plan.texts)
    assert not wrong, f"{case.name}: {wrong}"
    for state in others:
        wrong = ground.flaw(state, plans[state].plan.texts)
        assert not wrong, f"{case.name}, {plans[state].plan.texts}: {wrong}"
    return f"{plan_check.VALIDATOR} (own start), {plan_check.OPERATORS} ({len(others)} other starts)"


def _downward(case: Case, begins: list[int]) -> tuple[list[int | None], dict[str, Any]]:
    """Fast Downward from each start: the least costs, by its A* (None where it took too long), and its
    figures as a peer.
    """
    least, answers = [], []
    domain = case.compiled[0]
    with peers.Downward(case.domain_text, case.problem_text) as planner:
        for state in begins:
            planner.start(map(str, domain.facts(state)))
            least.append(planner.search(peers.Downward.LEAST, 5).cost)
            answers.append(planner.search(peers.Downward.LAZY))
    seconds = statistics.median(a.seconds for a in answers)
    costs = [a.cost or 0 for a in answers]
    return least, {
        "median_ms": round(seconds * 1000, 3),
        "cost": costs[0],
        "runs": len(begins),
        "mean_cost_ratio": _ratio(costs, least),
    }


def _ratio(costs: list[int], least: list[int | None] | None) -> float | None:
    ratios = [cost / best for cost, best in zip(costs, least or [None] * len(costs), strict=True) if best]
    return round(statistics.mean(ratios), 3) if ratios else None


def _ms(nanoseconds: float) -> float:
    return round(nanoseconds / 1e6, 4)

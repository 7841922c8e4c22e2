"""How planning behaves while a world runs: slices, a thousand agents, hash seeds.

Owns the imitation of agents: each has a start of its own on the large problem, and replans every
`PERIOD` seconds; between, its own steps and chance change what holds.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from agents.goap import Domain, Goal, Plan, Solved, run, search
from agents.goap.domain import bits
from agents.goap.policy import Policy
from agents.goap.task import Task
from tests.bench.planning.problems import STARTS, Case, cases, known, starts
from tests.support import goap_worlds

PERIOD = 10
"""Seconds between an agent's plans."""

AGENTS = 1000
ROUNDS = 9
STEPS = (1, 2, 3)
"""Steps of its plan an agent may do in a period."""

OUTSIDE = 0.1
"""How likely it is that another changes something meanwhile."""

HASH_SEEDS = ("0", "1", "2", "31337", "4294967295")


def slices(quick: bool) -> dict[str, Any]:
    """CPU of each `next()` of searches that start with nothing remembered, in milliseconds."""
    taken: list[int] = []
    worst = ""
    for name, domain, state, goal in _searches(3 if quick else 30):
        domain.memo.clear()
        slices = search(domain, state, goal)
        going = True
        while going:
            begin = time.process_time_ns()
            try:
                next(slices)
            except StopIteration:
                going = False
            spent = time.process_time_ns() - begin
            if spent > max(taken, default=0):
                worst = name
            taken.append(spent)
    taken.sort()
    return {
        "p50_ms": _ms(statistics.median(taken)),
        "p99_ms": _ms(taken[len(taken) * 99 // 100]),
        "max_ms": _ms(taken[-1]),
        "slices": len(taken),
        "longest_in": worst,
    }


def _searches(times: int) -> Iterator[tuple[str, Domain, int, Goal]]:
    large = known("large")
    domain, _, goal = large.compiled
    for state in starts(large, times):
        yield "large", domain, state, goal
    domain = goap_worlds.world()
    for room in goap_worlds.ROOMS[:times]:
        state = domain.state(goap_worlds.facts(at=room))
        for kind in ("survey", "tests", "build"):
            yield "rooms", domain, state, Goal(name=kind, condition=[f"reported({kind})"])  # type: ignore[list-item]


def agents(quick: bool, progress: Callable[[str], None]) -> dict[str, Any]:
    """The share of one core that the plans of many agents take: all searched anew, and as minds do it.

    As minds do it: a plan is resumed while it can be; else what was learned from others' plans
    is asked for advice; else it is searched for, and learned from. An agent at its goal is given
    a new start.
    """
    count, rounds = (20, 2) if quick else (AGENTS, ROUNDS)
    large = known("large")
    domain, _, goal = large.compiled
    states = many_starts(large, count)
    progress(f"{len(states)} agents, every plan searched for")
    domain.memo.clear()
    Task.of(domain, domain.goal(goal))
    begin = time.process_time()
    plans = [_plan(domain, state, goal) for state in states]
    cold = (time.process_time() - begin) / PERIOD
    policy, chance = Policy.of(domain, goal), random.Random(5)
    for plan in plans:
        policy.learn(plan)
    shares, ways = [], {"resumed": 0, "advised": 0, "searched": 0, "at the goal": 0}
    fresh = states[::-1]
    for number in range(rounds):
        progress(f"{len(states)} agents, round {number + 1} of {rounds}")
        for i in range(count):
            states[i] = _later(domain, states[i], plans[i], chance)
        begin = time.process_time()
        for i, state in enumerate(states):
            plans[i], how = _go_on(domain, state, goal, plans[i], policy)
            ways[how] += 1
        shares.append((time.process_time() - begin) / PERIOD)
        for i, state in enumerate(states):  # who is done begins elsewhere, with a plan made outside the measure
            if domain.holds(state, goal):
                states[i] = fresh[i]
                plans[i] = _plan(domain, fresh[i], goal)
    return {
        "n": count,
        "cold_core_share": round(cold, 4),
        "warm_core_share": round(statistics.median(shares), 4),
        "period_s": PERIOD,
        "rounds": rounds,
        "ways": ways,
        "kernels": len(policy),
    }


def many_starts(case: Case, count: int) -> list[int]:
    """Distinct starts, near ones too: states along random walks from which a plan can be found."""
    domain, first, goal = case.compiled
    chance = random.Random(3)
    found: dict[int, None] = {}
    while len(found) < count:
        state = first
        for _ in range(chance.randrange(1, 61)):
            state = domain.apply(state, chance.choice(domain.applicable(state)))
        if state not in found and not domain.holds(state, goal):
            found[state] = None
    return list(found)


def _plan(domain: Domain, state: int, goal: Goal) -> Plan:
    outcome = run(search(domain, state, goal))
    assert isinstance(outcome, Solved), outcome
    return outcome.plan


def _go_on(domain: Domain, state: int, goal: Goal, plan: Plan, policy: Policy) -> tuple[Plan, str]:
    """The plan to follow now, and how it was come by."""
    position = plan.resume(domain, state)
    if position is not None:
        return plan, "at the goal" if position == len(plan) else "resumed"
    advised = policy.advise(state)
    if advised is not None:
        return advised, "advised"
    plan = _plan(domain, state, goal)
    policy.learn(plan)
    return plan, "searched"


def _later(domain: Domain, state: int, plan: Plan, chance: random.Random) -> int:
    """Some steps of the plan on, and perhaps something else has happened: an action of another's."""
    position = plan.resume(domain, state)
    if position is not None:
        for action in plan.actions[position : position + chance.choice(STEPS)]:
            state = domain.apply(state, action)
    if chance.random() < OUTSIDE:
        state = domain.apply(state, chance.choice(list(bits(domain.applicable_mask(state)))))
    return state


def hash_seeds(quick: bool) -> dict[str, Any]:
    """Whether all plans are the same in processes with other hash seeds."""
    tried = HASH_SEEDS[: 2 if quick else None]
    printed = set()
    for seed in tried:
        command = [sys.executable, "-m", "tests.bench.planning.plans", *(["--quick"] if quick else [])]
        done = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True)
        printed.add(done.stdout)
    return {"tried": len(tried), "same": len(printed) == 1, "plans": len(next(iter(printed)).splitlines())}


def every_plan(quick: bool) -> Iterator[str]:
    """The plans of all problems from their starts, one a line."""
    for case in list(cases())[: 2 if quick else None]:
        domain, _, goal = case.compiled
        for state in starts(case, 3 if quick else STARTS):
            yield f"{case.name} {' '.join(_plan(domain, state, goal).texts)}"


def _ms(nanoseconds: float) -> float:
    return round(nanoseconds / 1e6, 4)

"""What is proven: that no plan is cheaper, and that there is none at all.

Owns the instances for both. An instance whose proof takes longer than `LIMIT` is stopped there and its
cost left empty; nothing else is hidden.
"""

from __future__ import annotations

import signal
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from agents.goap import Domain, Goal, Outcome, Solved, Unsolvable, explain, run, search
from agents.goap.model import Fact
from agents.goap.task import Task
from tests.bench.planning import peers
from tests.bench.planning.problems import Case, generated, known
from tests.support import plan_check, unsolvable
from tests.support.planning_instances import KINDS
from tests.support.planning_instances.known import KNOWN

LIMIT = 60
"""Seconds of CPU after which a proof is stopped: twice the target."""

BY_PEER = "Fast Downward, A* with LM-cut"

EASY = 0.3
"""Seconds within which Fast Downward's A* with LM-cut must solve a generated instance for it to count."""

REPEATS, MOST_NANOSECONDS = 30, 2 * 10**9
"""How often a search without end is measured, and the CPU after which three times are enough."""


class Late(Exception):
    """The limit of CPU was reached."""


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raise Late inside when the process has used so much CPU."""

    def late(*_: object) -> None:
        raise Late

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def optimal(quick: bool, progress: Callable[[str], None]) -> list[dict[str, Any]]:
    """The cost found, the known one, and seconds of CPU, for each instance."""
    return [_proven(case, source, progress) for case, source in _instances(quick)]


def _instances(quick: bool) -> Iterator[tuple[Case, str]]:
    """Problems with a known least cost, and how it is known."""
    for name in list(KNOWN)[: 2 if quick else None]:
        yield known(name), "known"
    for kind in list(KINDS)[: 2 if quick else None]:
        for size in (1,) if quick else range(1, 8):
            for seed in (0,) if quick or kind == "gripper" else (0, 1):
                case = generated(kind, size, seed)
                with peers.Downward(case.domain_text, case.problem_text) as planner:
                    answer = planner.search(peers.Downward.OPTIMAL, 4 * EASY)
                if answer.cost is not None and answer.seconds <= EASY:
                    yield replace(case, known=answer.cost), BY_PEER


def _proven(case: Case, source: str, progress: Callable[[str], None]) -> dict[str, Any]:
    from agents.goap.optimal import optimal as cheapest

    domain, state, goal = case.compiled
    outcome: Outcome | None = None
    begin = time.process_time()
    try:
        with limit(LIMIT):
            outcome = run(cheapest(domain, state, goal))
    except Late:
        pass
    taken = time.process_time() - begin
    cost = None
    if isinstance(outcome, Solved):
        cost = outcome.plan.cost
        wrong = plan_check.Ground(domain, goal).flaw(state, outcome.plan.texts)
        assert not wrong, f"{case.name}: {wrong}"
    said = type(outcome).__name__ if outcome is not None else f"stopped after {LIMIT} s"
    progress(f"optimal {case.name}: {cost} of {case.known}, {taken:.2f} s")
    return {
        "name": case.name,
        "cost": cost,
        "known": case.known,
        "cpu_s": round(taken, 3),
        "known_from": source,
        "outcome": said,
    }


def without_plan(quick: bool, progress: Callable[[str], None]) -> list[dict[str, Any]]:
    """How long it takes to see that a goal is impossible, goal ready as for all searches, and what is said."""
    told = []
    for name, kind, domain, state, goal in _impossible(quick):
        taken: list[int] = []
        readying = []
        for number in range(3 if quick else REPEATS):
            if number > 2 and sum(taken) > MOST_NANOSECONDS:
                break
            domain.memo.clear()
            begin = time.process_time_ns()
            if domain.target(goal) is not None:
                Task.of(domain, domain.goal(goal))
            between = time.process_time_ns()
            outcome = run(search(domain, state, goal))
            taken.append(time.process_time_ns() - between)
            readying.append(between - begin)
        recognised = isinstance(outcome, Unsolvable)
        said = explain.unreachable(domain, state, goal, outcome=outcome).sentences[0] if recognised else f"{outcome}"
        progress(f"unsolvable {name} ({kind}): {said}")
        told.append(
            {
                "name": name,
                "kind": kind,
                "cpu_ms": round(statistics.median(taken) / 1e6, 3),
                "said": said,
                "recognised": recognised,
                "goal_ready_ms": round(statistics.median(readying) / 1e6, 3),
            }
        )
    return told


def _impossible(quick: bool) -> Iterator[tuple[str, str, Domain, int, Goal]]:
    """Problems without a plan: (name, `missing` or `mutex`, domain, state, goal)."""
    for name in ("medium",) if quick else ("medium", "large"):
        case = known(name)
        domain, state, goal = case.compiled
        lost = [f for f in domain.facts(state) if not f.predicate.startswith("in_i")]
        yield f"{name}, all tools lost", "missing", domain, domain.state(lost), goal
        both = tuple(Fact(predicate=p) for p in ("be_local", "be_remote"))
        yield (
            f"{name}, both modes of work",
            "mutex",
            domain,
            state,
            goal.model_copy(update={"condition": goal.condition + both}),
        )
        action = (
            "(:action prove :parameters () :precondition (and (be_local) (be_remote)) :effect (and (proven)))\n"
            "(:action publish :parameters () :precondition (and (proven)) :effect (and (published)))\n"
        )
        text = case.domain_text.replace("(:predicates", "(:predicates (proven) (published)", 1)
        head, tail = text.rsplit(")", 1)
        wanted = case.problem_text.replace("(:goal (and", "(:goal (and (published)", 1)
        domain, state, goal = Case(name, f"{head}{action}){tail}", wanted).compiled
        yield f"{name}, what needs both modes", "mutex", domain, state, goal
    for size, its in list(unsolvable.SIZES.items())[: 1 if quick else None]:
        world = unsolvable.World(its)
        for instance in world.instances():
            if instance.kind != "solvable":
                yield f"{size} world, {instance.name}", instance.kind, world.domain, instance.state, instance.goal

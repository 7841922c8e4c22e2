"""Planning in a separate process: `python -m agents.goap.worker`.

Owns the protocol between the two processes: one request as a line of JSON on standard input, then lines of JSON on
standard output, the last with the result. Limits its own memory. Its parent kills it when time is up, so the clock
is read only to report progress. Reads no files.

A program with an event loop uses `encode` and `decode`; lines before the result are progress:

    {"event": "compiled", "facts": 40, "actions": 96, "warnings": []}
    {"event": "progress", "nodes": 12000, "nearest": 7, "plan": null}
    {"event": "result", "status": "solved", "plan": ["go(hall, forge)"], "cost": "1", …}

`status` is solved, unsolvable, limit (nodes or memory, see `reason`) or error (see `message`).
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable, Generator
from typing import Any, BinaryIO

from agents.goap.domain import NOT, Domain, bits
from agents.goap.ground import Ground
from agents.goap.model import Fact, Goal
from agents.goap.optimal import optimal
from agents.goap.outcome import GaveUp, Outcome, Progress, Solved, Unsolvable
from agents.goap.pddl import Problem, decimal, read, written
from agents.goap.plan import Plan
from agents.goap.search import search
from agents.kernel.clock import SystemClock
from agents.kernel.errors import BadInput, TimmyError

COMMAND = ("-m", "agents.goap.worker")
"""The arguments after the interpreter; start it in the project's folder."""

MEMORY_MB = 2048
"""Address space of the process in bytes."""

MAX_NODES = 1_000_000
"""States evaluated if the request sets no limit."""

TELL_SECONDS = 0.2
"""Minimum time between two progress lines."""

Tell = Callable[[dict[str, Any]], None]


def encode(
    domain: Domain,
    state: int,
    goal: Goal,
    *,
    optimal: bool = False,
    max_nodes: int = MAX_NODES,
    memory_mb: int = MEMORY_MB,
) -> bytes:
    """The request for a plan in a compiled domain, restricted to what is relevant to the goal. Raises NotFound if the
    domain does not know the goal.
    """
    actions, _ = domain.relevant(domain.goal(goal))
    atoms = [_row(domain.literal(i)) for i in range(domain.count)]
    request = {
        "ground": {
            "atoms": atoms,
            "actions": [
                [domain.costs[i], domain.texts[i], domain.needs[i], domain.gains[i]]
                for i in range(len(domain))
                if actions >> i & 1
            ],
            "groups": [list(bits(group)) for group in domain.declared],
            "state": sorted(map(_row, domain.facts(state))),
            "goal": [_row(f) for f in goal.condition],
            "negative": [_row(f) for f in goal.negative],
        },
        "optimal": optimal,
        "max_nodes": max_nodes,
        "memory_mb": memory_mb,
    }
    return json.dumps(request).encode() + b"\n"


def encode_pddl(
    domain: str,
    problem: str,
    *,
    domain_name: str,
    problem_name: str,
    optimal: bool = False,
    max_nodes: int = MAX_NODES,
    memory_mb: int = MEMORY_MB,
) -> bytes:
    """The request for a plan for two PDDL texts; bytes that are not UTF-8 are encoded with `surrogateescape`."""
    texts = {"domain": domain, "problem": problem, "domain_name": domain_name, "problem_name": problem_name}
    request = {"pddl": texts, "optimal": optimal, "max_nodes": max_nodes, "memory_mb": memory_mb}
    return json.dumps(request).encode() + b"\n"


def decode(line: bytes | str, domain: Domain, state: int, goal: Goal) -> Outcome | Progress | None:
    """What one line of the worker says about a request made by `encode`; the plan is checked again. None for a line
    that only describes the domain. Raises BadInput if the worker refused the request.
    """
    said = json.loads(line)
    texts = said.get("plan")
    plan = None if texts is None else Plan.of(domain, state, goal, texts)
    if said["event"] == "progress":
        return Progress(said["nodes"], said["nearest"], plan)
    if said["event"] != "result":
        return None
    nodes = said.get("nodes", 0)
    match said["status"]:
        case "solved" if plan is not None:
            return Solved(plan, nodes, plan.cost, said["optimal"])
        case "unsolvable":
            missing, conflict = (tuple(map(_fact, said[key])) for key in ("missing", "conflict"))
            return Unsolvable(missing, conflict)
        case "limit":
            return GaveUp(said["limit"], nodes)
        case _:
            raise BadInput(said["message"])


def main(source: BinaryIO, sink: BinaryIO) -> int:
    """Answer the one request in `source` on `sink`; returns 0 if a result was written."""
    clock = SystemClock()
    start = clock.monotonic()

    def tell(said: dict[str, Any]) -> None:
        sink.write(json.dumps({**said, "seconds": round(clock.monotonic() - start, 3)}).encode() + b"\n")
        sink.flush()

    _bound(MEMORY_MB)
    try:
        request = json.loads(source.readline())
        _bound(request.get("memory_mb", MEMORY_MB))
        tell({"event": "result", **_answer(request, tell, clock)})
    except MemoryError:
        resource.setrlimit(resource.RLIMIT_AS, (resource.getrlimit(resource.RLIMIT_AS)[1],) * 2)  # for the report
        tell({"event": "result", "status": "limit", "reason": "memory", "limit": 0, "nodes": 0})
    except TimmyError as error:
        tell({"event": "result", "status": "error", "message": str(error)})
    except BrokenPipeError:  # the parent is gone
        return 1
    return 0


def _bound(megabytes: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = megabytes << 20
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _answer(request: dict[str, Any], tell: Tell, clock: SystemClock) -> dict[str, Any]:
    problem: Problem | None = None
    if "pddl" in request:
        texts = request["pddl"]
        problem = read(
            texts["domain"], texts["problem"], domain_name=texts["domain_name"], problem_name=texts["problem_name"]
        )
        domain, state, goal = problem.compile()
    else:
        domain, state, goal = _ground(request["ground"])
    tell(
        {
            "event": "compiled",
            "facts": domain.count,
            "actions": len(domain),
            "warnings": list(problem.warnings) if problem else [],
        }
    )
    max_nodes = request.get("max_nodes", MAX_NODES)
    if request["optimal"]:
        slices = optimal(domain, state, goal, max_nodes=max_nodes)
    else:
        slices = _soon_then_cheap(domain, state, goal, max_nodes)
    outcome = _watch(slices, tell, clock, problem)
    match outcome:
        case Solved(plan):
            checked = Plan.of(domain, state, goal, plan.actions)
            return {
                "status": "solved",
                "optimal": outcome.optimal,
                "nodes": outcome.nodes,
                "length": len(checked),
                **_told(checked, problem),
            }
        case Unsolvable(missing, conflict):
            words = (lambda f: _literal(f, goal)) if problem else _row
            return {
                "status": "unsolvable",
                "missing": [words(f) for f in missing],
                "conflict": [words(f) for f in conflict],
            }
        case GaveUp(limit, nodes):
            return {"status": "limit", "reason": "nodes", "limit": limit, "nodes": nodes}


def _soon_then_cheap(domain: Domain, state: int, goal: Goal, max_nodes: int) -> Generator[Progress, None, Outcome]:
    """A plan as soon as possible, then a search that weighs cost more heavily, for about ten times as long; returns
    the cheaper of the two (restarting weighted A*: Richter, Thayer & Ruml 2010).
    """
    first = yield from search(domain, state, goal, weight=5, max_nodes=max_nodes)
    if not isinstance(first, Solved):
        return first
    yield Progress(first.nodes, 0, first.plan)
    second = yield from search(domain, state, goal, max_nodes=min(max_nodes, 10 * first.nodes + 1000))
    return second if isinstance(second, Solved) and second.spent < first.spent else first


def _watch(
    slices: Generator[Progress, None, Outcome], tell: Tell, clock: SystemClock, problem: Problem | None
) -> Outcome:
    """Run the search to its end and report progress now and then, a better plan at once."""
    told, best = clock.monotonic(), None
    while True:
        try:
            progress = next(slices)
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome
        better = progress.plan is not None and (best is None or progress.plan.cost < best)
        now = clock.monotonic()
        if better or now - told >= TELL_SECONDS:
            told = now
            said: dict[str, Any] = {
                "event": "progress",
                "nodes": progress.nodes,
                "nearest": progress.nearest,
                "plan": None,
            }
            if better and progress.plan is not None:
                best = progress.plan.cost
                said.update(_told(progress.plan, problem))
            tell(said)


def _told(plan: Plan, problem: Problem | None) -> dict[str, Any]:
    """The steps, in PDDL's notation for a PDDL problem, and the cost in the units of its text."""
    if problem is None:
        return {"plan": list(plan.texts), "cost": str(plan.cost)}
    steps = [f"({' '.join((step.name, *step.args))})" for step in map(plan.domain.action, plan.actions)]
    return {"plan": steps, "cost": decimal(problem.cost(plan.cost))}


def _ground(said: dict[str, Any]) -> tuple[Domain, int, Goal]:
    atoms = [tuple(row) for row in said["atoms"]]
    n = len(atoms)

    def positive(literals: list[int]) -> frozenset[tuple[str, ...]]:
        return frozenset(atoms[x] for x in literals if x < n)

    def negative(literals: list[int]) -> frozenset[tuple[str, ...]]:
        return frozenset(atoms[x - n] for x in literals if x >= n)

    actions = [
        Ground(cost, text, text, (), 0, positive(needs), negative(needs), positive(gains), negative(gains))
        for cost, text, needs, gains in said["actions"]
    ]
    domain = Domain(atoms, actions, [[atoms[i] for i in group] for group in said["groups"]])
    goal = Goal(name="goal", condition=map(_fact, said["goal"]), negative=map(_fact, said["negative"]))
    return domain, domain.state(map(_fact, said["state"])), goal


def _row(fact: Fact) -> list[str]:
    return [fact.predicate, *fact.args]


def _fact(row: list[str]) -> Fact:
    return Fact(predicate=row[0], args=tuple(row[1:]))


def _literal(fact: Fact, goal: Goal) -> str:
    """A goal literal in PDDL's notation; a predicate's own name may begin like a negation."""
    plain = Fact(predicate=fact.predicate.removeprefix(NOT), args=fact.args)
    if fact not in goal.condition and fact.predicate.startswith(NOT) and plain in goal.negative:
        return f"(not {written(plain)})"
    return written(fact)


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))

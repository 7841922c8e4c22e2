"""Weighted A*, in slices that a reactor can afford.

Owns the search for one plan: a generator that stops after every few estimates, ends at
a cap, and is cancelled by `close()`. Refuses to hold the thread, to read a clock (budgets
are counted in nodes, so a slice means the same on every machine and run) and to be
surprised by the hash seed: ties break by (cost, name) of the action, then by age.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import combinations

from agents.goap.domain import Domain, bits
from agents.goap.heuristic import HEURISTICS, INFINITE, Operator, Relaxation
from agents.goap.model import Fact, Goal
from agents.goap.plan import Plan, without_idle
from agents.kernel.errors import BadInput

SLICE_NODES = 4
"""States estimated or expanded in one slice: under a millisecond in a world of some 25 rooms."""

BUILD = 32
"""Steps of preparation in one slice, each of some ten microseconds."""

MAX_NODES = 20_000
"""States held before a search gives up: about 10 MB, and some seconds of slices."""


@dataclass(frozen=True)
class Progress:
    """What a slice has come to: states evaluated so far, and the least estimate seen."""

    nodes: int
    nearest: int


@dataclass(frozen=True)
class Solved:
    """A plan was found after `nodes` evaluated states. `spent` is its cost with penalties."""

    plan: Plan
    nodes: int
    spent: int


@dataclass(frozen=True)
class Unsolvable:
    """No plan exists. `missing`: the goal's literals that cannot be reached, or that the domain
    does not know (`unknown`). When each can be reached but not together, `conflict` is the
    first such pair, if a pair is to blame.
    """

    missing: tuple[Fact, ...]
    conflict: tuple[Fact, ...] = ()
    unknown: bool = False


@dataclass(frozen=True)
class GaveUp:
    """The cap of `limit` nodes was reached: nothing is known."""

    limit: int
    nodes: int


Outcome = Solved | Unsolvable | GaveUp


def search(
    domain: Domain,
    state: int,
    goal: Goal,
    *,
    weight: int = 2,
    slice_nodes: int = SLICE_NODES,
    max_nodes: int = MAX_NODES,
    penalties: Mapping[str, int] | None = None,
    heuristic: str = "relaxed-plan",
    through: int | str | None = None,
) -> Generator[Progress, None, Outcome]:
    """Look for a plan from `state` to `goal`; each `next()` does one slice.

    The plan costs at most `weight` times the least when `heuristic` is `max` or `blind`
    (`relaxed-plan`, which may overestimate, is quicker and nearly always as good).
    `penalties`: costs added to actions, by text (`go(hall, forge)`) or by name for all
    groundings (`go`); names that the domain does not know are left out, for a penalty may
    outlive its action. `through`: an action the plan must contain.
    Raises BadInput for numbers out of range, NotFound for an unknown `through`.
    """
    if weight < 0 or slice_nodes < 1 or max_nodes < 1 or heuristic not in HEURISTICS:
        raise BadInput(
            f"weight {weight}, slice_nodes {slice_nodes}, max_nodes {max_nodes}, heuristic {heuristic!r}: "
            f"need at least 0, 1, 1 and one of {', '.join(HEURISTICS)}."
        )
    for name, extra in (penalties or {}).items():
        if extra < 0:
            raise BadInput(f"The penalty of {name} is {extra}; it must not be negative.")
    forced = None if through is None else domain.index(through)
    unknown = domain.unknown(goal)
    if unknown:
        return Unsolvable(unknown, unknown=True)
    target = domain.goal(goal)
    conflict = _declared_conflict(domain, target)
    if conflict:
        return Unsolvable((), conflict)

    # Only what bears on this goal and can be done from this state takes part.
    mask, literals = domain.relevant(target if forced is None else target | domain.pre[forced])
    if forced is not None:
        mask |= 1 << forced
    yield Progress(0, INFINITE)
    operators = []
    for i in bits(mask):
        operators.append(Operator.of(domain, i, price(domain, i, penalties), literals))
        if len(operators) % BUILD == 0:
            yield Progress(0, INFINITE)
    wanted = target
    if forced is not None:
        wanted |= 1 << domain.size
        operators = [o.marked(domain.size) if o.index == forced else o for o in operators]
    yield Progress(0, INFINITE)
    start = state & literals
    operators, reached = Relaxation(operators, domain.size + 1).reachable(start)
    if wanted & ~reached:
        return Unsolvable(domain.literals(target & ~reached))
    yield Progress(0, INFINITE)
    able = {o.index: o for o in operators}
    able_mask = sum(1 << i for i in able)
    estimate = HEURISTICS[heuristic](Relaxation(operators, domain.size + 1), wanted)

    nodes, nearest = 1, estimate(start)
    yield Progress(nodes, nearest)
    known: dict[int, tuple[int, int, int, int]] = {start: (0, nearest, -1, -1)}  # cost, estimate, parent, action
    closed: set[int] = set()
    seen = {start & wanted}
    order = work = 0
    queue = [(weight * nearest, nearest, order, start)]
    while queue:
        current = heappop(queue)[3]
        work += 1
        if work % slice_nodes == 0:
            yield Progress(nodes, nearest)
        if current in closed:
            continue
        if not wanted & ~current:
            yield Progress(nodes, nearest)
            actions = without_idle(domain, state, target, _path(known, current), -1 if forced is None else forced)
            spent = sum(able[i].cost for i in actions)
            return Solved(Plan.of(domain, state, goal, actions), nodes, spent)
        closed.add(current)
        cost = known[current][0]
        for i in bits(domain.applicable_mask(current) & able_mask):
            operator = able[i]
            after = current & operator.keep | operator.add
            spent = cost + operator.cost
            before = known.get(after)
            if before is not None:
                if spent >= before[0]:
                    continue
                guess = before[1]
                closed.discard(after)
            else:
                if nodes >= max_nodes:
                    return GaveUp(max_nodes, nodes)
                guess = estimate(after)
                nodes += 1
                seen.add(after & wanted)
                nearest = min(nearest, guess)
                work += 1
                if work % slice_nodes == 0:
                    yield Progress(nodes, nearest)
            known[after] = (spent, guess, current, i)
            if guess < INFINITE:
                order += 1
                heappush(queue, (spent + weight * guess, guess, order, after))
    return (yield from _exhausted(domain, target, able, known, seen, max_nodes))


def run(slices: Generator[object, None, Outcome]) -> Outcome:
    """Drive a search to its end at once: for tests, tools and workers."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome


def price(domain: Domain, i: int, penalties: Mapping[str, int] | None) -> int:
    """Cost of action `i` with its penalties."""
    cost = domain.costs[i]
    if penalties:
        cost += sum(penalties.get(key, 0) for key in {domain.texts[i], domain.names[i]})
    return cost


def _path(known: Mapping[int, tuple[int, int, int, int]], state: int) -> list[int]:
    actions: list[int] = []
    while True:
        _, _, parent, action = known[state]
        if action < 0:
            return actions[::-1]
        actions.append(action)
        state = parent


def _declared_conflict(domain: Domain, target: int) -> tuple[Fact, ...]:
    """Two wanted literals that cannot hold together by declaration, or by meaning."""
    n = domain.count
    both = target >> n & target & ((1 << n) - 1)
    for pair in (*(1 << i | 1 << i + n for i in bits(both)), *domain.mutex):
        if (target & pair).bit_count() > 1:
            return domain.literals(target & pair)[:2]
    return ()


def _exhausted(
    domain: Domain,
    target: int,
    able: Mapping[int, Operator],
    known: Mapping[int, tuple[int, int, int, int]],
    seen: set[int],
    max_nodes: int,
) -> Generator[Progress, None, Unsolvable]:
    """Why no reachable state reaches the goal: literals never `seen`, else a pair never seen together.

    Search did not look behind dead ends, so they are followed first; if there are more states
    than `max_nodes`, nothing is blamed.
    """
    able_mask = sum(1 << i for i in able)
    states = set(known)
    todo = [state for state, (_, guess, _, _) in known.items() if guess >= INFINITE]
    for done, current in enumerate(todo, 1):
        for i in bits(domain.applicable_mask(current) & able_mask):
            after = current & able[i].keep | able[i].add
            if after not in states:
                states.add(after)
                seen.add(after & target)
                todo.append(after)
        if len(states) > max_nodes:
            return Unsolvable(())
        if done % BUILD == 0:
            yield Progress(len(states), INFINITE)
    ever = 0
    for state in seen:
        ever |= state
    if target & ~ever:
        return Unsolvable(domain.literals(target & ~ever))
    for a, b in combinations(bits(target), 2):
        pair = 1 << a | 1 << b
        if not any(state & pair == pair for state in seen):
            return Unsolvable((), domain.literals(pair))
    return Unsolvable(())

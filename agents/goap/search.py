"""Plans found quickly: lazy weighted A*, in slices that a reactor can afford.

Owns the satisficing search: a generator that pauses after every few evaluations, ends at a limit, and is cancelled
with `close()`. It never blocks the thread, reads no clock (budgets are counted in nodes, so a slice means the same
on every machine and in every run), and does not depend on the hash seed (ties are broken by (cost, name) of the
action, then by age). It does not prove that a plan is the cheapest: `optimal` does.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from heapq import heappop, heappush
from itertools import combinations

from agents.goap.domain import Domain, bits
from agents.goap.invariants import conflict
from agents.goap.model import Goal
from agents.goap.outcome import GaveUp, Outcome, Progress, Solved, Unsolvable
from agents.goap.plan import Plan
from agents.goap.regression import Proof, Refuted, regress
from agents.goap.task import INFINITE, Relaxed, Task, prices, relaxed_plan
from agents.kernel.errors import BadInput

SLICE = 4000
"""Actions examined in one slice (an evaluation examines all of the domain's): about 0.4 ms."""

MAX_NODES = 20_000
"""States evaluated before a search gives up: about 10 MB, and a second or two of slices."""

QUEUED = 8
"""Queue entries allowed for each state that may be evaluated: the memory limit."""

PROVE_AFTER = 24
"""States evaluated without success before a proof of impossibility starts alongside the search."""

TURNS = 8
"""Useless queue entries (already visited) that cost about as much as one evaluation."""

BOOST = 1000
"""Turns that helpful successors get before others after making progress (Richter & Westphal 2010)."""

SHORT, MOST_MORE = 6, 40
"""A cheaper plan can usually be found if one has more steps than `SHORT`: for every two steps beyond it the search
evaluates three more states, at most `MOST_MORE`, unless told otherwise.
"""

Closed = dict[int, tuple[int, int, tuple[int, ...]]]
"""State to (cost so far, previous state, the actions between)."""


def search(
    domain: Domain,
    state: int,
    goal: Goal,
    *,
    weight: int = 2,
    slice_nodes: int | None = None,
    max_nodes: int = MAX_NODES,
    improve: int | None = None,
    penalties: Mapping[str, int] | None = None,
    through: int | str | None = None,
) -> Generator[Progress, None, Outcome]:
    """Look for a plan from `state` to `goal`; each `next()` does one slice.

    `weight`: how much the estimate counts against the cost so far; a higher weight is faster, and its plans cost
    more. `improve`: states to evaluate after the first plan in search of a cheaper one, by default few
    (`MOST_MORE`); meanwhile each `Progress` holds the best plan so far, and a caller that needs it now closes the
    search. `penalties`: costs added to actions, by text (`go(hall, forge)`) or by name for all groundings (`go`);
    names that the domain does not know are ignored, because a penalty may outlive its action. `through`: an action
    that the plan must contain. `slice_nodes`: states evaluated in a slice, by default as many as take about half a
    millisecond. Raises BadInput for numbers out of range, NotFound for an unknown `through`.
    """
    size = slice_nodes if slice_nodes is not None else max(1, SLICE // (len(domain) + 100))
    if weight < 0 or size < 1 or max_nodes < 1 or (improve or 0) < 0:
        raise BadInput(
            f"weight {weight}, slice_nodes {size}, max_nodes {max_nodes}, improve {improve}: need at least 0, 1, 1, 0."
        )
    for name, extra in (penalties or {}).items():
        if extra < 0:
            raise BadInput(f"The penalty of {name} is {extra}; it must not be negative.")
    forced = None if through is None else domain.index(through)
    target = domain.target(goal)
    if target is None:
        return Unsolvable(domain.unknown(goal), unknown=True)
    task, new = (Task(domain, target, forced=forced), True) if forced is not None else Task.of(domain, target)
    if task.contested and (clash := conflict(domain, state, target)):
        missing = target & ~task.reachable(state)
        return Unsolvable(domain.literals(missing), () if missing else domain.literals(clash))
    if new:
        yield Progress(0, INFINITE)
    costs, estimate = domain.costs, task.estimate
    if penalties:
        costs, dear = prices(domain, penalties)
        estimate = relaxed_plan(task, costs, dear)

    def plan_of(actions: list[int]) -> Plan:
        return Plan.without_idle(domain, state, goal, target, actions, -1 if forced is None else forced)

    looking = _lazy(task, costs, estimate, state & task.literals, weight, size, max_nodes, improve, plan_of)
    proving = regress(domain, state, target if forced is None else domain.pre[forced])
    found: Solved | GaveUp | Closed | None = None
    proof: Proof | None = None
    while found is None:
        try:
            progress = next(looking)
        except StopIteration as end:
            found = end.value
        else:
            yield progress
            if progress.plan is None and progress.nodes >= PROVE_AFTER:
                found, proof = yield from _beside(looking, proving, progress)
    if isinstance(found, Solved | GaveUp):
        return found
    missing = target & ~task.reachable(state)
    if missing:
        return Unsolvable(domain.literals(missing))
    while proof is None:
        try:
            next(proving)
        except StopIteration as end:
            proof = end.value
        else:
            yield Progress(len(found), INFINITE)
    if isinstance(proof, Refuted):
        return Unsolvable(domain.literals(proof.missing & target), domain.literals(proof.conflict & target))
    return (yield from _exhausted(task, found, max_nodes))


def _beside(
    looking: Generator[Progress, None, Solved | GaveUp | Closed],
    proving: Generator[Progress, None, Proof],
    last: Progress,
) -> Generator[Progress, None, tuple[Solved | GaveUp | Closed, Proof | None]]:
    """Alternate between a proof of impossibility and the search that continues after `last`, until the search ends or
    is refuted; returns the result of both.
    """
    due, found, proof = last.nodes, None, None
    ahead = True  # whether it is the proof's turn
    while found is None:
        if not ahead:
            try:
                last = next(looking)
            except StopIteration as end:
                found = end.value
                break
            yield last
            if proof is not None or last.plan is not None or last.nodes < due:
                continue
        try:
            near = next(proving).nearest
        except StopIteration as end:
            proof, ahead = end.value, False
            if isinstance(proof, Refuted):
                looking.close()
                found = {}
        else:
            yield last
            # Pairs succeed soon or not at all, so they get two turns for one; a backward search may take long.
            ahead = near == INFINITE and not ahead
            due = last.nodes + (0 if near == INFINITE else PROVE_AFTER // 2)
    return found, proof


def _lazy(
    task: Task,
    costs: tuple[int, ...],
    estimate: Callable[[int], Relaxed],
    start: int,
    weight: int,
    size: int,
    max_nodes: int,
    improve: int | None,
    plan_of: Callable[[list[int]], Plan],
) -> Generator[Progress, None, Solved | GaveUp | Closed]:
    """The best plan found, or all states evaluated if none of them leads to the goal.

    Lazy: a state is evaluated when it is taken from the queue, and queued with its parent's estimate. There are two
    queues: successors by helpful actions, and states whose other successors have not been generated yet. The
    relaxed plan is also executed as far as possible, and the result is queued as one more successor (lookahead:
    Vidal 2004); in easy domains that is most of the way. After the first plan the search continues for a while,
    looking for a cheaper one.
    """
    target, add, keep, pre = task.target, task.cut(), task.domain.keep, task.domain.pre
    closed: Closed = {}
    helpful: list[tuple[int, int, int, tuple[int, ...], int, int]] = []  # f, age, previous state, actions, state, cost
    others: list[tuple[int, int, int, int, int]] = []  # f, age, actions, state, cost
    patience = age = nodes = work = 0  # `patience`: turns of `helpful` minus turns of `others`
    nearest = bound = INFINITE
    limit = max_nodes
    best: Plan | None = None
    before, state, cost = start, start, 0
    actions: tuple[int, ...] = ()

    while True:
        known = closed.get(state)
        if (known is None or cost < known[0]) and cost < bound:
            closed[state] = (cost, before, actions)
            if not target & ~state:
                best = plan_of(_path(closed, start, state))
                bound = sum(costs[i] for i in best.actions)
                more = min(max(len(best) - SHORT, 0) * 3 // 2, MOST_MORE) if improve is None else improve
                limit = min(limit, nodes + more)
            elif nodes >= limit or len(helpful) + len(others) > QUEUED * max_nodes:
                return Solved(best, nodes, bound) if best is not None else GaveUp(max_nodes, nodes)
            else:
                nodes += 1
                guess, relaxed, good, able = estimate(state)
                if cost + guess < bound:
                    if guess < nearest:
                        nearest = guess
                        patience -= BOOST
                    f = cost + weight * guess
                    for i in bits(good):
                        after, spent = state & keep[i] | add[i], cost + costs[i]
                        known = closed.get(after)
                        if known is None or spent < known[0]:
                            age += 1
                            heappush(helpful, (f + costs[i], age, state, (i,), after, spent))
                    if able != good:
                        age += 1
                        heappush(others, (f, age, able & ~good, state, cost))
                    after, done = _follow(relaxed, state, pre, keep, add)
                    if len(done) > 1:
                        gone = sum(costs[i] for i in done)
                        age += 1
                        heappush(helpful, (f + gone - weight * gone, age, state, done, after, cost + gone))
                work += TURNS
        work += 1
        if work > TURNS * size:
            yield Progress(nodes, nearest, best)
            work = 0
        if others and (patience > 0 or not helpful):
            patience -= 1
            f, _, rest, state, cost = heappop(others)
            for i in bits(rest):
                after, spent = state & keep[i] | add[i], cost + costs[i]
                known = closed.get(after)
                if known is None or spent < known[0]:
                    age += 1
                    heappush(helpful, (f + costs[i], age, state, (i,), after, spent))
        else:
            patience += 1
        if helpful:
            _, _, before, actions, state, cost = heappop(helpful)
        elif not others:
            return Solved(best, nodes, bound) if best is not None else closed


def _follow(
    relaxed: list[int], state: int, pre: tuple[int, ...], keep: tuple[int, ...], add: list[int]
) -> tuple[int, tuple[int, ...]]:
    """Execute what is applicable of a relaxed plan, in as many passes as achieve anything: (state, actions done)."""
    done: list[int] = []
    while relaxed:
        left = []
        for i in relaxed:
            if pre[i] & ~state:
                left.append(i)
            else:
                state = state & keep[i] | add[i]
                done.append(i)
        if len(left) == len(relaxed):
            break
        relaxed = left
    return state, tuple(done)


def _path(closed: Closed, start: int, state: int) -> list[int]:
    steps = []
    while state != start:
        _, state, actions = closed[state]
        steps.append(actions)
    return [i for actions in reversed(steps) for i in actions]


def _exhausted(task: Task, closed: Closed, max_nodes: int) -> Generator[Progress, None, Unsolvable]:
    """Why no reachable state satisfies the goal: literals never seen or, failing that, a pair never seen together.

    The search did not look behind dead ends, so they are followed first; if there are more states than `max_nodes`,
    nothing is blamed.
    """
    domain, add = task.domain, task.cut()
    wanted = task.target & (1 << domain.size) - 1
    states = dict.fromkeys(closed)
    todo = list(states)
    for done, current in enumerate(todo, 1):
        for i in bits(domain.applicable_mask(current) & task.actions):
            after = current & domain.keep[i] | add[i]
            if after not in states:
                states[after] = None
                todo.append(after)
        if len(states) > max_nodes:
            return Unsolvable(())
        if not done % 32:
            yield Progress(len(states), INFINITE)
    seen = {state & wanted for state in states}
    ever = 0
    for state in seen:
        ever |= state
    if wanted & ~ever:
        return Unsolvable(domain.literals(wanted & ~ever))
    for a, b in combinations(bits(wanted), 2):
        pair = 1 << a | 1 << b
        if not any(state & pair == pair for state in seen):
            return Unsolvable((), domain.literals(pair))
    return Unsolvable(())

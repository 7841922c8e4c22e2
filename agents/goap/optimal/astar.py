"""A* to prove that no plan is cheaper.

Owns the search proper: A* (Hart, Nilsson & Raphael 1968) with reopening, pruning by an upper bound, and lazy
evaluation. The caller chooses the estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from heapq import heappop, heappush

from agents.goap.domain import bits
from agents.goap.optimal.compact import Compact
from agents.goap.optimal.lmcut import INFINITE, Cut, Estimate
from agents.goap.optimal.symmetry import Exchange, canonical, orders

EXPANSION = 1
"""Work counted for a state without an estimate."""


class Race:
    """What the members of a portfolio share: the cheapest known plan (`bound` is its cost; the operators are the
    task's) and the number of states evaluated.
    """

    def __init__(self, bound: int) -> None:
        """`bound`: only plans that cost less are of interest."""
        self.bound = bound
        self.plan: list[int] | None = None
        self.nodes = 0
        self.proven = 0


def astar(
    task: Compact,
    exchanges: Sequence[Exchange],
    race: Race,
    estimate: Callable[[int, list[Cut]], Estimate] | None,
) -> Generator[int, None, None]:
    """Search until no plan can be cheaper than `race.bound`; yields the work done since the last time.

    A state enters the queue with what remains of its parent's estimate: the landmarks that do not contain the
    operator still apply (so an operator that is in none adds its whole cost). It is evaluated when its turn comes.
    Without `estimate` the search orders by cost alone.
    """
    goal, add, keep, costs = task.goal, task.add, task.keep, task.costs
    able, start = task.able, task.start
    if exchanges:
        start = canonical(start, exchanges)
    best: dict[int, tuple[int, int, int]] = {start: (0, -1, -1)}  # cost so far, state before, operator
    known: dict[int, Estimate] = {}
    nothing: Estimate = 0, [], task.classes
    queue: list[tuple[int, int, int, int]] = [(0, 0, 0, start)]  # f, h, age, state
    age = 0
    closed: set[int] = set()
    while queue:
        f, h, _, state = heappop(queue)
        if f >= race.bound:
            break
        if f > race.proven:
            race.proven = f
        cost, before, operator = best[state]
        if f - h != cost or state in closed:
            continue
        if not goal & ~state:
            race.bound, race.plan = cost, trace(task, exchanges, best, state)
            break
        if estimate is None:
            found = nothing
            race.nodes += 1
            yield EXPANSION
        elif state in known:
            found = known[state]
        else:
            cuts = []
            if before in known and before & keep[operator] | add[operator] == state:  # not exchanged
                cuts = [cut for cut in known[before][1] if not cut[0] >> operator & 1]
            found = known[state] = estimate(state, cuts)
            race.nodes += 1
            yield 10 + len(found[1]) - len(cuts)
            if found[0] > h:
                if cost + found[0] < race.bound:
                    age -= 1
                    heappush(queue, (cost + found[0], found[0], age, state))
                continue
        value, _, left = found
        if value >= INFINITE:
            continue
        closed.add(state)
        doable = able(state)
        for slack, operators in left.items():
            least = max(f, cost + value + slack)
            if least >= race.bound:
                continue
            for o in bits(doable & operators):
                after = state & keep[o] | add[o]
                if exchanges:
                    after = canonical(after, exchanges)
                spent = cost + costs[o]
                old = best.get(after)
                if old is None or spent < old[0]:
                    best[after] = spent, state, o
                    closed.discard(after)
                    low = least
                    if after in known and spent + known[after][0] > low:
                        low = spent + known[after][0]
                    if not goal & ~after and spent < race.bound:
                        race.bound, race.plan = spent, trace(task, exchanges, best, after)
                    if low < race.bound:
                        age -= 1
                        heappush(queue, (low, low - spent, age, after))
    race.proven = race.bound


def trace(task: Compact, exchanges: Sequence[Exchange], best: dict[int, tuple[int, int, int]], state: int) -> list[int]:
    """The operators from the start to `state`. Canonical states differ from the true ones, so the exchanges on the way
    are undone.
    """
    steps = []
    while best[state][2] >= 0:
        _, before, operator = best[state]
        steps.append((before, operator))
        state = before
    steps.reverse()
    if not exchanges:
        return [operator for _, operator in steps]
    number = {(task.pre[o], task.add[o], task.keep[o], task.costs[o]): o for o in range(len(task.costs))}
    real = orders(task.start, exchanges)  # place in the canonical state -> object in the true one
    plan = []
    for before, operator in steps:
        key = (task.pre[operator], task.add[operator], ~task.keep[operator])
        pre, added, gone = (_placed(mask, exchanges, real) for mask in key)
        plan.append(number[pre, added, ~gone, task.costs[operator]])
        after = before & task.keep[operator] | task.add[operator]
        turned = orders(after, exchanges)
        real = [[places[i] for i in turn] for places, turn in zip(real, turned, strict=True)]
    return plan


def _placed(mask: int, exchanges: Sequence[Exchange], real: list[list[int]]) -> int:
    """A mask of facts with the objects `real` substituted for the objects in places i."""
    for e, places in zip(exchanges, real, strict=True):
        one = (1 << e.facts) - 1
        block = 0
        for place, target in enumerate(places):
            block |= (mask >> e.first + place * e.facts & one) << target * e.facts
        mask = mask & ~(((1 << e.objects * e.facts) - 1) << e.first) | block << e.first
    return mask

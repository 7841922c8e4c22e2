"""Estimates of the cost to go, on the relaxation in which nothing becomes false.

Owns the exploration of that relaxation (generalised Dijkstra over facts) and the
estimates read off it: the relaxed plan with additive supporters (Keyder & Geffner
2008), which guides well, and the maximum (Bonet & Geffner 2001), which never
overestimates. Refuses to know of plans or of search nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush

from agents.goap.domain import Domain, bits

INFINITE = 1 << 60
"""The estimate of what cannot be reached even when nothing becomes false."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A ground action as search sees it: masks, the same as tuples, and its cost for this request."""

    index: int
    needs: tuple[int, ...]
    gains: tuple[int, ...]
    pre: int
    add: int
    keep: int
    cost: int

    @classmethod
    def of(cls, domain: Domain, i: int, cost: int, literals: int) -> Operator:
        """Action `i` with its effects cut down to `literals`: states that differ elsewhere are one."""
        gains = tuple(x for x in domain.gains[i] if literals >> x & 1)
        return cls(i, domain.needs[i], gains, domain.pre[i], domain.add[i] & literals, domain.keep[i], cost)

    def marked(self, marker: int) -> Operator:
        """The operator with one more effect: literal `marker`, which says that it was done."""
        return replace(self, gains=(*self.gains, marker), add=self.add | 1 << marker)


class Relaxation:
    """The operators of one request without their delete effects, over `size` literals."""

    def __init__(self, operators: Sequence[Operator], size: int) -> None:
        """Index which operators wait for which literal."""
        self.operators = tuple(operators)
        self.gains = [o.gains for o in operators]
        self._costs = [o.cost for o in operators]
        self._waits = [len(o.needs) for o in operators]
        self._free = [i for i, o in enumerate(operators) if not o.needs]
        self._infinite = [INFINITE] * size
        self._nobody = [-1] * size
        self._users: list[list[int]] = [[] for _ in range(size)]
        for i, o in enumerate(operators):
            for literal in o.needs:
                self._users[literal].append(i)
        self.read = 0
        for o in operators:
            self.read |= o.pre

    def explore(
        self, state: int, goal: int = 0, *, additive: bool = True, wishes: Mapping[int, int] | None = None
    ) -> tuple[list[int], list[int]]:
        """Costs of literals from `state`, and for each the position in `operators` of its cheapest
        achiever (-1 for what holds or cannot be reached).

        With a `goal` it stops as soon as all its literals are settled, and the costs of dearer
        ones mean nothing. An operator costs the sum (or, not `additive`, the maximum) of its
        preconditions besides its own. `wishes`: literals that may be had at a price.
        """
        value, support = self._infinite[:], self._nobody[:]
        waits, price = self._waits[:], self._costs[:]
        own, users, gains = self._costs, self._users, self.gains
        size = len(value)
        # Entries are cost * size + literal: integers compare faster than pairs, ties go to the lower.
        queue = []
        left = goal
        for literal in bits(state & (self.read | goal)):
            value[literal] = 0
            queue.append(literal)
        for literal, cost in (wishes or {}).items():
            if cost < value[literal]:
                value[literal] = cost
                heappush(queue, cost * size + literal)
        for i in self._free:
            for gained in gains[i]:
                if own[i] < value[gained]:
                    value[gained], support[gained] = own[i], i
                    heappush(queue, own[i] * size + gained)
        while queue:
            cost, literal = divmod(heappop(queue), size)
            if cost > value[literal]:
                continue
            if left:
                left &= ~(1 << literal)
                if not left:
                    break
            for i in users[literal]:
                waits[i] -= 1
                if additive:
                    price[i] += cost
                if not waits[i]:
                    reached = price[i] if additive else own[i] + cost
                    for gained in gains[i]:
                        if reached < value[gained]:
                            value[gained], support[gained] = reached, i
                            heappush(queue, reached * size + gained)
        return value, support

    def reachable(self, state: int) -> tuple[list[Operator], int]:
        """The operators that can ever be done from `state`, and the literals that can ever hold."""
        value, _ = self.explore(state)
        able = [o for o in self.operators if all(value[x] < INFINITE for x in o.needs)]
        literals = state
        for o in able:
            literals |= o.add
        return able, literals


Estimate = Callable[[int], int]
"""State to estimated cost, `INFINITE` for a dead end."""


def relaxed_plan(relaxation: Relaxation, goal: int) -> Estimate:
    """Cost of one relaxed plan; may overestimate, counts shared steps once."""
    operators = relaxation.operators
    wanted = tuple(bits(goal))

    def estimate(state: int) -> int:
        value, support = relaxation.explore(state, goal)
        todo = []
        for literal in wanted:
            if value[literal] >= INFINITE:
                return INFINITE
            todo.append(literal)
        chosen = set()
        total = 0
        while todo:
            i = support[todo.pop()]
            if i >= 0 and i not in chosen:
                chosen.add(i)
                total += operators[i].cost
                todo += operators[i].needs
        return total

    return estimate


def maximum(relaxation: Relaxation, goal: int) -> Estimate:
    """Cost of the dearest goal literal; never overestimates."""
    wanted = tuple(bits(goal))

    def estimate(state: int) -> int:
        value, _ = relaxation.explore(state, goal, additive=False)
        return max((value[literal] for literal in wanted), default=0)

    return estimate


def blind(relaxation: Relaxation, goal: int) -> Estimate:
    """Always 0: search by cost alone, for tests."""
    return lambda state: 0


HEURISTICS: Mapping[str, Callable[[Relaxation, int], Estimate]] = {
    "relaxed-plan": relaxed_plan,
    "max": maximum,
    "blind": blind,
}

"""The delete relaxation, explored by cost.

Owns its exploration (generalised Dijkstra over literals, with additive or maximum costs: Bonet & Geffner 2001), in
which some literals may be assumed at a price. What is unreachable here really is unreachable. Does not guide a
search: `task.py` has the heuristic for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from agents.goap.domain import Domain, bits

INFINITE = 1 << 60
"""The estimate for what is unreachable even in the delete relaxation."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A ground action as the search sees it: masks, the same as tuples, and its cost for this request."""

    index: int
    needs: tuple[int, ...]
    gains: tuple[int, ...]
    pre: int
    add: int
    keep: int
    cost: int

    @classmethod
    def of(cls, domain: Domain, i: int, cost: int, literals: int) -> Operator:
        """Action `i` with its effects restricted to `literals`: states that differ only elsewhere are merged."""
        gains = tuple(x for x in domain.gains[i] if literals >> x & 1)
        return cls(i, domain.needs[i], gains, domain.pre[i], domain.add[i] & literals, domain.keep[i], cost)


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
        """Costs of literals from `state`, and for each the position in `operators` of its cheapest achiever (-1 if it
        already holds or is unreachable).

        With a `goal` it stops as soon as all its literals are settled; the costs of more expensive ones are then
        meaningless. An operator's cost is the sum (or, if not `additive`, the maximum) of its preconditions' costs
        plus its own. `wishes`: literals that can be assumed at a price.
        """
        value, support = self._infinite[:], self._nobody[:]
        waits, price = self._waits[:], self._costs[:]
        own, users, gains = self._costs, self._users, self.gains
        size = len(value)
        # Entries are cost * size + literal: integers compare faster than pairs, and ties go to the lower literal.
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
        """The operators that can ever be applied from `state`, and the literals that can ever hold."""
        value, _ = self.explore(state)
        able = [o for o in self.operators if all(value[x] < INFINITE for x in o.needs)]
        literals = state
        for o in able:
            literals |= o.add
        return able, literals

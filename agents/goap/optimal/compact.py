"""A request for the cheapest plan, reduced to what is relevant and renumbered.

Owns the compact task: facts that vary and matter, and operators that are applicable, useful and pairwise different.
Does not search.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from agents.goap.domain import Domain, Row, bits
from agents.goap.optimal.symmetry import Exchange, classes


class Compact:
    """Facts 0 … `size`-1 are literals of the domain (`literals` says which; those of one object that `symmetry` may
    exchange are adjacent), and operators are pairwise different.

    `pre[o]`, `add[o]` and `keep[o]` are masks of facts, `costs[o]` integers, `actions[o]` the action of the domain.
    `start` and `goal` are masks of facts. For sets of facts or operators, read byte by byte: `blocks` gives the
    operators that need a fact in the set, `unions` what the operators in the set achieve.
    """

    def __init__(
        self, start: int, goal: int, operators: Sequence[tuple[int, int, int, int, int]], literals: Sequence[int]
    ) -> None:
        """`operators`: (pre, add, delete, cost, action) in masks of literals; `literals`: the order of the facts."""
        self.literals = tuple(literals)
        self.size = len(literals)
        place = {literal: fact for fact, literal in enumerate(literals)}

        def moved(mask: int) -> int:
            found = 0
            for literal in bits(mask):
                found |= 1 << place[literal]
            return found

        self.start, self.goal = moved(start), moved(goal)
        self.pre = [moved(o[0]) for o in operators]
        self.add = [moved(o[1]) for o in operators]
        self.keep = [~moved(o[2]) for o in operators]
        self.costs = [o[3] for o in operators]
        self.actions = [o[4] for o in operators]
        users, achievers = [0] * self.size, [0] * self.size
        for o in range(len(operators)):
            for fact in bits(self.pre[o]):
                users[fact] |= 1 << o
            for fact in bits(self.add[o]):
                achievers[fact] |= 1 << o
        self.users, self.achievers = users, achievers
        self.every = (1 << len(operators)) - 1
        self.facts = (1 << self.size) - 1
        self.width = (self.size + 7) // 8
        self.span = (len(operators) + 7) // 8

    @cached_property
    def blocks(self) -> tuple[Row, ...]:
        """For each byte of facts: the operators that need one of them."""
        return Row.table(self.users)

    @cached_property
    def unions(self) -> tuple[Row, ...]:
        """For each byte of operators: the facts they add."""
        return Row.table(self.add)

    @cached_property
    def classes(self) -> dict[int, int]:
        """The operators of each cost, as masks; cheapest first."""
        found: dict[int, int] = {}
        for o, cost in sorted(enumerate(self.costs), key=lambda pair: pair[1]):
            found[cost] = found.get(cost, 0) | 1 << o
        return found

    def able(self, state: int) -> int:
        """The applicable operators in `state`, as a mask."""
        blocked = 0
        for row, byte in zip(self.blocks, (self.facts & ~state).to_bytes(self.width, "little"), strict=True):
            if byte:
                blocked |= row[byte]
        return self.every & ~blocked


def reduce(
    domain: Domain, state: int, target: int, costs: Sequence[int]
) -> tuple[int, int, list[tuple[int, int, int, int, int]]] | None:
    """The relevant part of a request: start, goal and operators (pre, add, delete, cost, action), in masks of
    literals; None if the target is unreachable even in the delete relaxation.

    Until nothing changes any more, actions that are inapplicable or irrelevant to the goal are removed, then facts
    that always hold. Of actions that have become equal, the cheapest is kept.
    """
    full = (1 << domain.size) - 1
    found = [
        (domain.pre[i], domain.add[i], full & ~domain.keep[i], costs[i], i) for i in bits(domain.relevant(target)[0])
    ]
    reached, waiting, before = state, found, -1
    while before != len(waiting):
        before = len(waiting)
        left = []
        for o in waiting:
            if o[0] & ~reached:
                left.append(o)
            else:
                reached |= o[1]
        waiting = left
    if target & ~reached:
        return None
    found = [o for o in found if not o[0] & ~reached]
    before = -1
    while before != len(found):
        before = len(found)
        lost = 0
        for o in found:
            lost |= o[2]
        needed, fresh = 0, target
        while fresh:  # backwards from the goal
            needed |= fresh & lost | fresh & ~state
            wanted = 0
            for o in found:
                if o[1] & fresh:
                    wanted |= o[0]
            fresh = wanted & (lost | ~state) & ~needed
        best: dict[tuple[int, int, int], tuple[int, int]] = {}
        for pre, add, delete, cost, i in found:
            key = pre & needed, add & needed & ~pre, delete & needed
            if key[1] and (key not in best or (cost, i) < best[key]):
                best[key] = cost, i
        found = [(*key, *value) for key, value in best.items()]
        target &= needed
    return state & needed, target, found


def arranged(
    domain: Domain, start: int, goal: int, operators: Sequence[tuple[int, int, int, int, int]]
) -> tuple[Compact, list[Exchange]]:
    """The compact task for the result of `reduce`, with the facts of interchangeable objects side by side."""
    order: list[int] = []
    exchanges = []
    for rows in classes(domain, goal, operators):
        exchanges.append(Exchange(len(order), len(rows[0]), len(rows)))
        for row in rows:
            order += row
    rest = start | goal
    for o in operators:
        rest |= o[0] | o[1] | o[2]
    for literal in order:
        rest ^= 1 << literal
    return Compact(start, goal, operators, [*order, *bits(rest)]), exchanges

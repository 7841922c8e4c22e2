"""Which literals can ever hold together, in pairs.

Owns the h² reachability of Haslum & Geffner ("Admissible heuristics for optimal planning", 2000) without costs,
with all partners of a literal in one mask: a pair is unreachable if each way to achieve it needs an unreachable
pair. Polynomial. From one state it sees everything that mutex groups see from many, and more: what depends on facts
that cannot hold together. Ignores triples, and does not search.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import NamedTuple

from agents.goap.domain import Domain, bits

SLICE = 25_000
"""Actions tried in one slice, times the facts each examines: about 0.4 ms."""

MEASURED = 500
"""Relevant actions of literals measured in one slice: about 0.3 ms."""

MOST_STAGES = 256
"""Number of goals whose stages a domain caches; the oldest is dropped first."""


class Stage(NamedTuple):
    """A part of a goal, and the actions and literals relevant to it (masks)."""

    target: int
    actions: int
    literals: int


def stages(domain: Domain, target: int) -> Generator[None, None, tuple[Stage, ...]]:
    """Parts of a goal that grow up to the whole, those with the fewest relevant actions first. The cause is usually in
    a small part. Each part is twice as large as the previous one, so all of them cost little more than the last.
    Yields now and then while measuring.
    """
    kept: dict[int, tuple[Stage, ...]] = domain.memo.setdefault(stages, {})
    found = kept.get(target)
    if found is None:
        sizes, work = [], 0
        for x in bits(target):
            sizes.append((domain.relevant(1 << x)[0].bit_count(), x))
            work += sizes[-1][0]
            if work > MEASURED:
                yield
                work = 0
        sizes.sort()
        made: list[Stage] = []
        part, least = 0, sizes[0][0] if sizes else 0
        for size, x in sizes:
            if size > 2 * least:
                made.append(Stage(part, *domain.relevant(part)))
                yield
                least = size
            part |= 1 << x
        made.append(Stage(part, *domain.relevant(part)))
        yield
        if len(kept) >= MOST_STAGES:
            del kept[next(iter(kept))]
        found = kept[target] = tuple(made)
    return found


class Pairs:
    """`beside[l]`: the literals that may hold together with literal l, including itself; 0 if l can never hold. They
    are exact for a part of the goal that was fully explored, and for everything relevant to it. `tried`: actions
    tried so far.
    """

    def __init__(self, domain: Domain, state: int, parts: tuple[Stage, ...], without: int = 0) -> None:
        """Start with nothing known; `grow` does the work. `parts` of a goal as made by `stages`; `without`: actions
        known to be inapplicable.
        """
        self.domain, self.state, self.parts, self.without = domain, state, parts, without
        self.beside = [0] * domain.size
        self.tried = 0
        self._slice = max(10, SLICE // max(domain.count, 100))

    def flaw(self, target: int) -> int:
        """The literals of `target` that can never hold; if there are none, two that cannot hold together; 0 if pairs
        reveal none.
        """
        never = 0
        for x in bits(target):
            if not self.beside[x]:
                never |= 1 << x
        if never:
            return never
        for x in bits(target):
            others = target & ~self.beside[x]
            if others:
                return 1 << x | others & -others
        return 0

    def grow(self) -> Generator[int, None, int]:
        """Look for a flaw in the goal, part by part; yields the actions tried so far and returns the flaw.

        If the flaw is 0, pairs reveal none. Some reachable literals may then still be unexplored; `complete`
        explores them.
        """
        for stage in self.parts:
            if (yield from self._fill(stage, self.flaw)):
                flaw = self.flaw(stage.target)
                if flaw:
                    return flaw
        return 0

    def complete(self) -> Generator[int, None, None]:
        """Find all pairs relevant to the goal."""
        yield from self._fill(self.parts[-1], lambda _: 1)

    def _fill(self, stage: Stage, flaw: Callable[[int], int]) -> Generator[int, None, bool]:
        """All pairs relevant to a stage; False if it stopped early because the target has no `flaw`."""
        domain, beside = self.domain, self.beside
        needs, keep, users, pre = domain.needs, domain.keep, domain.users, domain.pre
        add, gains = domain.add, domain.gains
        target, literals, every = stage.target, stage.literals, stage.actions & ~self.without
        known = start = self.state & literals
        for x in bits(literals):
            if start >> x & 1:
                beside[x] |= start
            elif beside[x]:
                known |= 1 << x
        queue = [i for i in bits(every) if not pre[i] & ~known]
        always = sum(1 << i for i in bits(every) if not pre[i])
        waiting = sum(1 << i for i in queue)
        last: dict[int, int] = {}
        work = 0
        # Breadth first: an action is tried again when the partners of one of its preconditions have grown (if it has
        # none, when anything new can hold).
        for i in queue:  # grows during the loop
            waiting ^= 1 << i
            work += 1
            self.tried += 1
            if work >= self._slice:
                if not flaw(target):
                    return False
                yield self.tried
                work = 0
            together = known
            for x in needs[i]:
                together &= beside[x]
            if pre[i] & ~together or last.get(i) == together:
                continue
            last[i] = together
            gained = add[i] & literals
            after = together & keep[i] | gained
            changed = 0
            for x in gains[i]:
                fresh = after & ~beside[x]
                if fresh and gained >> x & 1:
                    beside[x] |= fresh
                    changed |= users[x]
                    bit = 1 << x
                    fresh &= ~gained
                    work += fresh.bit_count() >> 2
                    for y in bits(fresh):
                        beside[y] |= bit
                        changed |= users[y]
            if gained & ~known:
                known |= gained
                changed |= always
            changed &= every & ~waiting
            if changed:
                waiting |= changed
                queue.extend(bits(changed))
        return True

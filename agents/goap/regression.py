"""Proofs that a goal is impossible, in slices, alongside a search for a plan.

Owns the order of the methods, cheapest first: mutex groups; delete relaxation (without actions that need two facts
of a group); pairs (`pairs.py`); and backward search from the goal, which drops conditions that contain an
unreachable pair or require more than one seen before. Also finds which few literals of the goal are to blame. Does
not look for good plans, and leaves the wording to `explain`.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from heapq import heappop, heappush

from agents.goap.domain import Domain, bits
from agents.goap.invariants import conflict, dead, standing
from agents.goap.outcome import Progress
from agents.goap.pairs import Pairs, stages
from agents.goap.task import INFINITE, Task

MAX_NODES = 3000
"""Maximum number of conditions regressed before the backward search gives up."""

SLICE = 100
"""Actions tried backward in one slice, and conditions compared, in eighths: about 0.3 ms."""


@dataclass(frozen=True)
class Refuted:
    """No plan exists. `missing`: goal literals that can never hold; if there are none, `conflict`: a few that cannot
    hold together, two if a pair is to blame (masks).
    """

    missing: int
    conflict: int
    nodes: int


@dataclass(frozen=True)
class Reached:
    """A plan exists: `actions` lead from the state to the goal (not cheaply)."""

    actions: tuple[int, ...]
    nodes: int


@dataclass(frozen=True)
class Undecided:
    """The limit was reached: nothing is known."""

    nodes: int


Proof = Refuted | Reached | Undecided


def regress(
    domain: Domain, state: int, target: int, *, max_nodes: int = MAX_NODES, slice_nodes: int | None = None
) -> Generator[Progress, None, Proof]:
    """Try to prove that the literals `target` cannot be reached from `state`; each `next()` does one slice.

    `max_nodes`: maximum number of conditions regressed; the methods before the backward search are bounded by their
    nature (they grow with the square of the literals). `slice_nodes`: conditions regressed in a slice, by default
    as many as take about half a millisecond. `Progress.nearest` is `INFINITE` during the cheap methods, which
    usually succeed within a few slices.
    """
    clash = conflict(domain, state, target)
    groups = standing(domain.groups, state)
    impossible = dead(domain, groups)
    missing = target & ~_reachable(domain, state, target, impossible)
    if missing or clash:
        return Refuted(missing, 0 if missing else clash, 0)
    parts = yield from _told(stages(domain, target))
    pairs = Pairs(domain, state, parts, impossible)
    flaw = yield from _told(pairs.grow())
    if flaw:
        never = flaw if not pairs.beside[flaw.bit_length() - 1] else 0
        return Refuted(never, 0 if never else flaw, 0)
    far = (target & ~state).bit_count()
    yield from _told(pairs.complete(), far)
    free = yield from _told(_free(domain, groups, impossible), far)
    # First without what can usually be regained (a location, things that can be picked up), and part by part of the
    # goal; only then the goal as it is.
    backward = _Backward(domain, state, pairs, max_nodes, slice_nodes)
    for part, without in [*((stage.target, free) for stage in parts if free), (target, 0)]:
        found = yield from backward.refute(part, without)
        if found is None:
            return Undecided(backward.nodes)
        if found:
            culprits = yield from backward.least(part, without)
            single = culprits if not culprits & culprits - 1 else 0
            return Refuted(single, 0 if single else culprits, backward.nodes)
    return Reached(backward.path, backward.nodes)


def _told[Found](slices: Generator[object, None, Found], nearest: int = INFINITE) -> Generator[Progress, None, Found]:
    """The slices of a method that regresses nothing."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            found: Found = end.value
            return found
        yield Progress(0, nearest)


class _Backward:
    """Backward search, best first by how much of a condition does not hold in the state."""

    def __init__(self, domain: Domain, state: int, pairs: Pairs, max_nodes: int, slice_nodes: int | None) -> None:
        """`pairs`: complete for everything relevant."""
        self.domain, self.state, self.pairs = domain, state, pairs
        self.max_nodes, self.slice_nodes = max_nodes, slice_nodes
        self._able: dict[int, bool] = {}  # whether an action's preconditions can hold together
        self.nodes = 0
        self.path: tuple[int, ...] = ()
        self._work = self._sliced = 0

    def least(self, target: int, without: int) -> Generator[Progress, None, int]:
        """A subset of a refuted target that is refuted itself and, as far as the limit allows us to tell, has no
        refuted subset.
        """
        for literal in list(bits(target)):
            rest = target & ~(1 << literal)
            if rest and (yield from self.refute(rest, without)):
                target = rest
        return target

    def refute(self, target: int, without: int) -> Generator[Progress, None, bool | None]:
        """Whether `target` is unreachable; None if the limit was reached. Literals in `without` are assumed to hold,
        so True is certain and False is not; if it is empty, `path` is a plan.
        """
        domain, state, pairs, able = self.domain, self.state, self.pairs, self._able
        beside = pairs.beside
        achievers, keep, add, pre = domain.achievers, domain.keep, domain.add, domain.pre
        start = target & ~without
        after: dict[int, tuple[int, int]] = {start: (-1, 0)}  # condition: the action, the condition after it
        queue = [((start & ~state).bit_count(), start.bit_count(), 0, start)]
        closed: list[int] = []
        while queue:
            distance, _, _, condition = heappop(queue)
            if not distance:
                self.path = self._path(after, condition)
                return False
            self._work += len(closed) >> 3
            if any(not known & ~condition for known in closed):
                continue
            if self.nodes >= self.max_nodes:
                return None
            self.nodes += 1
            self._sliced += 1
            closed.append(condition)
            useful = 0
            for literal in bits(condition):
                useful |= achievers[literal]
            for i in bits(useful & ~pairs.without):
                self._work += 1
                if self._work >= SLICE or (self.slice_nodes is not None and self._sliced >= self.slice_nodes):
                    self._work = self._sliced = 0
                    yield Progress(self.nodes, distance)
                if condition & ~keep[i]:
                    continue  # it destroys what is wanted
                if i not in able:
                    able[i] = not pairs.flaw(pre[i])
                before = (condition & ~add[i] | pre[i]) & ~without
                if before in after or not able[i]:
                    continue
                together = before
                for literal in bits(before):
                    together &= beside[literal]
                    if together != before:
                        break
                else:
                    after[before] = (i, condition)
                    heappush(queue, ((before & ~state).bit_count(), before.bit_count(), len(after), before))
        return True

    @staticmethod
    def _path(after: dict[int, tuple[int, int]], condition: int) -> tuple[int, ...]:
        path = []
        i, condition = after[condition]
        while i >= 0:
            path.append(i)
            i, condition = after[condition]
        return tuple(path)


def _reachable(domain: Domain, state: int, target: int, without: int) -> int:
    """The literals that can hold from `state` on in the delete relaxation."""
    every = Task.of(domain, target)[0].actions & ~without
    done = 0
    while True:
        able = domain.applicable_mask(state) & every & ~done
        if not able:
            return state
        done |= able
        for rows, byte in zip(domain.unions, able.to_bytes((len(domain) + 7) // 8, "little"), strict=True):
            if byte:
                state |= rows[byte]


def _free(domain: Domain, groups: tuple[int, ...], without: int) -> Generator[None, None, int]:
    """The facts of groups in which every fact can be reached from every other by actions that need and delete the one
    and add the other: these can usually be achieved at any time. Yields after every few groups.
    """
    free, n, work = 0, domain.count, 0
    for group in groups:
        if work > SLICE:
            yield
            work = 0
        forth: dict[int, int] = {}
        back: dict[int, int] = {}
        for x in bits(group):
            for i in bits(domain.users[x] & domain.achievers[x + n] & ~without):
                work += 1
                to = domain.add[i] & group
                forth[x] = forth.get(x, 0) | to
                for y in bits(to):
                    back[y] = back.get(y, 0) | 1 << x
        first = group & -group
        if all(_closure(way, first) == group for way in (forth, back)):
            free |= group
    return free


def _closure(way: dict[int, int], found: int) -> int:
    todo = found
    while todo:
        low = todo & -todo
        todo ^= low
        fresh = way.get(low.bit_length() - 1, 0) & ~found
        found |= fresh
        todo |= fresh
    return found

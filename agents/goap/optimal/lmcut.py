"""The landmark-cut estimate, on masks.

Owns h^LM-cut (Helmert & Domshlak, "Landmarks, critical paths and abstractions: what's the difference
anyway?", 2009) and its incremental form (Pommerening & Helmert, "Incremental LM-cut", 2013).
Knows nothing of search nodes.
"""

from __future__ import annotations

from collections.abc import Callable

from agents.goap.domain import bits
from agents.goap.optimal.compact import Compact

INFINITE = 1 << 60
"""The estimate of a state from which no plan leads to the goal."""

Cut = tuple[int, int]
"""A landmark: operators (a mask) of which every plan contains one, and its contribution to the estimate."""

Estimate = tuple[int, list[Cut], dict[int, int]]
"""The estimate; the landmarks of which it is the sum; and the operators by their remaining cost."""


def lmcut(task: Compact) -> Callable[[int, list[Cut]], Estimate]:
    """The function from (state, landmarks known to hold in it) to the estimate.

    Each round computes by h_max the cost of the goal (at least `now`), then a zone of facts that lead to a most
    expensive goal fact at no cost. The operators that enter the zone from what is reachable outside it are a
    landmark; the cost of its cheapest operator is added to the estimate and subtracted from all of them. The paper
    chooses one precondition for each operator beforehand; here the choice is delayed as long as possible: an
    operator blocked by any fact that is unreachable outside the zone does not enter it, so the landmarks are
    smaller. From round to round only the levels of h_max affected by the landmark's operators are recomputed.
    """
    every, facts, goal, width, span = task.every, task.facts, task.goal, task.width, task.span
    pre, achievers, blocks, unions = task.pre, task.achievers, task.blocks, task.unions
    initial = task.classes

    def estimate(state: int, known: list[Cut]) -> Estimate:
        left = dict(initial)
        total = 0
        for cut, cost in known:
            total += cost
            _lower(left, cut, cost)
        cuts = list(known)
        levels: list[tuple[int, int, int]] = []  # of h_max: value, facts reached, applicable operators
        now, reached, able = 0, state, 0
        while True:
            # The level `now`, with what operators without cost add to it.
            zero = left.get(0, 0)
            while True:
                blocked = 0
                for row, byte in zip(blocks, (facts & ~reached).to_bytes(width, "little")):  # noqa: B905  (equally long)
                    if byte:
                        blocked |= row[byte]
                fresh = every & ~blocked & ~able
                able |= fresh
                fresh &= zero
                if not fresh:
                    break
                gained = 0
                for row, byte in zip(unions, fresh.to_bytes(span, "little")):  # noqa: B905
                    if byte:
                        gained |= row[byte]
                if not gained & ~reached:
                    break
                reached |= gained
            levels.append((now, reached, able))
            if goal & ~reached:
                # The next level at which something new arrives.
                coming: dict[int, int] = {}
                most = max(left)
                later = able
                for place in range(len(levels) - 1, -1, -1):
                    time = levels[place][0]
                    if time + most <= now:
                        break
                    earlier = levels[place - 1][2] if place else 0
                    part = later & ~earlier
                    later = earlier
                    for cost, operators in left.items():
                        if time + cost > now and part & operators:
                            coming[time + cost] = coming.get(time + cost, 0) | part & operators
                for now in sorted(coming):
                    gained = 0
                    for row, byte in zip(unions, coming[now].to_bytes(span, "little")):  # noqa: B905
                        if byte:
                            gained |= row[byte]
                    if gained & ~reached:
                        reached |= gained
                        break
                else:
                    return INFINITE, [], {}
                continue
            if not now:
                return total, cuts, left
            _, inside, able = levels[-2]  # everything cheaper than the goal
            # The zone.
            todo = goal & ~inside
            zone = todo = todo & -todo
            into = 0
            while todo:
                low = todo & -todo
                todo ^= low
                achieving = achievers[low.bit_length() - 1]
                into |= achieving
                for o in bits(achieving & zero):
                    if not pre[o] & zone:
                        choice = pre[o] & ~reached or pre[o] & ~inside
                        choice &= -choice
                        zone |= choice
                        todo |= choice
            # What is reachable outside it.
            fresh = able
            while True:
                gained = 0
                for row, byte in zip(unions, fresh.to_bytes(span, "little")):  # noqa: B905
                    if byte:
                        gained |= row[byte]
                gained &= ~(zone | inside)
                if not gained:
                    break
                inside |= gained
                blocked = 0
                for row, byte in zip(blocks, (facts & ~inside).to_bytes(width, "little")):  # noqa: B905
                    if byte:
                        blocked |= row[byte]
                fresh = every & ~blocked & ~able
                if not fresh:
                    break
                able |= fresh
            cut = able & into
            cost = min(c for c, operators in left.items() if operators & cut)
            total += cost
            cuts.append((cut, cost))
            _lower(left, cut, cost)
            # Back to the first level at which one of the landmark's operators now has an effect.
            most = max(left)
            first, arriving = now, 0
            for place in range(len(levels) - 1, -1, -1):
                time = levels[place][0]
                if time + most + cost < now:
                    break
                part = cut & levels[place][2] & ~(levels[place - 1][2] if place else 0)
                if part:
                    for c, operators in left.items():
                        if part & operators:
                            if time + c < first:
                                first, arriving = time + c, part & operators
                            elif time + c == first:
                                arriving |= part & operators
            while levels[-1][0] > first:
                levels.pop()
            now, reached, able = first, levels[-1][1], levels[-1][2]
            if levels[-1][0] == first:
                levels.pop()
            for o in bits(arriving):
                reached |= task.add[o]

    return estimate


def _lower(left: dict[int, int], cut: int, cost: int) -> None:
    """Subtract `cost` from the remaining cost of the operators in `cut`."""
    for c, operators in sorted(left.items()):
        part = operators & cut
        if part:
            left[c - cost] = left.get(c - cost, 0) | part
            if operators == part:
                del left[c]
            else:
                left[c] = operators ^ part

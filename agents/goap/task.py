"""A domain together with a goal, made ready for search once and shared by all who want that goal.

Owns which actions and literals can matter for the goal, the relaxed plan that guides the
search, and the actions' costs for one request. Refuses to know a state of its own or to
search.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from agents.goap.domain import Domain, Row, bits
from agents.goap.invariants import contested

INFINITE = 1 << 60
"""The estimate of what cannot be reached even when nothing becomes false."""

MOST_TASKS = 256
"""Goals a domain keeps ready; the one made first goes first."""

MOST_SUMS = 4096
"""Sets of actions of which a task remembers what they bring about together."""

Relaxed = tuple[int, list[int], int, int]
"""Estimated cost to the goal; the relaxed plan, first actions first; those of it that can be done,
the helpful ones; and all that can be done (masks).
"""


class Task:
    """What search needs to know of a goal: `target`, the literals wanted; `actions`, those that can
    matter (a mask); `literals`, what these need and the goal asks for: states that differ
    elsewhere are one. `effects`: what each action makes true.
    """

    def __init__(self, domain: Domain, target: int, forced: int | None = None) -> None:
        """`forced`: an action every plan must do; literal `domain.size` then says that it was done."""
        self.domain, self.contested = domain, contested(domain, target)
        need = target if forced is None else target | domain.pre[forced]
        actions, self.literals = domain.relevant(need)
        self.effects, self.unions, self.achievers = domain.add, domain.unions, domain.achievers
        if forced is not None:
            mark = 1 << domain.size
            actions |= 1 << forced
            target |= mark
            self.literals |= mark
            self.effects = tuple(gain | mark if i == forced else gain for i, gain in enumerate(domain.add))
            self.unions = Row.table(self.effects)
            self.achievers = (*domain.achievers, 1 << forced)
        self.actions, self.target = actions, target
        self.width = max(domain.width, (self.literals.bit_length() + 7) // 8)

    def cut(self) -> list[int]:
        """`effects` without what cannot matter. Made for each search: kept, it would be a task's largest part."""
        return [gain & self.literals for gain in self.effects]

    @cached_property
    def estimate(self) -> Callable[[int], Relaxed]:
        """The relaxed plan at the actions' own costs."""
        return relaxed_plan(self, self.domain.costs)

    @classmethod
    def of(cls, domain: Domain, target: int) -> tuple[Task, bool]:
        """The task kept for this goal, and whether it was made just now."""
        tasks: dict[int, Task] = domain.memo.setdefault(cls, {})
        found = tasks.get(target)
        new = found is None
        if found is None:
            if len(tasks) >= MOST_TASKS:
                del tasks[next(iter(tasks))]
            found = tasks[target] = cls(domain, target)
        return found, new

    def reachable(self, state: int) -> int:
        """The literals that can ever hold from `state` while nothing becomes false."""
        needs, able, before = self.domain.pre, self.actions, -1
        while able != before:
            before = able
            for i in bits(able):
                if not needs[i] & ~state:
                    state |= self.effects[i] & self.literals
                    able ^= 1 << i
        return state


def prices(domain: Domain, penalties: Mapping[str, int] | None) -> tuple[tuple[int, ...], int]:
    """What each action costs with `penalties` (by text, or by name for all groundings), and the
    mask of those that have one. Names the domain does not know are left out.
    """
    if not penalties:
        return domain.costs, 0
    costs, dear = list(domain.costs), 0
    for i, (name, text) in enumerate(zip(domain.names, domain.texts, strict=True)):
        extra = sum(penalties.get(key, 0) for key in {name, text})
        if extra:
            costs[i] += extra
            dear |= 1 << i
    return tuple(costs), dear


def _classes(task: Task, costs: tuple[int, ...], dear: int) -> list[tuple[int, int, int, int, tuple[Row, ...]]]:
    """The task's actions by cost: (cost, mask, first bit, bytes, for each byte what they bring about).

    Actions are numbered by their usual cost, so those of one cost lie together; each that is
    `dear` just now is a class of its own.
    """
    masks = [(costs[i], 1 << i) for i in bits(task.actions & dear)]
    usual: dict[int, int] = {}
    for i in bits(task.actions & ~dear):
        usual[costs[i]] = usual.get(costs[i], 0) | 1 << i
    found = []
    for cost, mask in [*usual.items(), *masks]:
        first = ((mask & -mask).bit_length() - 1) // 8
        span = (mask.bit_length() + 7) // 8 - first
        found.append((cost, mask, 8 * first, span, task.unions[first : first + span]))
    return found


def relaxed_plan(task: Task, costs: tuple[int, ...], dear: int = 0) -> Callable[[int], Relaxed]:
    """The estimate of a state by a relaxed plan (FF: Hoffmann & Nebel 2001), all of it on masks.

    Nothing becomes false, and each action is done as soon as it can be; what it brings about is
    there when its cost has passed, so a literal comes at the cost h_max gives it (Bonet & Geffner
    2001). A byte of literals or of actions is looked up at a time. The plan is then read off
    backwards, each literal from an action that brings it first. Helpful are those actions of it
    that can be done now. `dear`: actions that do not cost what they usually do.
    """
    blocks, classes = task.domain.blocks, _classes(task, costs, dear)
    width, every, literals, target = task.width, task.actions, task.literals, task.target
    pre, add, achievers = task.domain.pre, task.effects, task.achievers

    sums: dict[int, int] = {}  # what actions bring about together, for sets of them seen before

    def estimate(state: int) -> Relaxed:
        missing = literals & ~state
        blocked = 0
        for row, byte in zip(blocks, missing.to_bytes(width, "little")):  # noqa: B905  (blocks may be shorter)
            if byte:
                blocked |= row[byte]
        able = new = untried = every & ~blocked
        untried ^= every  # what has not been done yet
        layers: list[tuple[int, int]] = []
        coming: dict[int, tuple[int, int]] = {}  # when: actions, what they bring
        now = 0
        while target & missing:
            if new:
                for cost, mask, shift, span, rows in classes:
                    part = new & mask
                    if part:
                        known = sums.get(part)
                        if known is None:
                            gained = 0
                            for row, byte in zip(rows, (part >> shift).to_bytes(span, "little")):  # noqa: B905  (equally long)
                                if byte:
                                    gained |= row[byte]
                            if len(sums) >= MOST_SUMS:
                                sums.clear()
                            sums[part] = gained
                        else:
                            gained = known
                        if gained & missing:
                            when = now + cost
                            if when in coming:
                                others = coming[when]
                                coming[when] = part | others[0], gained | others[1]
                            else:
                                coming[when] = part, gained
                        new ^= part
                        if not new:
                            break
            if not coming:
                return INFINITE, [], 0, able
            now = min(coming)
            part, fresh = coming.pop(now)
            fresh &= missing
            if fresh:
                layers.append((part, fresh))
                missing ^= fresh
                blocked = 0
                for row, byte in zip(blocks, missing.to_bytes(width, "little")):  # noqa: B905
                    if byte:
                        blocked |= row[byte]
                new = untried & ~blocked
                untried ^= new
        wanted, total = target & ~state, 0
        plan = []
        while layers:
            part, fresh = layers.pop()
            while open_ := wanted & fresh:
                choice = part & achievers[(open_ & -open_).bit_length() - 1]
                action = (choice & -choice).bit_length() - 1
                total += costs[action]
                plan.append(action)
                wanted = (wanted | pre[action] & ~state) & ~(add[action] & fresh)
        plan.reverse()
        helpful = 0
        for action in plan:
            helpful |= 1 << action
        return total, plan, helpful & able, able

    return estimate

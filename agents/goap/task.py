"""A domain together with a goal, made ready for search once and shared by all who want that goal.

Owns which actions and literals can matter for the goal, the relaxed plan that guides the
search, and the actions' costs for one request. Refuses to know a state of its own or to
search.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from agents.goap.domain import Domain, Row, bits

INFINITE = 1 << 60
"""The estimate of what cannot be reached even when nothing becomes false."""

MOST_TASKS = 256
"""Goals a domain keeps ready; the one made first goes first."""

Relaxed = tuple[int, list[int], int, int]
"""Estimated cost to the goal; the relaxed plan, first actions first; those of it that can be done,
the helpful ones; and all that can be done (masks).
"""


class Task:
    """What search needs to know of a goal: `target`, the literals wanted; `actions`, those that can
    matter (a mask); `literals`, what these need and the goal asks for: states that differ
    elsewhere are one. `add` is cut down to these.
    """

    def __init__(self, domain: Domain, target: int, without: int = 0, forced: int | None = None) -> None:
        """`without`: a mask of actions that take no part. `forced`: an action every plan must do;
        literal `domain.size` then says that it was done.
        """
        self.domain = domain
        need = target if forced is None else target | domain.pre[forced]
        actions, self.literals = domain.relevant(need, without)
        self.add = [add & self.literals for add in domain.add]
        self.unions, self.achievers = domain.unions, domain.achievers
        if forced is not None:
            mark = 1 << domain.size
            actions |= 1 << forced
            target |= mark
            self.literals |= mark
            self.add[forced] |= mark
            self.unions = Row.table(self.add)
            self.achievers = (*domain.achievers, 1 << forced)
        self.actions, self.target = actions, target
        self.width = max(domain.width, (self.literals.bit_length() + 7) // 8)
        self.bytes = (len(domain) + 7) // 8

    @cached_property
    def estimate(self) -> Callable[[int], Relaxed]:
        """The relaxed plan at the actions' own costs."""
        return relaxed_plan(self, self.domain.costs)

    @classmethod
    def of(cls, domain: Domain, target: int, without: int = 0) -> tuple[Task, bool]:
        """The task kept for this goal, and whether it was made just now."""
        tasks: dict[tuple[int, int], Task] = domain.memo.setdefault(cls, {})
        found = tasks.get((target, without))
        new = found is None
        if found is None:
            if len(tasks) >= MOST_TASKS:
                del tasks[next(iter(tasks))]
            found = tasks[target, without] = cls(domain, target, without)
        return found, new

    def reachable(self, state: int) -> int:
        """The literals that can ever hold from `state` while nothing becomes false."""
        needs, able, before = self.domain.pre, self.actions, -1
        while able != before:
            before = able
            for i in bits(able):
                if not needs[i] & ~state:
                    state |= self.add[i]
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


def relaxed_plan(task: Task, costs: tuple[int, ...], dear: int = 0) -> Callable[[int], Relaxed]:
    """The estimate of a state by a relaxed plan (FF: Hoffmann & Nebel 2001), one layer at a time.

    In a layer all that can be done is done and nothing becomes false, a byte of literals or of
    actions at a lookup. The plan is then read off backwards, each literal from the cheapest
    action of the layer it first appears in; those in the first layer are helpful. Actions in
    `dear` are used only where the goal is out of reach without them.
    """
    blocks, unions = task.domain.blocks, task.unions
    width, span = task.width, task.bytes
    every, literals, target = task.actions, task.literals, task.target
    pre, add, achievers = task.domain.pre, task.add, task.achievers

    def estimate(state: int) -> Relaxed:
        missing = literals & ~state
        blocked = 0
        for row, byte in zip(blocks, missing.to_bytes(width, "little")):  # noqa: B905  (blocks may be shorter)
            if byte:
                blocked |= row[byte]
        able = every & ~blocked
        usual, new, done = every & ~dear, able & ~dear, 0
        layers = []
        while target & missing:
            gained = 0
            for row, byte in zip(unions, new.to_bytes(span, "little")):  # noqa: B905  (as long as each other)
                if byte:
                    gained |= row[byte]
            fresh = gained & missing
            if fresh:
                layers.append((new, fresh))
                missing ^= fresh
                done |= new
                if not target & missing:
                    break
                blocked = 0
                for row, byte in zip(blocks, missing.to_bytes(width, "little")):  # noqa: B905
                    if byte:
                        blocked |= row[byte]
            elif usual == every:
                return INFINITE, [], 0, able
            else:
                usual = every
            new = usual & ~blocked & ~done
        wanted, cost, helpful = target & ~state, 0, 0
        plan = []
        while layers:
            new, fresh = layers.pop()
            while open_ := wanted & fresh:
                choice = new & achievers[(open_ & -open_).bit_length() - 1]
                if dear:
                    choice = choice & ~dear or choice
                choice &= -choice
                action = choice.bit_length() - 1
                cost += costs[action]
                plan.append(action)
                wanted = (wanted | pre[action] & ~state) & ~(add[action] & fresh)
                if not layers:
                    helpful |= choice
        plan.reverse()
        return cost, plan, helpful, able

    return estimate

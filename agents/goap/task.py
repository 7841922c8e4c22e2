"""A domain with a goal, prepared for search once and shared by everybody with that goal.

Owns which actions and literals are relevant to the goal, the relaxed plan that guides the search, and the costs of
actions for one request. Neither holds a state nor searches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property

from agents.goap.domain import Domain, Row, bits
from agents.goap.invariants import contested

INFINITE = 1 << 60
"""The estimate for what is unreachable even in the delete relaxation."""

MOST_TASKS = 256
"""Number of goals that a domain keeps prepared; the oldest is dropped first."""

MOST_SUMS = 4096
"""Number of sets of actions whose combined effects a task caches."""

Relaxed = tuple[int, list[int], int, int]
"""Estimated cost to the goal; the relaxed plan, in order; its applicable actions, the helpful ones; and all applicable
actions (masks).
"""


class Task:
    """What the search needs to know about a goal: `target`, the required literals; `actions`, the relevant ones (a
    mask); `literals`, everything these need and the goal requires: states that differ only elsewhere are merged.
    `effects`: what each action makes true.
    """

    def __init__(self, domain: Domain, target: int, forced: int | None = None) -> None:
        """`forced`: an action that every plan must contain; literal `domain.size` then says that it was done."""
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
        """`effects` without what is irrelevant. Computed for each search, because storing it would be the largest part
        of a task.
        """
        return [gain & self.literals for gain in self.effects]

    @cached_property
    def estimate(self) -> Callable[[int], Relaxed]:
        """The relaxed plan with the actions' own costs."""
        return relaxed_plan(self, self.domain.costs)

    @classmethod
    def of(cls, domain: Domain, target: int) -> tuple[Task, bool]:
        """The task cached for this goal, and whether it was created just now."""
        tasks: dict[int, Task] = domain.memo.setdefault(cls, {})
        found = tasks.get(target)
        new = found is None
        if found is None:
            if len(tasks) >= MOST_TASKS:
                del tasks[next(iter(tasks))]
            found = tasks[target] = cls(domain, target)
        return found, new

    def reachable(self, state: int) -> int:
        """The literals that can ever hold from `state` in the delete relaxation."""
        needs, able, before = self.domain.pre, self.actions, -1
        while able != before:
            before = able
            for i in bits(able):
                if not needs[i] & ~state:
                    state |= self.effects[i] & self.literals
                    able ^= 1 << i
        return state


def prices(domain: Domain, penalties: Mapping[str, int] | None) -> tuple[tuple[int, ...], int]:
    """The cost of each action with `penalties` (by text, or by name for all groundings), and the mask of the penalised
    ones. Names that the domain does not know are ignored.
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
    """The task's actions by cost: (cost, mask, first bit, bytes, for each byte what they achieve).

    Actions are numbered by their usual cost, so those with the same cost are adjacent; each action that is
    currently `dear` is a class of its own.
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
    """The estimate of a state by a relaxed plan (FF: Hoffmann & Nebel 2001), entirely on masks.

    Nothing becomes false, and each action is applied as soon as possible; its effects appear once its cost has
    passed, so a literal appears at its h_max cost (Bonet & Geffner 2001). Literals and actions are looked up one
    byte at a time. The plan is then extracted backwards, taking for each literal an action that achieves it first.
    Its actions that are applicable now are the helpful ones. `dear`: actions whose cost differs from the usual one.
    """
    blocks, classes = task.domain.blocks, _classes(task, costs, dear)
    width, every, literals, target = task.width, task.actions, task.literals, task.target
    pre, add, achievers = task.domain.pre, task.effects, task.achievers

    sums: dict[int, int] = {}  # combined effects of sets of actions seen before

    def estimate(state: int) -> Relaxed:
        missing = literals & ~state
        blocked = 0
        for row, byte in zip(blocks, missing.to_bytes(width, "little")):  # noqa: B905  (blocks may be shorter)
            if byte:
                blocked |= row[byte]
        able = new = untried = every & ~blocked
        untried ^= every  # what has not been done yet
        layers: list[tuple[int, int]] = []
        coming: dict[int, tuple[int, int]] = {}  # when: actions, their effects
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

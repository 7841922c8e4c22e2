"""What to do in many states, learned from earlier plans and shared by everybody with the same goal.

Owns the cache of kernels (a partial policy as in PRP: Muise, McIlraith & Beck 2012): what must hold for the
remainder of some plan to work, and that remainder. Neither searches nor promises the cheapest plan: it returns what
a search once found, cut to where it still works.
"""

from __future__ import annotations

from bisect import insort
from collections import OrderedDict
from dataclasses import dataclass

from agents.goap.domain import Domain
from agents.goap.model import Goal
from agents.goap.plan import Plan, PlanKept

MOST_KERNELS = 4096
"""Number of kernels cached for a goal, about 100 bytes each plus the plan; the oldest are dropped first."""

MOST_GOALS = 256
"""Number of goals for which a domain caches policies; the oldest is dropped first."""


@dataclass(frozen=True)
class PolicyKept:
    """A policy as plain values, which are meaningful only in the same domain."""

    goal: Goal
    plans: list[PlanKept]
    known: list[tuple[int, int, int, int, int]]
    """(kernel, cost to go, age, number of its plan, position), the oldest first."""


class Policy:
    """Kernels of the plans for one goal in one domain, and how each continues.

    They are grouped by what they require of the domain's largest mutex group (usually the location), so a look-up
    tests only those that can hold: O(kernels for the location).
    """

    def __init__(self, domain: Domain, goal: Goal) -> None:
        """An empty policy; `Policy.of` gives the shared one."""
        self.domain, self.goal = domain, goal
        self._group = max(domain.groups, key=int.bit_count, default=0)
        self._age = 0
        self._known: OrderedDict[int, tuple[int, int]] = OrderedDict()  # kernel: cost to go, age
        self._drawers: dict[int, list[tuple[int, int, int, int, Plan, int]]] = {}
        self._rests: dict[int, tuple[int, Plan]] = {}  # by age: the relevant literals, and the plan cut there
        # A group holds (cost to go, age, kernel, actions as a mask, plan, position), cheapest first.

    @classmethod
    def of(cls, domain: Domain, goal: Goal) -> Policy:
        """The policy shared by everybody who wants `goal` in `domain`. Raises NotFound for unknown facts."""
        kept: dict[int, Policy] = domain.memo.setdefault(cls, {})
        target = domain.goal(goal)
        found = kept.get(target)
        if found is None:
            if len(kept) >= MOST_GOALS:
                del kept[next(iter(kept))]
            found = kept[target] = cls(domain, goal)
        return found

    def snapshot(self) -> PolicyKept:
        """Everything learned."""
        places = {age: (plan, position) for drawer in self._drawers.values() for _, age, _, _, plan, position in drawer}
        plans = {id(plan): plan for plan, _ in places.values()}
        number = {mark: i for i, mark in enumerate(plans)}
        known = [
            (kernel, left, age, number[id(places[age][0])], places[age][1])
            for kernel, (left, age) in self._known.items()
        ]
        return PolicyKept(self.goal, [plan.snapshot() for plan in plans.values()], known)

    @classmethod
    def restored(cls, domain: Domain, kept: PolicyKept) -> Policy:
        """The policy as it was. Raises NotFound or IndexError for anything the domain does not know."""
        policy, plans = cls(domain, kept.goal), [Plan.restored(domain, plan) for plan in kept.plans]
        for kernel, left, age, number, position in kept.known:
            plan = plans[number]
            actions = sum(1 << action for action in set(plan.actions[position:]))
            policy._known[kernel] = left, age
            insort(policy._drawers.setdefault(kernel & policy._group, []), (left, age, kernel, actions, plan, position))
            policy._age = max(policy._age, age)
        return policy

    def __len__(self) -> int:
        """Number of kernels."""
        return len(self._known)

    def learn(self, plan: Plan) -> None:
        """Remember every state from which the remainder of `plan` works, unless an equally cheap way is known."""
        left = actions = 0
        for position in range(len(plan) - 1, -1, -1):
            action, kernel = plan.actions[position], plan.kernels[position]
            left += self.domain.costs[action]
            actions |= 1 << action
            before = self._known.get(kernel)
            if before is not None and before[0] <= left:
                continue
            if before is not None:
                self._forget(kernel, before[1])
            elif len(self._known) >= MOST_KERNELS:
                oldest, (_, age) = self._known.popitem(last=False)
                self._forget(oldest, age)
            self._age += 1
            self._known[kernel] = left, self._age
            insort(
                self._drawers.setdefault(kernel & self._group, []), (left, self._age, kernel, actions, plan, position)
            )

    def advise(self, state: int, avoid: int = 0) -> Plan | None:
        """The cheapest remainder of a known plan that works from `state`; None if none does.

        `avoid`: a mask of actions that it must not contain (those that failed recently).
        """
        missing = ~state
        best = None
        for drawer in {state & self._group, 0}:
            for entry in self._drawers.get(drawer, ()):
                if best is not None and entry >= best:
                    break
                if not entry[2] & missing and not entry[3] & avoid:
                    best = entry
                    break
        if best is None:
            return None
        return self._cut(best[1], best[4], best[5], state)

    def _cut(self, age: int, plan: Plan, position: int, state: int) -> Plan:
        """The remainder of `plan`; the same object as before if nothing relevant has changed."""
        known = self._rests.get(age)
        if known is None or (known[1].start ^ state) & known[0]:
            actions = plan.actions[position:]
            bears = plan.kernels[-1]
            for i in actions:
                bears |= self.domain.pre[i] | self.domain.add[i]
            known = self._rests[age] = (bears, Plan(plan.goal, self.domain, state, actions, plan.kernels[position:]))
        return known[1]

    def _forget(self, kernel: int, age: int) -> None:
        drawer = self._drawers[kernel & self._group]
        drawer[:] = [entry for entry in drawer if entry[1] != age]
        self._rests.pop(age, None)

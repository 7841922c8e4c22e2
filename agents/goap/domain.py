"""A planning domain as bit masks, compiled once for all agents.

Owns the meaning of the bits. With n ground facts, bit i of a state says that fact i holds and bit n+i that it does
not. So a negative precondition is just one more bit to test, every action is an add mask and a keep mask, and a
goal may require a fact to be false. A literal is one such bit; the negation of `p(a)` is written `not-p(a)`.
Contains no search and no state: the current state comes with each planning request.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from agents.goap import invariants
from agents.goap.ground import Atom, Ground, atom, ground
from agents.goap.model import Action, Fact, Goal, WorldState, fact
from agents.kernel.errors import BadInput, NotFound

NOT = "not-"


@dataclass(frozen=True)
class GroundAction:
    """A ground action as people and explanations read it. `cost` counts towards the plan; `duration` is in seconds."""

    index: int
    text: str
    name: str
    args: tuple[str, ...]
    preconditions: tuple[Fact, ...]
    negative: tuple[Fact, ...]
    add: tuple[Fact, ...]
    delete: tuple[Fact, ...]
    cost: int
    duration: float


def bits(mask: int) -> Iterator[int]:
    """Positions of the set bits in `mask`, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class Row(dict[int, int]):
    """For each value of one byte of a mask, the union of the masks of its set bits; computed on first use.

    Eight bits are looked up at once, and only values that occur take memory.
    """

    def __init__(self, masks: Sequence[int]) -> None:
        """`masks`: one for each bit of the byte."""
        self.masks = masks
        self[0] = 0

    def __missing__(self, byte: int) -> int:
        """Compute the union for a new value."""
        low = byte & -byte
        found = self[byte] = self[byte ^ low] | self.masks[low.bit_length() - 1]
        return found

    @classmethod
    def table(cls, masks: Sequence[int]) -> tuple[Row, ...]:
        """One row for every eight `masks`, to be read along with the bytes of a mask, lowest first."""
        return tuple(cls((*masks[i : i + 8], *[0] * 8)) for i in range(0, len(masks), 8))


def negated(one: Fact) -> Fact:
    """The negation of the literal `one`."""
    return fact(NOT + one.predicate, *one.args)


class Domain:
    """Ground actions over numbered facts; immutable, compared and hashed by content.

    Action i has `pre[i]`, `add[i]` and `keep[i]` (masks of literals), `costs[i]` and `texts[i]`. Actions are
    ordered by (cost, text), so the lowest bit is the cheapest. `needs[i]` and `gains[i]` are the same masks as
    tuples. `achievers[l]` is the mask of the actions that make literal l true, `users[l]` of those that need it.
    `key` is a digest of the content, equal in every process. For the search: `blocks`, read along with the `width`
    bytes of the literals that do not hold, gives the inapplicable actions; `unions`, read along with the bytes of a
    mask of actions, gives everything they achieve. `declared` holds the masks of the mutex groups that actions
    promise. `memo` caches what other modules derive from the domain, under their own keys. Create one with
    `Domain.compile`.
    """

    def __init__(self, atoms: Iterable[Atom], actions: Iterable[Ground], groups: Iterable[Iterable[Atom]] = ()):
        """Number the facts and actions; use `compile`, which grounds and checks."""
        self._atoms = tuple(sorted(atoms))
        self._number = {a: i for i, a in enumerate(self._atoms)}
        grounds = sorted(actions, key=lambda g: g[:2])
        self._index = {g.text: i for i, g in enumerate(grounds)}
        n = self.count = len(self._atoms)
        self.size = 2 * n
        self.names = tuple(g.name for g in grounds)
        self.texts = tuple(g.text for g in grounds)
        self.costs = tuple(g.cost for g in grounds)
        self._args = tuple(g.args for g in grounds)
        self._durations = tuple(g.duration for g in grounds)
        number = self._number
        needs: list[tuple[int, ...]] = []
        gains: list[tuple[int, ...]] = []
        achievers = [0] * self.size
        users = [0] * self.size
        for i, g in enumerate(grounds):
            needs.append(tuple(sorted([number[a] for a in g.need] + [number[a] + n for a in g.forbid])))
            gains.append(tuple(sorted([number[a] for a in g.add] + [number[a] + n for a in g.delete - g.add])))
            bit = 1 << i
            for literal in needs[-1]:
                users[literal] |= bit
            for literal in gains[-1]:
                achievers[literal] |= bit
        self.needs, self.gains, self.achievers = tuple(needs), tuple(gains), tuple(achievers)
        self.pre = tuple(_mask(x) for x in needs)
        self.add = tuple(_mask(x) for x in gains)
        self.keep = tuple(~_mask(x - n if x >= n else x + n for x in row) for row in gains)
        self.users = tuple(users)
        self.declared = tuple(dict.fromkeys(_mask(number[a] for a in group if a in number) for group in groups))
        self._all = (1 << len(grounds)) - 1
        self.width = max((x for x, user in enumerate(users) if user), default=-1) // 8 + 1
        self.blocks = Row.table(users[: self.width * 8])
        self.unions = Row.table(self.add)
        self.key = self._digest()
        self.memo: dict[object, Any] = {}

    @classmethod
    def compile(
        cls,
        actions: Iterable[Action],
        objects: Mapping[str, Iterable[str]],
        extra_facts: Iterable[Fact | str] = (),
        *,
        static: Iterable[Fact | str] | None = None,
        values: Mapping[Fact, int] | Mapping[str, int] | None = None,
        init: Iterable[Fact | str] | None = None,
    ) -> Domain:
        """Ground `actions` over the typed `objects` ({type: names}).

        `extra_facts`: facts that goals may use although no action mentions them. `static`: every fact that can ever
        hold for the predicates it mentions (all exits of the map, open or locked); if no action changes such a
        predicate, only groundings with these facts are generated. The facts are still tested in each state, and
        explanations blame only them (not a door between rooms that have none). `values`: values of the function
        terms in `Action.cost_of`. `init`: everything that holds at first, if known; then the domain contains only
        what is reachable from there, preconditions that always hold are dropped, and `static` is ignored.

        Raises BadInput for unknown types or parameters, bad object names, two actions with the same name,
        predicates that begin with `not-`, function terms without a value, too many ground actions, or an action
        that violates a declared mutex group.
        """
        schemas = tuple(actions)
        found, fixed = ground(schemas, objects, static or (), values=values, init=init)
        atoms = {atom(f) for f in extra_facts} | fixed
        for g in found:
            atoms.update(g.need, g.forbid, g.add, g.delete)
        for a in sorted(atoms):
            if a[0].startswith(NOT):
                raise BadInput(f"The predicate {a[0]} may not begin with {NOT!r}: that marks a fact as false.")
        domain = cls(atoms, found, _declared(schemas, found, atoms))
        for group in domain.declared:
            broken = invariants.broken(domain, group)
            if broken:
                i, two = broken
                both = " and ".join(map(str, domain.literals(two)))
                raise BadInput(f"{domain.texts[i]} breaks a declared mutex group: after it {both} hold together.")
        domain.groups  # noqa: B018  (found here, so that no search has to wait for it)
        return domain

    @cached_property
    def groups(self) -> tuple[int, ...]:
        """Mutex groups: masks of facts of which at most one holds in every state reachable from one where at most one
        does (see `invariants.standing`). Declared groups come first, then those found. Computed on first use.
        """
        found = invariants.synthesise(self)
        return self.declared + tuple(g for g in found if not any(not g & ~d for d in self.declared))

    def __eq__(self, other: object) -> bool:
        """The same facts, actions and groups."""
        return self is other or (isinstance(other, Domain) and self.key == other.key)

    def __hash__(self) -> int:
        """Hash of the content."""
        return hash(self.key)

    def _digest(self) -> str:
        parts = [" ".join(a) for a in self._atoms]
        parts += [f"{t} {c} {p:x} {a:x}" for t, c, p, a in zip(self.texts, self.costs, self.pre, self.add, strict=True)]
        parts += [f"{group:x}" for group in self.declared]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def __len__(self) -> int:
        """Number of ground actions."""
        return len(self.texts)

    def state(self, facts: WorldState | Iterable[Fact | str]) -> int:
        """The state in which exactly `facts` hold. Facts unknown to the domain are ignored: no action reads or changes
        them.
        """
        return self.closed(self.positive(facts.facts if isinstance(facts, WorldState) else facts))

    def positive(self, facts: Iterable[Fact | str]) -> int:
        """The mask of those `facts` that the domain knows."""
        number, mask = self._number, 0
        for one in facts:
            i = number.get(atom(one))
            if i is not None:
                mask |= 1 << i
        return mask

    def closed(self, positive: int) -> int:
        """The state in which exactly the facts in the mask `positive` hold and all others are false."""
        return positive | (~positive & (1 << self.count) - 1) << self.count

    def facts(self, state: int) -> frozenset[Fact]:
        """The facts that hold in `state`."""
        return frozenset(self.literal(i) for i in bits(state & ((1 << self.count) - 1)))

    def literal(self, index: int) -> Fact:
        """Literal number `index` as a fact; negations begin with `not-`."""
        a = self._atoms[index % self.count]
        return fact(*a) if index < self.count else negated(fact(*a))

    def literals(self, mask: int) -> tuple[Fact, ...]:
        """The literals of `mask` in alphabetical order, positive ones first."""
        return tuple(self.literal(i) for i in bits(mask))

    def target(self, goal: Goal) -> int | None:
        """The mask of the literals in `goal`; None if the domain does not know all of them."""
        number, mask = self._number, 0
        for facts, shift in ((goal.condition, 0), (goal.negative, self.count)):
            for one in facts:
                i = number.get(atom(one))
                if i is None:
                    return None
                mask |= 1 << i + shift
        return mask

    def goal(self, goal: Goal) -> int:
        """The mask of the literals in `goal`; raises NotFound if `unknown` is not empty."""
        mask = self.target(goal)
        if mask is None:
            raise NotFound(f"No action mentions {', '.join(map(str, self.unknown(goal)))}.")
        return mask

    def unknown(self, goal: Goal) -> tuple[Fact, ...]:
        """The literals in `goal` that the domain does not know."""
        return tuple(f for f in goal.condition if atom(f) not in self._number) + tuple(
            negated(f) for f in goal.negative if atom(f) not in self._number
        )

    def index(self, action: int | str) -> int:
        """Number of a ground action, given by number or by text (spaces are ignored)."""
        if isinstance(action, int):
            if 0 <= action < len(self):
                return action
            raise NotFound(f"There is no action number {action}; there are {len(self)}.")
        found = self._index.get(action)
        if found is None:
            try:
                found = self._index.get(str(Fact.parse(action)))
            except ValueError:
                found = None
        if found is None:
            near = difflib.get_close_matches(action, self.texts, n=1, cutoff=0.4)
            raise NotFound(f"There is no action {action}." + (f" The nearest is {near[0]}." if near else ""))
        return found

    def action(self, action: int | str) -> GroundAction:
        """A ground action by number or text; raises NotFound, naming the nearest."""
        i = self.index(action)
        known: dict[int, GroundAction] = self.memo.setdefault(GroundAction, {})
        if i not in known:
            need, forbid, add, delete = (
                tuple(fact(*self._atoms[x % self.count]) for x in part if (x < self.count) is holds)
                for part in (self.needs[i], self.gains[i])
                for holds in (True, False)
            )
            known[i] = GroundAction(
                i,
                self.texts[i],
                self.names[i],
                self._args[i],
                need,
                forbid,
                add,
                delete,
                self.costs[i],
                self._durations[i],
            )
        return known[i]

    def applicable_mask(self, state: int) -> int:
        """The applicable actions in `state`, as a mask."""
        missing = ~state & (1 << 8 * self.width) - 1
        blocked = 0
        for row, byte in zip(self.blocks, missing.to_bytes(self.width, "little"), strict=True):
            blocked |= row[byte]
        return self._all & ~blocked

    def applicable(self, state: int) -> tuple[int, ...]:
        """The numbers of the applicable actions in `state`, cheapest first."""
        return tuple(bits(self.applicable_mask(state)))

    def apply(self, state: int, action: int) -> int:
        """The state after `action`; the caller must know that it is applicable."""
        return state & self.keep[action] | self.add[action]

    def holds(self, state: int, goal: Goal) -> bool:
        """Whether `goal` is reached in `state`."""
        mask = self.target(goal)
        return mask is not None and not mask & ~state

    def relevant(self, goal: int) -> tuple[int, int]:
        """What can be relevant to the literals `goal`: (mask of actions, mask of literals)."""
        pre, achievers = self.pre, self.achievers
        actions, literals, todo = 0, goal, goal
        while todo:
            low = todo & -todo
            todo ^= low
            fresh = achievers[low.bit_length() - 1] & ~actions
            actions |= fresh
            for i in bits(fresh):
                need = pre[i] & ~literals
                literals |= need
                todo |= need
        return actions, literals


def _declared(schemas: Iterable[Action], actions: Iterable[Ground], atoms: Iterable[Atom]) -> list[set[Atom]]:
    """The members of the mutex groups that `schemas` declare, for every way to bind their actions."""
    shapes: dict[tuple[str, int], list[Atom]] = {}
    for a in sorted(atoms):
        shapes.setdefault((a[0], len(a)), []).append(a)
    bound: dict[str, list[tuple[str, ...]]] = {}
    for g in actions:
        bound.setdefault(g.name, []).append(g.args)
    groups: dict[tuple[Fact, ...], None] = {}
    for schema in schemas:
        for group in schema.mutex:
            strange = [x for fact in group for x in fact.args if x.startswith("?") and x not in schema.parameters]
            if strange:
                raise BadInput(
                    f"Action {schema.name}: a mutex group uses {strange[0]}, which is not among its parameters."
                )
            for args in bound.get(schema.name, ()):
                binding = dict(zip(schema.parameters, args, strict=True))
                groups[tuple(fact.bind(binding) for fact in group)] = None
    return [
        {
            a
            for fact in group
            for a in shapes.get((fact.predicate, len(fact.args) + 1), ())
            if all(x in ("*", y) for x, y in zip(fact.args, a[1:], strict=True))
        }
        for group in groups
    ]


def _mask(positions: Iterable[int]) -> int:
    mask = 0
    for i in positions:
        mask |= 1 << i
    return mask

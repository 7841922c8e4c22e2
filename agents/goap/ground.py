"""From lifted action schemas to ground actions: every way to substitute objects for parameters.

Owns typed instantiation as a join of relations (`join.py`) and, if the initial state is known, relaxed
reachability: only actions that are reachable in the delete relaxation are generated (Helmert, "Concise
finite-domain representations", 2009, section 6). Leaves the numbering of facts and the bit masks to `domain.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from agents.goap.join import Join, Pattern, Relations, Term, Work, fill, unify
from agents.goap.model import EQUAL, Action, Fact
from agents.kernel.errors import BadInput

Atom = tuple[str, ...]
"""A fact as (predicate, *args), which hashes faster than a model."""

MAX_ACTIONS = 50_000
"""Maximum number of ground actions in a domain; a schema that exceeds it surely has too many parameters."""

MAX_PARAMETERS = 64
"""Maximum number of parameters of an action."""

_OBJECT = re.compile(r"^[^?(),\s][^(),]*$")


class GroundingError(BadInput):
    """An action that cannot be grounded; `action` is the schema's name."""

    def __init__(self, action: str, message: str) -> None:
        """`message`: what is wrong with it."""
        super().__init__(message)
        self.action = action


class Ground(NamedTuple):
    """A ground action before facts are numbered; sorts by (cost, text)."""

    cost: int
    text: str
    name: str
    args: tuple[str, ...]
    duration: float
    need: frozenset[Atom]
    forbid: frozenset[Atom]
    add: frozenset[Atom]
    delete: frozenset[Atom]


def atom(fact: Fact | str) -> Atom:
    """The fact, possibly in written form, as an `Atom`."""
    fact = Fact.parse(fact) if isinstance(fact, str) else fact
    return (fact.predicate, *fact.args)


def ground(
    schemas: Iterable[Action],
    objects: Mapping[str, Iterable[str]],
    static: Iterable[Fact | str] = (),
    *,
    values: Mapping[Fact, int] | Mapping[str, int] | None = None,
    init: Iterable[Fact | str] | None = None,
) -> tuple[list[Ground], frozenset[Atom]]:
    """The ground actions of `schemas` over the typed `objects`, and the facts of `static` that no action changes.

    `values`: values of the function terms in `Action.cost_of`. `init`: everything that holds at first; then only
    actions reachable from there are generated, without what can never change. Raises BadInput like
    `Domain.compile`.
    """
    schemas = tuple(schemas)
    pools = {kind: tuple(sorted(set(names))) for kind, names in objects.items()}
    for kind, names in pools.items():
        for name in names:
            if not _OBJECT.match(name):
                raise BadInput(f"{name!r} of type {kind} cannot name an object: no '?', brackets or commas.")
    changed = {f.predicate for s in schemas for f in (*s.add, *s.delete)}
    if EQUAL in changed:
        raise BadInput("No action can change =, which holds of an object and itself only.")
    lifted = [_Schema(schema, pools) for schema in schemas]
    prices = {atom(fact): value for fact, value in (values or {}).items()}
    if init is not None:
        return _simplify(*_reach(lifted, changed, frozenset(map(atom, init)), prices)), frozenset()
    fixed = frozenset(a for a in map(atom, static) if a[0] not in changed)
    relations = Relations(sorted(fixed))
    closed = {a[0] for a in fixed}
    found = _Found(prices)
    work = Work()
    for schema in lifted:
        for bound in schema.join(relations, closed, known=False).bindings(schema.blank(), work):
            found.take(schema, bound)
    return found.actions, fixed


class _Schema:
    """An action schema with the positions of its parameters instead of their names."""

    def __init__(self, schema: Action, pools: Mapping[str, tuple[str, ...]]) -> None:
        """Check the schema; `pools`: the objects of each type."""
        self.action = schema
        self.name = schema.name
        if len(schema.parameters) > MAX_PARAMETERS:
            raise GroundingError(
                self.name,
                f"Action {self.name} has too many parameters: {len(schema.parameters)} of at most {MAX_PARAMETERS}.",
            )
        for name, kind in schema.parameters.items():
            if not name.startswith("?"):
                raise BadInput(f"Action {schema.name}: write the parameter {name} as ?{name}.")
            if kind not in pools:
                raise BadInput(
                    f"Action {schema.name}: no objects of type {kind}; there are {', '.join(sorted(pools))}."
                )
        self.place = {name: i for i, name in enumerate(schema.parameters)}
        self.pools = [pools[kind] for kind in schema.parameters.values()]
        self.need = [self._pattern(f) for f in schema.preconditions if f.predicate != EQUAL]
        self.forbid = [self._pattern(f) for f in schema.negative if f.predicate != EQUAL]
        self.add = [self._pattern(f) for f in schema.add]
        self.delete = [self._pattern(f) for f in schema.delete]
        self.cost_of = None if schema.cost_of is None else self._pattern(schema.cost_of)
        self.same = [self._pair(f.args, True) for f in schema.preconditions if f.predicate == EQUAL]
        self.same += [self._pair(f.args, False) for f in schema.negative if f.predicate == EQUAL]
        self.same += [self._pair(pair, False) for pair in schema.distinct]

    def _terms(self, args: Iterable[str], within: object) -> tuple[Term, ...]:
        terms = tuple(self.place.get(arg, arg) for arg in args)
        for term in terms:
            if isinstance(term, str) and term.startswith("?"):
                raise BadInput(f"Action {self.name}: {within} uses {term}, which is not among its parameters.")
        return terms

    def _pattern(self, fact: Fact) -> Pattern:
        return (fact.predicate, self._terms(fact.args, fact))

    def _pair(self, args: Sequence[str], equal: bool) -> tuple[Term, Term, bool]:
        if len(args) != 2:
            raise BadInput(f"Action {self.name}: = is between two things, not {len(args)}.")
        first, second = self._terms(args, f"{args[0]} = {args[1]}")
        return first, second, equal

    def blank(self) -> list[str]:
        """A fresh binding."""
        return [""] * len(self.pools)

    def join(self, relations: Relations, closed: set[str], skip: int = -1, *, known: bool = True) -> Join:
        """The join that binds all parameters: over the preconditions whose predicate is in `closed`, where those of
        precondition `skip` are already bound. `known`: the fixed relations hold in every state, rather than
        possibly.
        """
        patterns = [p for i, p in enumerate(self.need) if p[0] in closed and i != skip]
        absent = [p for p in self.forbid if p[0] in relations.fixed] if known else []
        bound = {t for t in self.need[skip][1] if isinstance(t, int)} if skip >= 0 else set()
        return Join(relations, self.pools, patterns, absent, self.same, bound)


class _Found:
    """The ground actions generated so far, up to the limit."""

    def __init__(self, prices: Mapping[Atom, int]) -> None:
        """`prices`: the values of function terms."""
        self.prices = prices
        self.actions: list[Ground] = []
        self.texts: set[str] = set()
        self.atoms: dict[Atom, Atom] = {}

    def take(self, schema: _Schema, bound: tuple[str, ...]) -> Ground | None:
        """Add one grounding; returns None if it contradicts itself."""
        need, forbid, add, delete = (
            frozenset([self._same(fill(p, bound)) for p in part])
            for part in (schema.need, schema.forbid, schema.add, schema.delete)
        )
        if need & forbid:
            return None
        text = f"{schema.name}({', '.join(bound)})" if bound else schema.name
        if text in self.texts:
            raise GroundingError(schema.name, f"There are two actions called {text}; give one another name.")
        if len(self.actions) >= MAX_ACTIONS:
            raise GroundingError(
                schema.name, f"{schema.name} has too many parameters or objects: over {MAX_ACTIONS} ground actions."
            )
        self.texts.add(text)
        cost = schema.action.cost
        if schema.cost_of is not None:
            term = fill(schema.cost_of, bound)
            value = self.prices.get(term)
            if value is None:
                raise GroundingError(schema.name, f"{text} costs {_written(term)}, which has no value.")
            if value < 0:
                raise GroundingError(
                    schema.name, f"{text} costs {_written(term)}, which is {value}; a cost must not be negative."
                )
            cost += value
        made = Ground(cost, text, schema.name, bound, schema.action.duration, need, forbid, add, delete)
        self.actions.append(made)
        return made

    def _same(self, one: Atom) -> Atom:
        """The first of equal atoms, so that each takes memory only once."""
        return self.atoms.setdefault(one, one)


def _reach(
    schemas: Sequence[_Schema], changed: set[str], init: frozenset[Atom], prices: Mapping[Atom, int]
) -> tuple[list[Ground], frozenset[Atom], set[Atom]]:
    """The actions reachable from `init` in the delete relaxation; `init`; and everything that then holds.

    Semi-naive: each fact is joined only with those processed before it, at each precondition it matches, so no
    grounding is tried again in a later round.
    """
    relations = Relations(sorted(a for a in init if a[0] not in changed))
    relations.fixed.update(p[0] for s in schemas for p in (*s.need, *s.forbid) if p[0] not in changed)
    every = relations.fixed | changed
    found, work = _Found(prices), Work()
    queue = sorted(a for a in init if a[0] in changed)
    reached = set(init)
    seen: set[tuple[int, tuple[str, ...]]] = set()

    def take(number: int, bindings: Iterator[tuple[str, ...]]) -> None:
        for bound in bindings:
            if (number, bound) not in seen:
                seen.add((number, bound))
                made = found.take(schemas[number], bound)
                fresh = () if made is None else sorted(made.add - reached)
                queue.extend(fresh)
                reached.update(fresh)

    triggers: dict[tuple[str, int], list[tuple[int, Pattern, Join]]] = {}
    for number, schema in enumerate(schemas):
        moving = [i for i, p in enumerate(schema.need) if p[0] in changed]
        for i in moving:
            pattern = schema.need[i]
            triggers.setdefault((pattern[0], len(pattern[1])), []).append(
                (number, pattern, schema.join(relations, every, i))
            )
        if not moving:
            take(number, schema.join(relations, every).bindings(schema.blank(), work))
    for one in queue:  # grows during the loop
        row = one[1:]
        relations.of(one[0], len(row)).add(row)
        for number, pattern, join in triggers.get((one[0], len(row)), ()):
            bound = schemas[number].blank()
            if unify(pattern[1], row, bound):
                take(number, join.bindings(bound, work))
    return found.actions, init, reached


def _simplify(actions: Sequence[Ground], init: frozenset[Atom], reached: set[Atom]) -> list[Ground]:
    """The actions without preconditions that always hold, facts that never hold, and effects that their own
    preconditions make redundant. Actions that then change nothing, or can never be applied, are dropped.
    """
    deleted = {a for g in actions for a in g.delete - g.add}
    always = init - deleted
    kept = []
    for g in actions:
        if g.forbid & always:
            continue
        add, delete = g.add - always - g.need, ((g.delete - g.add) & reached) - g.forbid
        if add or delete:
            kept.append(g._replace(need=g.need - always, forbid=g.forbid & reached, add=add, delete=delete))
    return kept


def _written(one: Atom) -> str:
    return str(Fact(predicate=one[0], args=one[1:]))

"""From lifted action schemas to ground actions: every way to put objects for parameters.

Owns typed instantiation, with static preconditions tested as soon as they can be. Refuses
to number facts: `domain.py` makes bit masks of what comes out here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from agents.goap.model import Action, Fact
from agents.kernel.errors import BadInput

Atom = tuple[str, ...]
"""A fact as (predicate, *args): quicker to hash than a model."""

MAX_ACTIONS = 50_000
"""Ground actions a domain may have; beyond it a schema has surely too many parameters."""

_OBJECT = re.compile(r"^[^?(),\s][^(),]*$")


class Ground(NamedTuple):
    """A ground action before facts have numbers; sorts by (cost, text)."""

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
    """The fact, or its written form, as an `Atom`."""
    fact = Fact.parse(fact) if isinstance(fact, str) else fact
    return (fact.predicate, *fact.args)


def ground(
    schemas: Iterable[Action], objects: Mapping[str, Iterable[str]], static: Iterable[Fact | str] = ()
) -> tuple[list[Ground], frozenset[Atom]]:
    """The ground actions of `schemas` over the typed `objects`, and those facts of `static` that
    no action changes. Raises BadInput as `Domain.compile` says.
    """
    schemas = tuple(schemas)
    pools = {kind: tuple(sorted(set(names))) for kind, names in objects.items()}
    for kind, names in pools.items():
        for name in names:
            if not _OBJECT.match(name):
                raise BadInput(f"{name!r} of type {kind} cannot name an object: no '?', brackets or commas.")
    changed = {f.predicate for s in schemas for f in (*s.add, *s.delete)}
    fixed = frozenset(a for a in map(atom, static) if a[0] not in changed)
    found: dict[str, Ground] = {}
    for schema in schemas:
        for one in _groundings(schema, pools, fixed):
            if one.text in found:
                raise BadInput(f"There are two actions called {one.text}; give one another name.")
            found[one.text] = one
            if len(found) > MAX_ACTIONS:
                raise BadInput(f"{schema.name} has too many parameters: over {MAX_ACTIONS} ground actions.")
    return list(found.values()), fixed


def _groundings(schema: Action, pools: Mapping[str, tuple[str, ...]], fixed: frozenset[Atom]) -> Iterator[Ground]:
    """The groundings of one schema, those that contradict `fixed` or themselves left out."""
    names = tuple(schema.parameters)
    for name, kind in schema.parameters.items():
        if not name.startswith("?"):
            raise BadInput(f"Action {schema.name}: write the parameter {name} as ?{name}.")
        if kind not in pools:
            raise BadInput(f"Action {schema.name}: no objects of type {kind}; there are {', '.join(sorted(pools))}.")
    place = {name: i for i, name in enumerate(names)}
    parts = [
        [_template(schema, fact, place) for fact in facts]
        for facts in (schema.preconditions, schema.negative, schema.add, schema.delete)
    ]
    closed = {a[0] for a in fixed}
    # A static precondition is tested as soon as its last parameter is bound.
    tests: list[list[Atom | tuple[str | int, ...]]] = [[] for _ in range(len(names) + 1)]
    for template in parts[0]:
        if template[0] in closed:
            tests[max((x + 1 for x in template if isinstance(x, int)), default=0)].append(template)

    def extend(bound: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if any(_fill(test, bound) not in fixed for test in tests[len(bound)]):
            return
        if len(bound) == len(names):
            yield bound
            return
        for value in pools[schema.parameters[names[len(bound)]]]:
            yield from extend((*bound, value))

    for bound in extend(()):
        need, forbid, add, delete = (frozenset(_fill(t, bound) for t in part) for part in parts)
        if need & forbid:
            continue
        text = f"{schema.name}({', '.join(bound)})" if bound else schema.name
        yield Ground(schema.cost, text, schema.name, bound, schema.duration, need, forbid, add, delete)


def _template(schema: Action, fact: Fact, place: Mapping[str, int]) -> tuple[str | int, ...]:
    """The fact with the positions of its parameters in place of their names."""
    for arg in fact.args:
        if arg.startswith("?") and arg not in place:
            raise BadInput(f"Action {schema.name}: {fact} uses {arg}, which is not among its parameters.")
    return (fact.predicate, *(place.get(arg, arg) for arg in fact.args))


def _fill(template: tuple[str | int, ...], bound: tuple[str, ...]) -> Atom:
    return tuple(bound[x] if isinstance(x, int) else x for x in template)

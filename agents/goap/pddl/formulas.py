"""Conditions, effects and numbers of PDDL.

Owns which of them STRIPS with negative preconditions, equality and action costs supports, and the messages for the
others. Leaves sections to `domains.py` and `problems.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from agents.goap.model import EQUAL, Fact
from agents.goap.pddl.lists import Hierarchy, Kinds
from agents.goap.pddl.tokens import Group, Node, Source, Word, near, show

TOTAL = "total-cost"

MAX_COST = 10**12
"""A cost, scaled to an integer."""

Signature = tuple[Kinds, ...]
"""The types of each argument of a predicate or function."""

_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)")
_REFUSED = {
    "or": "alternatives (or)",
    "imply": "implications (imply)",
    "exists": "quantifiers (exists)",
    "forall": "quantifiers (forall)",
    "when": "conditional effects (when)",
    "preference": "preferences",
    "<": "numeric conditions (<)",
    ">": "numeric conditions (>)",
    "<=": "numeric conditions (<=)",
    ">=": "numeric conditions (>=)",
    "assign": "numeric effects (assign)",
    "increase": "numeric effects (increase)",
    "decrease": "numeric effects (decrease)",
    "scale-up": "numeric effects (scale-up)",
    "scale-down": "numeric effects (scale-down)",
    "oneof": "uncertain effects (oneof)",
    "probabilistic": "uncertain effects (probabilistic)",
    "always": "constraints (always)",
    "sometime": "constraints (sometime)",
    "over": "durative conditions (over all)",
    "change": "object fluents (change)",
}
READ = "STRIPS with typing, negative preconditions, equality and action costs is read"


class Literal(NamedTuple):
    """A fact or, if `holds` is false, its negation; `where` is its position."""

    fact: Fact
    holds: bool
    where: Group


class Cost(NamedTuple):
    """What an effect adds to the total cost: a number, or a function term."""

    number: Fraction
    term: Fact | None
    where: Node


class Scope:
    """The names that a formula may use: predicates, functions, objects and parameters with their types."""

    def __init__(
        self, source: Source, kinds: Hierarchy, predicates: Mapping[str, Signature], functions: Mapping[str, Signature]
    ) -> None:
        """Names shared by all formulas; the parser sets `objects` and `parameters`."""
        self.source, self.kinds, self.predicates, self.functions = source, kinds, predicates, functions
        self.objects: Mapping[str, Kinds] = {}
        self.parameters: Mapping[str, Kinds] = {}

    def literals(self, node: Node) -> Iterator[Literal]:
        """The literals of a condition: an atom, `not` an atom, or `and` of conditions; `()` has none."""
        for group in self.conjuncts(node, "a condition"):
            if group.head == "not":
                inner = self.negated(group)
                yield Literal(self.atom(inner), False, group)
            else:
                yield Literal(self.atom(group), True, group)

    def conjuncts(self, node: Node, expected: str) -> Iterator[Group]:
        """The members of nested `and`s, in written order."""
        todo = [node]
        while todo:
            one = todo.pop()
            if isinstance(one, Word):
                raise self.source.error(one, f"expected {expected} in brackets, found {show(one.text)}")
            if one.head == "and":
                todo += reversed(one.items[1:])
            elif one.items:
                yield one

    def negated(self, group: Group) -> Group:
        """The content of `(not …)`."""
        if len(group.items) != 2 or isinstance(group.items[1], Word):
            raise self.source.error(group, "expected (not (PREDICATE …))")
        inner = group.items[1]
        if inner.head in ("and", "not") and inner.head not in self.predicates:
            raise self.source.error(
                inner, f"not before {inner.head} is not supported; {READ}, where not stands before one fact"
            )
        return inner

    def atom(self, group: Group) -> Fact:
        """A predicate over objects and parameters, checked."""
        if not group.items or isinstance(group.items[0], Group):
            raise self.source.error(group, "expected (PREDICATE …)")
        name = group.items[0].text
        if name == EQUAL:
            return self._equality(group)
        signature = self.predicates.get(name)
        if signature is None:
            raise self.unknown(group, name)
        return Fact(predicate=name, args=self._arguments(group, signature, "predicate"))

    def unknown(self, group: Group, name: str) -> Exception:
        """The error for a head that is not a predicate."""
        head = group.items[0]
        if name in _REFUSED:
            return self.source.error(group, f"{_REFUSED[name]} are not supported; {READ}")
        if name == "at" and len(group.items) == 3 and isinstance(group.items[2], Group):
            return self.source.error(group, f"durative conditions and timed facts (at) are not supported; {READ}")
        if name.startswith((":", "?")):
            return self.source.error(head, f"expected a predicate, found {show(name)}")
        return self.source.error(head, f"the predicate {show(name)} is not declared{near(name, self.predicates)}")

    def _equality(self, group: Group) -> Fact:
        args = group.items[1:]
        if any(isinstance(a, Group) or (_NUMBER.fullmatch(a.text) and a.text not in self.objects) for a in args):
            raise self.source.error(group, f"numeric conditions (=) are not supported; {READ}")
        return Fact(predicate=EQUAL, args=self._arguments(group, (("object",), ("object",)), "predicate"))

    def term(self, group: Group) -> Fact:
        """A function over objects and parameters, checked."""
        if not group.items or isinstance(group.items[0], Group):
            raise self.source.error(group, "expected (FUNCTION …)")
        name = group.items[0].text
        signature = self.functions.get(name)
        if signature is None:
            if name in ("+", "-", "*", "/"):
                raise self.source.error(
                    group, f"arithmetic ({name}) is not supported; {READ}: a cost is a number or a function"
                )
            raise self.source.error(
                group.items[0], f"the function {show(name)} is not declared{near(name, self.functions)}"
            )
        return Fact(predicate=name, args=self._arguments(group, signature, "function"))

    def _arguments(self, group: Group, signature: Signature, what: str) -> tuple[str, ...]:
        name = group.head
        if len(group.items) - 1 != len(signature):
            raise self.source.error(
                group, f"the {what} {show(name)} takes {_count(len(signature))}, here it has {len(group.items) - 1}"
            )
        out = []
        for node, wanted in zip(group.items[1:], signature, strict=True):
            if isinstance(node, Group):
                raise self.source.error(node, "expected an object or a parameter, found a bracket")
            text = node.text
            variable = text.startswith("?")
            kinds = self.parameters.get(text) if variable else self.objects.get(text)
            if kinds is None:
                if variable:
                    raise self.source.error(
                        node, f"{show(text)} is not among the parameters{near(text, self.parameters)}"
                    )
                raise self.source.error(node, f"the object {show(text)} is not declared{near(text, self.objects)}")
            fits = self.kinds.meets if variable else self.kinds.fits
            if not fits(kinds, wanted):
                raise self.source.error(
                    node, f"{show(text)} is of type {either(kinds)}; {show(name)} takes {either(wanted)} here"
                )
            out.append(text)
        return tuple(out)

    def cost(self, group: Group) -> Cost:
        """Parse `(increase (total-cost) NUMBER)` or `(increase (total-cost) (FUNCTION …))`."""
        if len(group.items) != 3:
            raise self.source.error(group, "expected (increase (total-cost) COST)")
        if not is_total(group.items[1]):
            raise self.source.error(group, f"numeric effects on others than (total-cost) are not supported; {READ}")
        value = group.items[2]
        if isinstance(value, Word) and value.text not in self.functions:
            return Cost(number(self.source, value), None, value)
        if isinstance(value, Word):
            bare, value = value, Group(value.at)
            value.items.append(bare)
        if value.head == TOTAL:
            raise self.source.error(value, "expected a number or a function other than total-cost")
        return Cost(Fraction(0), self.term(value), value)


def is_total(node: Node) -> bool:
    """Whether this is `(total-cost)`, or just the name, as PDDL 3.1 allows."""
    if isinstance(node, Word):
        return node.text == TOTAL
    return len(node.items) == 1 and node.head == TOTAL


def number(source: Source, node: Node) -> Fraction:
    """An exact decimal number, not negative."""
    if isinstance(node, Group) or not _NUMBER.fullmatch(node.text):
        found = "a bracket" if isinstance(node, Group) else show(node.text)
        raise source.error(node, f"expected a number, found {found}")
    value = Fraction(node.text)
    if value < 0:
        raise source.error(node, f"a cost must not be negative: {show(node.text)}")
    if value > MAX_COST:
        raise source.error(node, f"the number {show(node.text)} is too large; at most {MAX_COST:,} is read")
    return value


def sections(
    source: Source, nodes: Sequence[Node], readers: Mapping[str, bool], refused: Callable[[str], str]
) -> dict[str, list[Group]]:
    """The `(:name …)` groups by name; `readers`: whether a section may appear more than once."""
    out: dict[str, list[Group]] = {}
    for node in nodes:
        if isinstance(node, Word):
            raise source.error(node, f"expected a section (:… ), found {show(node.text)}")
        name = node.head
        if not name.startswith(":"):
            raise source.error(node, f"expected a section such as (:init …), found ({show(name)} …)")
        if name not in readers:
            words = refused(name)
            known = [n for n in readers if not n.startswith(":x-")]
            raise source.error(node, words or f"there is no section {show(name)}{near(name, known)}")
        if name in out and not readers[name]:
            raise source.error(node, f"the section {name} appears twice")
        out.setdefault(name, []).append(node)
    return out


def either(kinds: Kinds) -> str:
    """The types as used in messages."""
    return " or ".join(map(show, kinds[:4])) + (" or …" if len(kinds) > 4 else "")


def _count(n: int) -> str:
    return f"{n} argument{'' if n == 1 else 's'}"

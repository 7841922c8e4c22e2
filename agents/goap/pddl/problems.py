"""The problem part of PDDL: objects, initial facts, goal, metric.

Owns the sections of `(define (problem …) …)` in any order, parsed against a domain. Refuses facts about undeclared
objects or predicates, and everything that is not STRIPS.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from agents.goap.model import EQUAL, Fact
from agents.goap.pddl.domains import DomainPart, declare, header, requirements
from agents.goap.pddl.formulas import READ, Literal, Scope, is_total, number, sections
from agents.goap.pddl.lists import Kinds, typed, word
from agents.goap.pddl.tokens import Group, Node, PddlError, Source, Word, show

_SECTIONS = {
    ":domain": False,
    ":requirements": False,
    ":objects": False,
    ":init": False,
    ":goal": False,
    ":metric": False,
    ":length": False,
}
_REFUSED = {
    ":constraints": "constraints",
    ":htn": "hierarchical tasks",
    ":situation": "situations",
    ":goal-reward": "rewards",
}


class ProblemPart:
    """The checked content of a problem."""

    def __init__(self, source: Source, domain: DomainPart, warn: list[str]) -> None:
        """Parse the problem in `source`; odd but unambiguous input adds to `warn`."""
        self.source, self._domain = source, domain
        self.other = ""
        try:
            self._read(warn)
        except PddlError as error:
            if not self.other:
                raise
            what = f"{error.what} ({self.other})"
            raise PddlError(error.file, error.line, error.column, what) from None

    def _read(self, warn: list[str]) -> None:
        source, domain = self.source, self._domain
        self.name, rest = header(source, source.tree(), "problem")
        found = {name: groups[0] for name, groups in sections(source, rest, _SECTIONS, _refusal).items()}
        self._of_domain(found.get(":domain"), warn)
        if ":requirements" in found:
            requirements(source, found[":requirements"])
        self.objects: dict[str, Kinds] = {}
        if ":objects" in found:
            names = typed(source, found[":objects"].items[1:], "an object")
            declare(source, domain.kinds, names, self.objects, domain.constants)
        scope = Scope(source, domain.kinds, domain.predicates, domain.functions)
        scope.objects = {**domain.constants, **self.objects}
        for section in ":init", ":goal":
            if section not in found:
                raise PddlError(source.name, *source.place(0), f"the problem has no section ({section} …)")
        self.metric = self._metric(found[":metric"]) if ":metric" in found else False
        self.init: dict[Fact, None] = {}
        self.values: dict[Fact, tuple[Fraction, Node]] = {}
        self._init(found[":init"], scope)
        self.goal = list(self._goal(found[":goal"], scope))

    def _of_domain(self, section: Group | None, warn: list[str]) -> None:
        if section is None:
            warn.append(f"{self.source.name}: the problem does not name its domain; {self._domain.name} is taken")
            return
        if len(section.items) != 2:
            raise self.source.error(section, "expected (:domain NAME)")
        named = word(self.source, section.items[1], "the domain's name")
        if named.text != self._domain.name:
            line, column = self.source.place(named.at)
            self.other = (
                f"the problem is of the domain {show(named.text)}, the domain given is {show(self._domain.name)}"
            )
            warn.append(f"{self.source.name}:{line}:{column}: {self.other}")

    def _init(self, section: Group, scope: Scope) -> None:
        source = self.source
        absent: list[Literal] = []
        for node in section.items[1:]:
            for group in scope.conjuncts(node, "a fact"):
                if group.head == EQUAL:
                    self._value(group, scope)
                elif group.head == "not":
                    absent.append(Literal(scope.atom(scope.negated(group)), False, group))
                else:
                    self.init[scope.atom(group)] = None
        for literal in absent:
            if literal.fact in self.init:
                raise source.error(literal.where, f"{literal.fact} is both true and false at first")

    def _value(self, group: Group, scope: Scope) -> None:
        """`(= (f a b) 3)`; values that no action's cost uses are parsed and dropped."""
        source = self.source
        if len(group.items) != 3:
            raise source.error(group, "expected (= (FUNCTION …) NUMBER)")
        left, right = group.items[1:]
        if is_total(left):
            if number(source, right) != 0:
                raise source.error(right, "total-cost must begin at 0")
            return
        if isinstance(left, Word) and left.text in scope.functions:
            bare, left = left, Group(left.at)
            left.items.append(bare)
        if isinstance(left, Word):
            raise source.error(group, "expected (= (FUNCTION …) NUMBER)")
        term = scope.term(left)
        if isinstance(right, Word) and right.text.startswith("-"):
            value = -number(source, _unsigned(right))
        else:
            value = number(source, right)
        if term in self.values and self.values[term][0] != value:
            raise source.error(group, f"{term} has two values")
        self.values[term] = (value, right)

    def _goal(self, section: Group, scope: Scope) -> Iterator[Literal]:
        if len(section.items) != 2:
            raise self.source.error(section, "expected (:goal CONDITION)")
        yield from scope.literals(section.items[1])

    def _metric(self, section: Group) -> bool:
        """Whether the total cost is minimised; in a domain without durations total-time counts steps."""
        source, items = self.source, section.items
        if len(items) != 3 or isinstance(items[1], Group):
            raise source.error(section, "expected (:metric minimize (total-cost))")
        if items[1].text != "minimize":
            raise source.error(items[1], f"expected minimize, found {show(items[1].text)}")
        what = items[2]
        if is_total(what):
            return True
        name = what.text if isinstance(what, Word) else what.head
        if name == "total-time" and (isinstance(what, Word) or len(what.items) == 1):
            return False
        raise source.error(what, f"metrics other than (total-cost) are not supported; {READ}")


def _unsigned(node: Word) -> Word:
    return Word(node.text[1:], node.at)


def _refusal(name: str) -> str:
    if name in (":types", ":constants", ":predicates", ":functions", ":action", ":durative-action", ":derived"):
        return f"the section {name} belongs to a domain, this is a problem"
    return f"{_REFUSED[name]} are not supported; {READ}" if name in _REFUSED else ""

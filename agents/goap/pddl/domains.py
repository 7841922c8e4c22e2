"""The domain part of PDDL: types, constants, predicates, functions, actions.

Owns the sections of `(define (domain …) …)` in any order. Refuses, with its position, whatever STRIPS with typing,
negative preconditions, equality and action costs cannot express.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.goap.model import EQUAL, Fact
from agents.goap.pddl.formulas import READ, TOTAL, Cost, Scope, Signature, is_total, sections
from agents.goap.pddl.lists import Hierarchy, Kinds, Typed, hierarchy, typed, word
from agents.goap.pddl.tokens import Group, Node, Source, Word, near, show

_SECTIONS = {
    ":requirements": False,
    ":types": False,
    ":constants": False,
    ":predicates": False,
    ":functions": False,
    ":action": True,
}
_REFUSED = {
    ":durative-action": "durative actions",
    ":derived": "derived predicates",
    ":axiom": "axioms",
    ":constraints": "constraints",
    ":process": "processes",
    ":event": "events",
    ":method": "methods of hierarchical tasks",
    ":task": "hierarchical tasks",
    ":timeless": "timeless facts",
    ":domain-axioms": "axioms",
    ":domain-variables": "domain variables",
    ":htn": "hierarchical tasks",
}
_PARTS = (":parameters", ":precondition", ":effect")


@dataclass
class Lifted:
    """An action as written, with unscaled costs."""

    name: str
    where: Word
    parameters: dict[str, Kinds] = field(default_factory=dict)
    preconditions: list[Fact] = field(default_factory=list)
    negative: list[Fact] = field(default_factory=list)
    distinct: list[tuple[str, str]] = field(default_factory=list)
    add: list[Fact] = field(default_factory=list)
    delete: list[Fact] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)


class DomainPart:
    """The checked content of a domain."""

    def __init__(self, source: Source, warn: list[str]) -> None:
        """Parse the domain in `source`; odd but unambiguous input adds to `warn`."""
        self.source = source
        top = source.tree()
        self.name, rest = header(source, top, "domain")
        found = sections(source, rest, _SECTIONS, _refusal)
        self.kinds = hierarchy(source, _all(found, ":types"), warn)
        self.constants: dict[str, Kinds] = {}
        declare(
            source, self.kinds, typed(source, _all(found, ":constants"), "a constant"), self.constants, self.constants
        )
        for section in found.get(":requirements", ()):
            requirements(source, section)
        self.predicates = self._signatures(_all(found, ":predicates"), "predicate")
        self.predicates.pop(EQUAL, None)
        self.functions = self._functions(_all(found, ":functions"))
        self.actions: dict[str, Lifted] = {}
        self.scope = Scope(source, self.kinds, self.predicates, self.functions)
        self.scope.objects = self.constants
        for section in found.get(":action", ()):
            self._action(section)

    def _signatures(self, nodes: Sequence[Node], what: str) -> dict[str, Signature]:
        out: dict[str, Signature] = {}
        for node in nodes:
            if isinstance(node, Word) or not node.items:
                raise self.source.error(node, f"expected ({what.upper()} ?x - TYPE …)")
            name = word(self.source, node.items[0], f"a {what}")
            if name.text in out:
                raise self.source.error(name, f"the {what} {show(name.text)} is declared twice")
            out[name.text] = tuple(
                self._checked(kinds, where)
                for _, kinds, where in typed(self.source, node.items[1:], "a parameter such as ?x", variables=True)
            )
        return out

    def _checked(self, kinds: Kinds, where: Node | None) -> Kinds:
        self.kinds.check(self.source, kinds, where)
        return kinds

    def _functions(self, nodes: Sequence[Node]) -> dict[str, Signature]:
        """Numeric functions; a type after a function can only be number."""
        heads: list[Node] = []
        i = 0
        while i < len(nodes):
            node = nodes[i]
            if isinstance(node, Word) and node.text == "-":
                kind = nodes[i + 1] if i + 1 < len(nodes) else node
                if not (isinstance(kind, Word) and kind.text == "number"):
                    what = (
                        f"object fluents are not supported; {READ}"
                        if kind is not node
                        else "expected number after the -"
                    )
                    raise self.source.error(kind, what)
                i += 2
                continue
            if isinstance(node, Word):
                bare, node = node, Group(node.at)
                node.items.append(bare)
            heads.append(node)
            i += 1
        found = self._signatures(heads, "function")
        if found.pop(TOTAL, ()):
            at = next(h for h in heads if isinstance(h, Group) and h.head == TOTAL)
            raise self.source.error(at, "total-cost takes no arguments")
        return found

    def _action(self, section: Group) -> None:
        source, scope = self.source, self.scope
        if len(section.items) < 2:
            raise source.error(section, "expected (:action NAME …)")
        name = word(source, section.items[1], "an action's name")
        if name.text in self.actions:
            raise source.error(name, f"the action {show(name.text)} appears twice")
        parts: dict[str, Node] = {}
        rest = section.items[2:]
        for i in range(0, len(rest), 2):
            key = rest[i]
            if isinstance(key, Group) or key.text not in _PARTS:
                raise source.error(key, self._no_part(key))
            if key.text in parts:
                raise source.error(key, f"{key.text} appears twice in the action {show(name.text)}")
            if i + 1 == len(rest):
                raise source.error(key, f"expected something in brackets after {key.text}")
            parts[key.text] = rest[i + 1]
        action = self.actions[name.text] = Lifted(name.text, name)
        self._parameters(action, parts.get(":parameters"))
        scope.parameters = action.parameters
        if ":precondition" in parts:
            for literal in scope.literals(parts[":precondition"]):
                if not literal.holds and literal.fact.predicate == EQUAL:
                    action.distinct.append((literal.fact.args[0], literal.fact.args[1]))
                else:
                    (action.preconditions if literal.holds else action.negative).append(literal.fact)
        if ":effect" in parts:
            self._effect(action, parts[":effect"])
        scope.parameters = {}

    def _no_part(self, key: Node) -> str:
        if isinstance(key, Group):
            return "expected :parameters, :precondition or :effect, found a bracket"
        if key.text in (":vars", ":condition", ":duration", ":expansion", ":observe"):
            return f"{key.text} is not supported; {READ}"
        return f"expected :parameters, :precondition or :effect, found {show(key.text)}{near(key.text, _PARTS)}"

    def _parameters(self, action: Lifted, node: Node | None) -> None:
        if node is None:
            return
        if isinstance(node, Word):
            raise self.source.error(node, f"expected (?x - TYPE …), found {show(node.text)}")
        for name, kinds, where in typed(self.source, node.items, "a parameter such as ?x", variables=True):
            if name.text in action.parameters:
                raise self.source.error(name, f"the parameter {show(name.text)} appears twice")
            action.parameters[name.text] = self._checked(kinds, where)

    def _effect(self, action: Lifted, node: Node) -> None:
        scope = self.scope
        for group in scope.conjuncts(node, "an effect"):
            head = group.head
            if head == "increase" and head not in self.predicates and len(group.items) > 1 and is_total(group.items[1]):
                cost = scope.cost(group)
                if cost.term is not None and any(c.term is not None for c in action.costs):
                    raise self.source.error(group, "the cost of an action may name one function only")
                action.costs.append(cost)
                continue
            inner = scope.negated(group) if head == "not" else group
            fact = scope.atom(inner)
            if fact.predicate == EQUAL:
                raise self.source.error(group, "an effect cannot change =")
            (action.delete if head == "not" else action.add).append(fact)


def header(source: Source, top: Group, wanted: str) -> tuple[str, list[Node]]:
    """The name in `(define (domain NAME) …)` and what follows it."""
    items = top.items
    if top.head != "define" or len(items) < 2 or isinstance(items[1], Word):
        raise source.error(top, f"expected (define ({wanted} NAME) …)")
    head = items[1]
    if head.head != wanted:
        other = {"domain": "problem", "problem": "domain"}[wanted]
        hint = f"; this file is a {other}: the order is DOMAIN PROBLEM" if head.head == other else ""
        raise source.error(head, f"expected ({wanted} NAME){hint}")
    if len(head.items) != 2:
        raise source.error(head, f"expected ({wanted} NAME)")
    return word(source, head.items[1], "a name").text, items[2:]


def declare(source: Source, kinds: Hierarchy, names: Typed, into: dict[str, Kinds], known: dict[str, Kinds]) -> None:
    """Add objects with their types to `into`; raises PddlError for those already in `known`."""
    for name, of, where in names:
        if name.text in known or name.text in into:
            raise source.error(name, f"the object {show(name.text)} is declared twice")
        kinds.check(source, of, where)
        into[name.text] = of


def requirements(source: Source, section: Group) -> None:
    """All flags are accepted: files declare more than they use, and what is used is checked where it occurs."""
    for node in section.items[1:]:
        if isinstance(node, Group) or not node.text.startswith(":"):
            raise source.error(node, "expected a requirement such as :strips")


def _all(found: dict[str, list[Group]], name: str) -> list[Node]:
    return [node for section in found.get(name, ()) for node in section.items[1:]]


def _refusal(name: str) -> str:
    if name in (":init", ":goal", ":objects", ":domain", ":metric"):
        return f"the section {name} belongs to a problem, this is a domain"
    return f"{_REFUSED[name]} are not supported; {READ}" if name in _REFUSED else ""

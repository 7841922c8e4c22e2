"""Typed lists and the hierarchy of types.

Owns `a b - t`, `- (either t u)`, and which type is a subtype of which. Leaves the places where such lists occur to
`domains.py` and `problems.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from agents.goap.pddl.tokens import Group, Node, Source, Word, near, show

OBJECT = "object"
"""The type of all objects."""

MAX_TYPES = 1000
"""Maximum number of types in a domain."""

Kinds = tuple[str, ...]
"""Names of types, any of which is enough (`either`)."""

Typed = list[tuple[Word, Kinds, Node | None]]
"""Each name, its types, and their position (None if no type is given)."""


def word(source: Source, node: Node, expected: str) -> Word:
    """The node as a word that can be a name; raises PddlError with what was `expected`."""
    if isinstance(node, Group):
        raise source.error(node, f"expected {expected}, found a bracket")
    if node.text.startswith(("?", ":", "-")):
        raise source.error(node, f"expected {expected}, found {show(node.text)}")
    return node


def typed(source: Source, nodes: Sequence[Node], expected: str, *, variables: bool = False) -> Typed:
    """Parse `a b - t c`: names (variables begin with ?) with their types. Some files write `-t`."""
    nodes = [part for node in nodes for part in _parted(node)]
    out: Typed = []
    waiting: list[Word] = []
    i = 0
    while i < len(nodes):
        node = nodes[i]
        if isinstance(node, Word) and node.text == "-":
            if not waiting:
                raise source.error(node, f"expected {expected} before the -")
            if i + 1 == len(nodes):
                raise source.error(node, "expected a type after the -")
            where = nodes[i + 1]
            kinds = _kinds(source, where)
            out += [(name, kinds, where) for name in waiting]
            waiting = []
            i += 2
            continue
        if variables:
            if isinstance(node, Group) or not node.text.startswith("?") or len(node.text) < 2:
                found = "a bracket" if isinstance(node, Group) else show(node.text)
                raise source.error(node, f"expected {expected}, found {found}")
            waiting.append(node)
        else:
            waiting.append(word(source, node, expected))
        i += 1
    return out + [(name, (OBJECT,), None) for name in waiting]


def _parted(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Word) and node.text.startswith("-") and len(node.text) > 1:
        return Word("-", node.at), Word(node.text[1:], node.at + 1)
    return (node,)


def _kinds(source: Source, node: Node) -> Kinds:
    if isinstance(node, Word):
        return (word(source, node, "a type").text,)
    if node.head != "either":
        raise source.error(node, "expected a type or (either TYPE TYPE …)")
    names = [word(source, item, "a type").text for item in node.items[1:]]
    if not names:
        raise source.error(node, "expected a type in (either …)")
    return tuple(dict.fromkeys(names))


class Hierarchy:
    """Which types are subtypes of which: type to its parents, `object` at the top."""

    def __init__(self, parents: Mapping[str, Kinds]) -> None:
        """`parents` without cycles; `object` may be omitted."""
        self.parents = parents
        self._above: dict[str, frozenset[str]] = {}

    def __contains__(self, kind: str) -> bool:
        """Whether the type exists."""
        return kind == OBJECT or kind in self.parents

    def above(self, kind: str) -> frozenset[str]:
        """The type itself and all its supertypes."""
        found = self._above.get(kind)
        if found is None:
            seen, todo = {kind, OBJECT}, [kind]
            while todo:
                for parent in self.parents.get(todo.pop(), ()):
                    if parent not in seen:
                        seen.add(parent)
                        todo.append(parent)
            found = self._above[kind] = frozenset(seen)
        return found

    def fits(self, kinds: Iterable[str], wanted: Iterable[str]) -> bool:
        """Whether anything of one of the types `kinds` is of one of the `wanted` types."""
        return any(self.above(kind) & frozenset(wanted) for kind in kinds)

    def meets(self, kinds: Iterable[str], wanted: Iterable[str]) -> bool:
        """Whether an object can be of one of the types `kinds` and of one of the `wanted` types."""
        ours, theirs = tuple(kinds), tuple(wanted)
        if self.fits(ours, theirs) or self.fits(theirs, ours):
            return True
        return any(self.fits((k,), ours) and self.fits((k,), theirs) for k in self.parents)

    def check(self, source: Source, kinds: Kinds, where: Node | None) -> None:
        """Raise PddlError for a type that is not declared."""
        for kind in kinds:
            if kind not in self:
                at: Node | None = where
                if isinstance(where, Group):
                    at = next((n for n in where.items[1:] if isinstance(n, Word) and n.text == kind), where)
                what = f"the type {show(kind)} is not declared{near(kind, [*self.parents, OBJECT])}"
                raise source.error(at if at is not None else 0, what)


def hierarchy(source: Source, nodes: Sequence[Node], warn: list[str]) -> Hierarchy:
    """Parse a `:types` section. A type may be declared again with another parent, as in the storage domain of 2006; an
    undeclared parent becomes a subtype of `object`.
    """
    parents: dict[str, Kinds] = {}
    places: dict[str, Word] = {}
    for name, kinds, where in typed(source, nodes, "a type"):
        kind = name.text
        if kind == "either":
            raise source.error(name, "either cannot name a type")
        more = tuple(k for k in kinds if k != OBJECT)
        if kind == OBJECT:
            if more:
                _warn(source, name, "object is the type of all objects; its parent is not read", warn)
            continue
        if kind in parents:
            if not set(more) - set(parents[kind]):
                raise source.error(name, f"the type {show(kind)} is declared twice")
            _warn(source, name, f"the type {show(kind)} is declared again; it is now of all its parents", warn)
        elif len(parents) >= MAX_TYPES:
            raise source.error(name, f"over {MAX_TYPES} types")
        parents[kind] = parents.get(kind, ()) + tuple(k for k in more if k not in parents.get(kind, ()))
        places.setdefault(kind, name)
        if kind in more:
            raise source.error(name, f"the type {show(kind)} is a kind of itself")
        if where is not None:
            for k in more:
                places.setdefault(k, where if isinstance(where, Word) else name)
    for kind, first in places.items():
        if kind not in parents:
            _warn(source, first, f"the type {show(kind)} is not declared; it is taken as a kind of object", warn)
            parents[kind] = ()
    _acyclic(source, parents, places)
    return Hierarchy(parents)


def _warn(source: Source, where: Word, what: str, warn: list[str]) -> None:
    line, column = source.place(where.at)
    warn.append(f"{source.name}:{line}:{column}: {what}")


def _acyclic(source: Source, parents: Mapping[str, Kinds], places: Mapping[str, Word]) -> None:
    """Repeatedly remove types without remaining parents; what is left is in, or below, a cycle."""
    left = {kind: set(above) for kind, above in parents.items()}
    below: dict[str, list[str]] = {}
    for kind, above in parents.items():
        for parent in above:
            below.setdefault(parent, []).append(kind)
    todo = [kind for kind, above in left.items() if not above]
    while todo:
        kind = todo.pop()
        del left[kind]
        for child in below.get(kind, ()):
            left[child].discard(kind)
            if not left[child]:
                todo.append(child)
    if left:
        kind = min(left)
        path: list[str] = []
        while kind not in path:
            path.append(kind)
            kind = min(left[kind])
        ring = path[path.index(kind) :]
        shown = " - ".join(map(show, [*ring[:6], ring[0]] if len(ring) <= 6 else [*ring[:6], "…"]))
        raise source.error(places[kind], f"the types are kinds of each other: {shown}")

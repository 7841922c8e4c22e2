"""Joins of relations: all ways to bind an action's parameters so that facts match.

Owns relations with hash indexes, the join order (the most constrained pattern first) and the limit on work. Does
not know what a fact means; `ground.py` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from agents.kernel.errors import BadInput

Term = str | int
"""An object by name, or a parameter by position."""

Pattern = tuple[str, tuple[Term, ...]]
"""A predicate over terms."""

Row = tuple[str, ...]
"""The objects of one fact."""

MAX_WORK = 5_000_000
"""Maximum number of rows examined while a domain is grounded: about ten seconds."""


class Work:
    """Counts examined rows, up to the limit."""

    def __init__(self) -> None:
        """Start at zero."""
        self.left = MAX_WORK

    def spend(self, rows: int) -> None:
        """Count `rows`; raises BadInput beyond the limit."""
        self.left -= rows
        if self.left < 0:
            raise BadInput(
                f"Grounding takes over {MAX_WORK} steps: an action has too many parameters that few preconditions bind."
            )


class Relation:
    """The facts of one predicate, indexed by the objects at any of its positions."""

    def __init__(self) -> None:
        """Empty."""
        self.rows: dict[Row, None] = {}
        self._indexes: dict[tuple[int, ...], dict[Row, list[Row]]] = {}

    def add(self, row: Row) -> None:
        """Add one fact and update the indexes in use."""
        self.rows[row] = None
        for positions, index in self._indexes.items():
            index.setdefault(tuple([row[i] for i in positions]), []).append(row)

    def index(self, positions: tuple[int, ...]) -> Mapping[Row, Sequence[Row]]:
        """Maps the objects at `positions` to the facts that have them there; kept up to date."""
        found = self._indexes.get(positions)
        if found is None:
            found = self._indexes[positions] = {}
            for row in self.rows:
                found.setdefault(tuple([row[i] for i in positions]), []).append(row)
        return found


class Relations:
    """Relations by predicate and number of objects. `fixed`: predicates whose facts are complete."""

    def __init__(self, fixed: Iterable[tuple[str, ...]]) -> None:
        """`fixed`: facts of predicates that no action changes."""
        self._of: dict[tuple[str, int], Relation] = {}
        self.fixed: set[str] = set()
        for predicate, *row in fixed:
            self.fixed.add(predicate)
            self.of(predicate, len(row)).add(tuple(row))

    def of(self, predicate: str, arity: int) -> Relation:
        """The relation, created empty if it is new."""
        return self._of.setdefault((predicate, arity), Relation())


def fill(pattern: Pattern, bound: Sequence[str]) -> tuple[str, ...]:
    """The pattern as a fact, (predicate, *objects)."""
    return (pattern[0], *[bound[t] if isinstance(t, int) else t for t in pattern[1]])


def unify(terms: Sequence[Term], row: Row, bound: list[str]) -> bool:
    """Bind parameters (empty text: unbound) so that `terms` equal `row`; False if that is impossible."""
    for term, value in zip(terms, row, strict=True):
        if isinstance(term, str):
            if term != value:
                return False
        elif not bound[term]:
            bound[term] = value
        elif bound[term] != value:
            return False
    return True


class _Step:
    """One relation in a join: which rows to examine, what they bind, and which tests then apply."""

    __slots__ = ("absent", "index", "key", "out", "same", "twice", "types")

    def __init__(
        self, index: Mapping[Row, Sequence[Row]], key: tuple[Term, ...], out: tuple[tuple[int, int], ...]
    ) -> None:
        """`key`: the terms to look up in `index`; `out`: (position in the row, parameter it binds)."""
        self.index, self.key, self.out = index, key, out
        self.twice: list[tuple[int, int]] = []
        self.types: list[tuple[int, frozenset[str]]] = []
        self.same: list[tuple[Term, Term, bool]] = []
        self.absent: list[tuple[Mapping[Row, None], tuple[Term, ...]]] = []


class Join:
    """The bindings of all parameters under which the patterns match and the tests hold."""

    def __init__(
        self,
        relations: Relations,
        pools: Sequence[tuple[str, ...]],
        patterns: Sequence[Pattern],
        absent: Sequence[Pattern],
        same: Sequence[tuple[Term, Term, bool]],
        bound: set[int],
    ) -> None:
        """`pools`: the possible objects of each parameter. `patterns` must match facts in `relations`, `absent` must
        not. `same`: two terms, and whether they must be equal. `bound`: parameters that already have a value.
        """
        self._sets = [frozenset(pool) for pool in pools]
        known: set[int] = set()
        todo = list(patterns)
        left_same, left_absent = list(same), list(absent)
        steps: list[_Step] = []

        def settle(step: _Step, fresh: Iterable[int]) -> None:
            """Apply each test as soon as everything it needs is bound."""
            known.update(fresh)
            step.types = [(p, self._sets[p]) for p in sorted(fresh)]
            for pair in [s for s in left_same if _known(s[:2], known)]:
                left_same.remove(pair)
                step.same.append(pair)
            for pattern in [a for a in left_absent if _known(a[1], known)]:
                left_absent.remove(pattern)
                step.absent.append((relations.of(pattern[0], len(pattern[1])).rows, pattern[1]))
            steps.append(step)

        settle(_Step({(): [()]}, (), ()), bound)
        while todo:
            at = min(range(len(todo)), key=lambda i: (_breadth(relations, todo[i], known, pools), i))
            predicate, terms = todo.pop(at)
            where = tuple(i for i, t in enumerate(terms) if isinstance(t, str) or t in known)
            out: dict[int, int] = {}
            twice = []
            for i, t in enumerate(terms):
                if isinstance(t, int) and t not in known:
                    if t in out:
                        twice.append((i, out[t]))
                    else:
                        out[t] = i
            step = _Step(
                relations.of(predicate, len(terms)).index(where),
                tuple(terms[i] for i in where),
                tuple((i, t) for t, i in out.items()),
            )
            step.twice = twice
            settle(step, set(out))
        for parameter in sorted(set(range(len(pools))) - known, key=lambda p: len(pools[p])):
            rows = [(name,) for name in pools[parameter]]
            settle(_Step({(): rows}, (), ((0, parameter),)), {parameter})
        self._steps = steps

    def bindings(self, bound: list[str], work: Work) -> Iterator[tuple[str, ...]]:
        """Each binding, once for each way the patterns match. `bound` holds the given values and is modified."""
        steps = self._steps
        last = len(steps) - 1
        stack = [iter(_rows(steps[0], bound, work))]
        while stack:
            depth = len(stack) - 1
            step = steps[depth]
            for row in stack[-1]:
                for position, parameter in step.out:
                    bound[parameter] = row[position]
                if not _fits(step, row, bound):
                    continue
                if depth == last:
                    yield tuple(bound)
                else:
                    stack.append(iter(_rows(steps[depth + 1], bound, work)))
                    break
            else:
                stack.pop()


def _rows(step: _Step, bound: list[str], work: Work) -> Sequence[Row]:
    rows = step.index.get(tuple([bound[t] if isinstance(t, int) else t for t in step.key]), ())
    work.spend(len(rows) + 1)
    return rows


def _fits(step: _Step, row: Row, bound: list[str]) -> bool:
    for parameter, allowed in step.types:
        if bound[parameter] not in allowed:
            return False
    for a, b in step.twice:
        if row[a] != row[b]:
            return False
    for first, second, equal in step.same:
        one = bound[first] if isinstance(first, int) else first
        two = bound[second] if isinstance(second, int) else second
        if (one == two) is not equal:
            return False
    return all(tuple([bound[t] if isinstance(t, int) else t for t in terms]) not in rows for rows, terms in step.absent)


def _known(terms: Iterable[Term], known: set[int]) -> bool:
    return all(isinstance(t, str) or t in known for t in terms)


def _breadth(relations: Relations, pattern: Pattern, known: set[int], pools: Sequence[tuple[str, ...]]) -> float:
    """Roughly how many rows match once `known` is bound; an estimate, because not everything is known yet."""
    predicate, terms = pattern
    free = {t for t in terms if isinstance(t, int) and t not in known}
    if not free:
        return 0
    if predicate not in relations.fixed:
        return max(len(pools[t]) for t in free)
    relation = relations.of(predicate, len(terms))
    where = tuple(i for i, t in enumerate(terms) if isinstance(t, str) or t in known)
    return len(relation.rows) / max(1, len(relation.index(where)))

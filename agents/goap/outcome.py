"""The possible results of a planning request, and how to drive a search in slices.

Owns these values. Leaves searching to `search.py`, `regression.py` and `optimal/`.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from agents.goap.model import Fact
from agents.goap.plan import Plan


@dataclass(frozen=True, slots=True)
class Progress:
    """The result of a slice: states evaluated so far, the lowest estimate seen, and the best plan if one has been
    found.
    """

    nodes: int
    nearest: int
    plan: Plan | None = None


@dataclass(frozen=True)
class Solved:
    """A plan was found after `nodes` evaluated states. `spent` is its cost with penalties; when
    `optimal`, no plan costs less.
    """

    plan: Plan
    nodes: int
    spent: int
    optimal: bool = False


@dataclass(frozen=True)
class Unsolvable:
    """No plan exists. `missing`: goal literals that are unreachable or `unknown` to the domain. If none is known to be
    unreachable alone, `conflict` is the first pair that cannot hold together, if a pair is to blame.
    """

    missing: tuple[Fact, ...]
    conflict: tuple[Fact, ...] = ()
    unknown: bool = False


@dataclass(frozen=True)
class GaveUp:
    """The limit of `limit` nodes was reached: nothing is known."""

    limit: int
    nodes: int


Outcome = Solved | Unsolvable | GaveUp


def run[End](slices: Generator[object, None, End]) -> End:
    """Run a search or a proof to its end, blocking: for tests, tools and workers."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            found: End = end.value
            return found

"""What a request for a plan can come to, and how a search in slices is driven.

Owns these values. Refuses to search: `search.py`, `regression.py` and `optimal/` do.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from agents.goap.model import Fact
from agents.goap.plan import Plan


@dataclass(frozen=True, slots=True)
class Progress:
    """What a slice has come to: states evaluated so far, the least estimate seen, and the best plan
    if one was found already.
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
    """No plan exists. `missing`: the goal's literals that cannot be reached, or that the domain
    does not know (`unknown`). When none is known to be out of reach by itself, `conflict` is the
    first pair that cannot hold together, if a pair is to blame.
    """

    missing: tuple[Fact, ...]
    conflict: tuple[Fact, ...] = ()
    unknown: bool = False


@dataclass(frozen=True)
class GaveUp:
    """The cap of `limit` nodes was reached: nothing is known."""

    limit: int
    nodes: int


Outcome = Solved | Unsolvable | GaveUp


def run[End](slices: Generator[object, None, End]) -> End:
    """Drive a search or a proof to its end at once: for tests, tools and workers."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            found: End = end.value
            return found

"""The goals for which a domain was prepared: a search for one of them starts one slice earlier.

Owns their list and the preparation. Does not save derived data, which is recomputed from the goals in the same
order, so that the same goals are dropped first.
"""

from __future__ import annotations

from dataclasses import dataclass

from agents.goap.domain import Domain
from agents.goap.outcome import run
from agents.goap.pairs import stages
from agents.goap.task import Task


@dataclass(frozen=True)
class Prepared:
    """Masks of goals that were searched for, and of those for which a proof of impossibility was tried."""

    searched: list[int]
    proven: list[int]


def prepared(domain: Domain) -> Prepared:
    """What `domain` has been prepared for so far."""
    return Prepared(list(domain.memo.get(Task, ())), list(domain.memo.get(stages, ())))


def prepare(domain: Domain, kept: Prepared) -> None:
    """Prepare `domain` for the same goals."""
    for target in kept.searched:
        Task.of(domain, target)
    for target in kept.proven:
        run(stages(domain, target))

"""The goals that a domain was prepared for: a search for one of them begins a slice earlier.

Owns the list of them and the preparing. Refuses to keep what is derived: it is made again from the goals, in the same
order, so that the same are forgotten first.
"""

from __future__ import annotations

from dataclasses import dataclass

from agents.goap.domain import Domain
from agents.goap.outcome import run
from agents.goap.pairs import stages
from agents.goap.task import Task


@dataclass(frozen=True)
class Prepared:
    """Masks of goals that were searched for, and of those that were looked at for a proof that there is no plan."""

    searched: list[int]
    proven: list[int]


def prepared(domain: Domain) -> Prepared:
    """What `domain` was prepared for so far."""
    return Prepared(list(domain.memo.get(Task, ())), list(domain.memo.get(stages, ())))


def prepare(domain: Domain, kept: Prepared) -> None:
    """Prepare `domain` for the same goals."""
    for target in kept.searched:
        Task.of(domain, target)
    for target in kept.proven:
        run(stages(domain, target))

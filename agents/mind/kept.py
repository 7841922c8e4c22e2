"""The form in which a saved run keeps what minds know besides the tables: plain values.

Owns the types. Refuses what stands in the tables, which is read again, and what cannot be written down: an unfinished
choice, a step under way. The owners of the values convert them with `snapshot` and `restore`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agents.goap.model import Fact
from agents.goap.plan import PlanKept
from agents.goap.policy import PolicyKept
from agents.goap.prepared import Prepared
from agents.house.values import Wish
from agents.mind.aims import Happened
from agents.mind.goals import Wait, Weighed
from agents.work.ports import Machine


@dataclass(frozen=True)
class PursuitKept:
    """A plan under way; `record` is the number of its row."""

    record: str
    wish: Wish
    plan: PlanKept
    known: list[Fact]
    position: int
    said: str
    failures: int
    reached: bool
    over: tuple[Weighed, ...]


@dataclass(frozen=True)
class RecallKept:
    """What a mind took down that its tables would tell in other words; all else is read again when asked for."""

    last: dict[str, datetime]
    first: datetime | None
    due: tuple[datetime, datetime, list[int]] | None
    """From when to when these habits, by their places in its file, and no others, are due."""
    happened: list[Happened]
    task: int | None
    """The task it has in mind, in hand or not."""
    task_known: bool


@dataclass(frozen=True)
class MindKept:
    """A mind between two visits. `seen`: where it last looked about ('' when it has not)."""

    life: str
    trouble: str
    equipped: bool
    seen: str
    pursuit: PursuitKept | None
    waits: dict[str, Wait]
    penalties: dict[str, float]
    not_before: float
    settled: float
    recall: RecallKept


@dataclass(frozen=True)
class RepertoireKept:
    """What was learned. `domain` tells which domain its numbers belong to ('' for none yet); each policy comes with the
    goal and the ways it is looked up by.
    """

    domain: str
    prepared: Prepared
    policies: list[tuple[int, int, PolicyKept]]


@dataclass(frozen=True)
class RecordsKept:
    """What is measured and counted now and then, and until when that is good."""

    machine: tuple[float, Machine] | None
    asleep: tuple[float, tuple[str, ...], int] | None

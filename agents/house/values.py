"""What parts provide for minds and thinking, as plain values: something to want, to think about, to say.

Owns the shapes, not their weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from agents.goap.model import Goal

TIDY_WEIGHT = 150.0
"""Upper limit of errands' scores, however late they are; returning a borrowed thing scores exactly this."""
Kind = Literal["existential", "swarm", "scripture", "creative", "memory", "freeform"]
"""The kinds of thought."""
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Wish:
    """A goal that could be pursued. `why` is a clause that ends a sentence; `task` its number or None. `weight` and
    `urgency` are the factors of the score, if it has any; `aim` names the aim it serves.
    """

    goal: Goal
    score: float
    why: str
    task: int | None = None
    weight: float = 0.0
    urgency: float = 1.0
    aim: str = ""

    @property
    def name(self) -> str:
        """The goal's name: `task 3`, `seen(board)`."""
        return self.goal.name

    @property
    def tier(self) -> int:
        """2 for tasks, 1 for tidying up, 0 for the rest; goals of different tiers are never weighed together."""
        return 2 if self.task is not None else int(self.score >= TIDY_WEIGHT)

    @property
    def words(self) -> str:
        """`score 12.0 = weight 4 x urgency 3.0`."""
        made = f" = weight {self.weight:g} x urgency {self.urgency:.1f}" if self.weight else ""
        made += ", no more than this" if self.weight * self.urgency > self.score else ""
        return f"score {self.score:.1f}{made}"


@dataclass(frozen=True)
class Candidate:
    """Something to think about. `subject`: `sort:key`, which the part that provides it describes through `recalls`;
    `unfinished`: from 0 to 1, how much of an open thread it is; `at`: when something last happened to it, None if
    nothing ever does.
    """

    kind: Kind
    subject: str
    unfinished: float = 0.0
    at: datetime | None = None


@dataclass(frozen=True)
class Sentence:
    """One sentence and the records that it states: `event:<seq>`, `task:<id>`, `plan:<id>`, `step:<id>`,
    `approval:<id>`, `thought:<id>`, `message:<id>`, `room:<key>`, `item:<key>`, `agent:<slug>`, `kind:<name>`,
    `verb:<name>`, `topic:<name>`, `rule:<n>`, `span:<name>` (of time, at that instant), `actor:<who>`, `board`,
    `map`, `machine`, `roster`, `clock`; those of another part begin with its name.
    """

    text: str
    records: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """One thing that `timmy doctor` checks. `level`: ok, note or bad; `mend`: the command or change that helps."""

    what: str
    level: Literal["ok", "note", "bad"]
    said: str
    mend: str = ""

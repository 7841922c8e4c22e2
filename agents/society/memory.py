"""What one agent knows of the others: news, whom it met, thanks it owes, questions it has. Plain values, bounded.

Owns the shape, and what is forgotten first. Refuses to decide who speaks: `rules` does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from agents.society.news import News

MOST_KNOWN, MOST_MET = 96, 48
"""Matters an agent keeps in mind, and agents it remembers speaking with. What it forgets it may be told again, and says
that it is new: so these are more than come up while news is fresh.
"""


@dataclass(frozen=True)
class Debt:
    """What it has to thank another for, as a phrase behind "Thank you for ", and the record of it."""

    phrase: str
    source: str


@dataclass(frozen=True)
class Question:
    """What it means to ask another when they next meet.

    - `thing`: whether the other got the thing `key`, called `name`, that it was waiting for with a `task`.
    - `failed`, `stuck`: how a task stands that the other failed at, or could not go on with.
    - `taken`: how a task stands that the other took over.

    `at` is when that was, `source` its record.
    """

    kind: Literal["thing", "failed", "stuck", "taken"]
    task: int
    at: datetime
    source: str
    key: str = ""
    name: str = ""


@dataclass
class Memory:
    """The memory of one agent."""

    known: dict[str, News] = field(default_factory=dict)
    """The newest of each matter, by what it is about; the one that changed longest ago first."""
    met: dict[str, datetime] = field(default_factory=dict)
    """When it last spoke with each, the longest ago first."""
    debts: dict[str, Debt] = field(default_factory=dict)
    """Whom it owes thanks, and for what."""
    questions: dict[str, Question] = field(default_factory=dict)
    """Whom it means to ask something."""
    asked: datetime | None = None
    """When it last asked its father or mother how it stands."""
    curious: str = ""
    """Why it wants to read the board, '' when it does not."""
    prompted: tuple[str, datetime] | None = None
    """Whose word made it want that, and when it was said."""

    def know(self, news: News) -> None:
        """Take down the newest of a matter."""
        self.known.pop(news.about, None)
        self.known[news.about] = news
        if len(self.known) > MOST_KNOWN:
            del self.known[next(iter(self.known))]

    def spoke(self, other: str, at: datetime) -> None:
        """Take down that it spoke with another."""
        _keep(self.met, other, at)

    def owe(self, other: str, debt: Debt) -> None:
        """Take down that it has to thank another."""
        _keep(self.debts, other, debt)

    def wonder(self, other: str, question: Question) -> None:
        """Take down what to ask another."""
        _keep(self.questions, other, question)


def _keep[T](kept: dict[str, T], other: str, value: T) -> None:
    kept.pop(other, None)
    kept[other] = value
    if len(kept) > MOST_MET:
        del kept[next(iter(kept))]

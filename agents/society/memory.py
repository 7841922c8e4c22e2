"""What one agent can tell, was told, and whom it spoke with: plain values, bounded.

Owns the shape and what is let go of first. Refuses to decide who speaks: that is `rules`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from agents.society.news import News

MOST_KNOWN, MOST_MET = 32, 48
"""Matters an agent keeps in mind, and agents it remembers to have spoken with."""


@dataclass
class Memory:
    """That of one agent."""

    known: dict[str, News] = field(default_factory=dict)
    """The newest of each matter, by what it is about; the one that changed longest ago first."""
    met: dict[str, datetime] = field(default_factory=dict)
    """When it last spoke with each, the longest ago first."""
    thanks: dict[str, News] = field(default_factory=dict)
    """Whom it owes thanks, and for what: by it the agent was spared a way."""
    asked: datetime | None = None
    """When it last asked its father or mother how it stands."""
    curious: str = ""
    """Why it wants to read the board, '' when it does not."""

    def know(self, news: News) -> None:
        """Take down the newest of a matter."""
        self.known.pop(news.about, None)
        self.known[news.about] = news
        if len(self.known) > MOST_KNOWN:
            del self.known[next(iter(self.known))]

    def spoke(self, other: str, at: datetime) -> None:
        """Take down that it spoke with another."""
        self.met.pop(other, None)
        self.met[other] = at
        if len(self.met) > MOST_MET:
            del self.met[next(iter(self.met))]

"""One answer that is under way: what has arrived, what has been told, and who hears it.

Owns these and the ways in which an answer can end. Refuses to ask, to write and to read the clock: `conversation` does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from twisted.internet.defer import Deferred

from agents.governance.rules import Actor
from agents.house.values import Sentence
from agents.kernel.errors import StepFailed
from agents.thinking.models import Message
from agents.thinking.sentences import Flow

_log = logging.getLogger("timmy.talk")
LONGEST_ANSWER = 8000
"""Characters of an answer that are told and kept; a model that goes on is cut."""


class Hearer(Protocol):
    """Somebody who hears an answer as it arrives. The text is cleaned, and must never be read as a command."""

    def thinking(self) -> None:
        """The answer takes longer than a moment."""
        ...

    def told(self, part: str, source: str) -> None:
        """More of the answer, in whole sentences. `source` is `reflex`, or '' for a model, which names itself at the
        end.
        """
        ...

    def ended(self, answer: Message) -> None:
        """Nothing more will come."""
        ...


class Silence:
    """A hearer for answers that nobody hears; they are in the log."""

    def thinking(self) -> None:
        """Nobody waits."""

    def told(self, part: str, source: str) -> None:
        """Nobody hears."""

    def ended(self, answer: Message) -> None:
        """Nobody goes."""


class Reader:
    """Reads an answer once it is complete."""

    def __init__(self) -> None:
        self.read: Deferred[str] = Deferred()

    def thinking(self) -> None:
        """It waits."""

    def told(self, part: str, source: str) -> None:
        """It waits for the whole."""

    def ended(self, answer: Message) -> None:
        """Pass it on, if there is one."""
        if answer.text:
            self.read.callback(answer.text)
        else:
            self.read.errback(StepFailed(f"There was no answer: {answer.note}"))


@dataclass(frozen=True)
class Ending:
    """How an answer ends: its state, where it came from, why it is not whole or not a model's."""

    state: str
    source: str
    note: str = ""


@dataclass
class Talk:
    """An answer under way. `begun` and `told_at` are readings of the clock."""

    asked: Message
    answer: Message
    begun: float
    hearers: list[Hearer]
    flow: Flow
    records: list[Sentence] = field(default_factory=list)
    end: Ending | None = None
    told_at: float = float("-inf")
    waited: bool = False
    closed: bool = False
    """Whether it was cut or written down: what still comes is nobody's."""

    @property
    def slug(self) -> str:
        """The agent that answers."""
        return self.answer.sender.removeprefix("agent:")

    @property
    def asker(self) -> Actor:
        """Who asked."""
        return actor(self.asked.sender)

    @property
    def source(self) -> str:
        """The source, as hearers are told it."""
        return self.end.source if self.end is not None and "/" not in self.end.source else ""

    def tell(self, what: Callable[[Hearer], None]) -> None:
        """Tell all hearers. One that fails (a lost connection) does not keep the others from hearing."""
        for hearer in list(self.hearers):
            try:
                what(hearer)
            except Exception:  # noqa: BLE001  a hearer is a connection of somebody's; the answer goes on without it
                _log.exception("somebody could not be told an answer of %s", self.slug)
                self.hearers.remove(hearer)


def actor(written: str) -> Actor:
    """The actor stored as this text. Raises ValueError for any other text."""
    kind, _, name = written.partition(":")
    if kind not in ("owner", "person", "agent"):
        raise ValueError(f"{written!r} is nobody who speaks")
    return Actor(kind, name)  # type: ignore[arg-type]

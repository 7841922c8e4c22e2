"""One answer on its way, from its question to its end, and all who listen to it.

Owns the text so far and what came of it. Refuses to forget a piece: whoever comes late hears all of it, what was
missed in one piece.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from agents.cascade.ports import Answer, Question, Step
from agents.cascade.refusal import NoAnswer
from agents.kernel.errors import TimmyError


class Run:
    """Not thread-safe: one loop uses it. It ends once, with an answer or a failure."""

    def __init__(self, question: Question) -> None:
        """`question`: the one that began it; others may be joined to it."""
        self.question = question
        self.pieces: list[str] = []
        self.way: list[Step] = []
        self.answer: Answer | None = None
        self.failure: TimmyError | None = None
        self.task: asyncio.Task[None] | None = None
        self.key: str | None = None
        self.askers: dict[str, Question] = {question.id: question}
        """By id, what each who has not taken it back asked: the same in all that matters."""
        self.ended_at = 0.0
        self.made = 0
        """Characters that models have made for it, given out or not."""
        self._changed = asyncio.Event()

    @property
    def ended(self) -> bool:
        """Whether nothing more comes."""
        return self.answer is not None or self.failure is not None

    @property
    def person(self) -> bool:
        """Whether a person waits for it."""
        return any(asker.person for asker in self.askers.values())

    @property
    def stale_after(self) -> float | None:
        """Seconds after which nobody who asked needs it any more, if it has not begun."""
        known = [asker.stale_after for asker in self.askers.values()]
        return None if None in known else max((seconds for seconds in known if seconds is not None), default=None)

    @property
    def text(self) -> str:
        """What has come so far."""
        return "".join(self.pieces)

    def give(self, text: str) -> None:
        """More of the answer."""
        if text:
            self.pieces.append(text)
            self._tell()

    def end(self, outcome: Answer | TimmyError, at: float) -> None:
        """What came of it; what comes later changes nothing."""
        if self.ended:
            return
        if isinstance(outcome, Answer):
            self.answer = outcome
        else:
            self.failure = outcome
        self.ended_at = at
        self._tell()

    def cancel(self, why: str, at: float) -> None:
        """Nobody wants it any more; the server is told to stop."""
        self.end(NoAnswer(why, tuple(self.way), status=499, fault="cancelled"), at)
        if self.task is not None:
            self.task.cancel()

    async def follow(self) -> AsyncIterator[str]:
        """All of the answer as it comes, from its beginning; raises the failure with which it ended."""
        seen = 0
        while True:
            changed = self._changed
            while seen < len(self.pieces):
                more = "".join(self.pieces[seen:])
                seen = len(self.pieces)
                yield more
            if self.failure is not None:
                raise self.failure
            if self.ended:
                return
            await changed.wait()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

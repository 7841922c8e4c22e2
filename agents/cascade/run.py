"""One answer under way, from its question to its end, and everybody who listens to it.

Owns the text so far and the result. Forgets nothing: latecomers get all of it, with what they missed in one piece.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from agents.cascade.ports import Answer, Question, Step
from agents.cascade.refusal import NoAnswer
from agents.cascade.tokens import weight
from agents.kernel.errors import TimmyError

TURNED = "what it had said was its thinking, which it had not marked as such"


class Run:
    """Not thread-safe: one event loop uses it. It ends once, with an answer or a failure."""

    def __init__(self, question: Question) -> None:
        """`question`: the one that started it; others may join."""
        self.question = question
        self.pieces: list[str] = []
        self.way: list[Step] = []
        self.answer: Answer | None = None
        self.failure: TimmyError | None = None
        self.task: asyncio.Task[None] | None = None
        self.key: str | None = None
        self.askers: dict[str, Question] = {question.id: question}
        """By id, the question of everybody who has not withdrawn it: equal in all that matters."""
        self.ended_at = 0.0
        self.made = 0
        """The weight (see `tokens`) of what models have generated for it, whether or not it was passed on."""
        self._changed = asyncio.Event()
        self._turned, self._why = 0, ""

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self.answer is not None or self.failure is not None

    @property
    def person(self) -> bool:
        """Whether a person waits for it."""
        return any(asker.person for asker in self.askers.values())

    @property
    def stale_after(self) -> float | None:
        """Seconds after which no asker needs it any more if it has not begun."""
        known = [asker.stale_after for asker in self.askers.values()]
        return None if None in known else max((seconds for seconds in known if seconds is not None), default=None)

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self.pieces)

    def give(self, text: str) -> None:
        """More of the answer."""
        if text:
            self.pieces.append(text)
            self._tell()

    def turn(self, why: str) -> None:
        """What was passed on was not part of the answer. Listeners who have received any of it can get no other
        answer, and are told why.
        """
        self.pieces.clear()
        self._turned, self._why = self._turned + 1, why
        self._tell()

    def end(self, outcome: Answer | TimmyError, at: float) -> None:
        """The result; later ones change nothing."""
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
        """The whole answer as it arrives, from its beginning; raises the failure with which it ended."""
        seen, turned = 0, self._turned
        while True:
            changed = self._changed
            if turned != self._turned:
                turned = self._turned
                if seen:
                    raise NoAnswer(f"the answer broke off: {self._why}", tuple(self.way), status=502, fault="turned")
            while seen < len(self.pieces):
                more = "".join(self.pieces[seen:])
                seen = len(self.pieces)
                yield more
                if turned != self._turned:
                    break
            else:
                if self.failure is not None:
                    raise self.failure
                if self.ended:
                    return
                await changed.wait()

    async def whole(self) -> Answer:
        """The answer when it is complete; raises the failure if it failed."""
        while not self.ended:
            await self._changed.wait()
        if self.answer is None:
            raise self.failure or NoAnswer("the answer was cut off before its end")
        return self.answer

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Listening:
    """How a run hears what comes of one call. `aside`: its text is given at the end alone, or from when on the model's
    window is known to have `needed` tokens (0: whatever it has).
    """

    def __init__(self, run: Run, learn: Callable[[], None], *, aside: bool, needed: int = 0) -> None:
        """`learn` is called when the model is heard to leave out the tag before its thinking."""
        self._run, self._learn, self._aside, self._needed = run, learn, aside, needed

    def give(self, text: str, thinking: str) -> None:
        """More text."""
        self._run.made += weight(text) + weight(thinking)
        if not self._aside:
            self._run.give(text)

    def room(self, tokens: int) -> None:
        """So large is the model's window. It is told before any text is given."""
        self._aside = self._aside and not 0 < self._needed <= tokens

    def turn(self) -> None:
        """What was given as text was thinking."""
        self._learn()
        if not self._aside:
            self._run.turn(TURNED)

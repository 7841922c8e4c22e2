"""Which prompts a model is known to read whole, so that its answer may be heard as it comes.

Owns that knowledge: what a server tells of a window that it keeps to, and what models were seen to read, which is kept
over restarts. Refuses to judge an answer: whether a prompt was cut is told at its end, by the tokens that were counted
(`attempt`).
"""

from __future__ import annotations

from collections.abc import Iterable

from agents.cascade.attempt import SHARE, SURE
from agents.cascade.ports import Message, Usage
from agents.cascade.rules import Choice
from agents.cascade.store import Store
from agents.cascade.tokens import fewest

NOTHING_CONCLUDED = 2**31 - 1
"""For a model whose server does not count: that its prompt was cut would not be noticed at the end either."""


class Windows:
    """Of all models."""

    def __init__(self, store: Store) -> None:
        """As they were known last."""
        self._store, self._read = store, store.windows()

    def holds(self, choice: Choice, messages: Iterable[Message], tokens: int) -> bool:
        """Whether all of a prompt is sure to be read: nothing that is counted at the end could tell otherwise.
        `tokens`: about what it needs with its answer.
        """
        least = fewest(*(message.content for message in messages))
        read = self._read.get(_key(choice), 0)
        return least < SURE or tokens <= choice.model.window or SHARE * least <= read

    def read(self, choice: Choice, messages: Iterable[Message], usage: Usage) -> None:
        """A prompt was answered, and was not cut. One that is too short to tell tells nothing."""
        if fewest(*(message.content for message in messages)) >= SURE:
            self._know(choice, usage.tokens_in if usage.counted and usage.tokens_in else NOTHING_CONCLUDED)

    def shortened(self, choice: Choice) -> None:
        """It answered to a part of one: its server has another window now than it had."""
        if _key(choice) in self._read:
            del self._read[_key(choice)]
            self._store.note_window(*_key(choice), 0)

    def _know(self, choice: Choice, tokens: int) -> None:
        if tokens > self._read.get(_key(choice), 0):
            self._read[_key(choice)] = tokens
            self._store.note_window(*_key(choice), tokens)


def _key(choice: Choice) -> tuple[str, str]:
    return choice.provider, choice.model.name

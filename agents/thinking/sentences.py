"""An answer as it arrives, in whole sentences. Pure.

Owns where an arriving text may be cut, its cleaning and its maximum length. What is taken from it, joined, is the
cleaned text: nothing is dropped, turned round or cut inside an escape sequence. Refuses to know who hears it, and when.
"""

from __future__ import annotations

import re

from agents.kernel.text import clean, settled

LONGEST_SENTENCE = 400
"""Characters after which a sentence that does not end is told as far as it has come."""
_END = re.compile(r"[.!?…][\"')\]»”’*_]*\s+|[。！？]|\n\s*")


def ended(text: str) -> int:
    """How many characters of `text` are whole sentences, including the space after them; of an endless sentence, as
    many as are whole words.
    """
    end = max((match.end() for match in _END.finditer(text)), default=0)
    while len(text) - end > LONGEST_SENTENCE:
        space = text.rfind(" ", end, end + LONGEST_SENTENCE)
        end = space + 1 if space >= end else end + LONGEST_SENTENCE
    return end


class Flow:
    """The text of one answer. Characters beyond `most` are not kept, and `over` is true from then on."""

    def __init__(self, most: int, *, told: int = 0) -> None:
        """`told`: so many characters of the cleaned text were told before, and are not told again."""
        self._most, self._told = most, told
        self._coming: list[str] = []
        self._ready = ""
        self._read = 0
        self._taken = False
        self.over = False

    @property
    def begun(self) -> bool:
        """Whether anything has arrived."""
        return self._read > 0

    @property
    def blank(self) -> bool:
        """Whether nothing visible has arrived and nothing has been taken."""
        return not self._taken and not clean("".join((self._ready, *self._coming))).strip()

    def add(self, text: str) -> None:
        """Add text that has arrived."""
        kept = text[: self._most - self._read]
        self.over = self.over or len(kept) < len(text)
        if kept:
            self._coming.append(kept)
            self._read += len(kept)

    def take(self) -> str:
        """The whole sentences that have arrived since the last call, '' if there are none."""
        raw = "".join(self._coming)
        safe = settled(raw)
        self._coming = [raw[safe:]]
        self._clean(raw[:safe])
        return self._cut(ended(self._ready))

    def rest(self) -> str:
        """Everything that is left, when nothing more will arrive."""
        raw, self._coming = "".join(self._coming), []
        self._clean(raw)
        return self._cut(len(self._ready))

    def _clean(self, text: str) -> None:
        cleaned = clean(text)
        again = min(self._told, len(cleaned))
        self._told -= again
        self._ready += cleaned[again:]

    def _cut(self, end: int) -> str:
        part, self._ready = self._ready[:end], self._ready[end:]
        self._taken = self._taken or bool(part.strip())
        return part

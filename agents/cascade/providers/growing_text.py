"""Bytes of tokens as text that may be passed on: whole characters, up to a stop word.

Pure. Owns what is held back until more has arrived: part of a character, the beginning of a stop word. Leaves the
separation of thinking to `thoughts`, for all providers.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable


class Text:
    """One answer as it grows."""

    def __init__(self, stop: tuple[str, ...], *, exact: bool) -> None:
        """`exact`: a grammar counts the characters; what it counts as one, although it is none, must not become
        several.
        """
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore" if exact else "replace")
        self._stop, self._held = tuple(filter(None, stop)), ""

    def take(self, data: bytes, give: Callable[[str, str], bool]) -> bool:
        """Pass on what is certain; returns whether the answer is complete or nobody wants more."""
        self._held += self._decoder.decode(data)
        found = [at for word in self._stop if (at := self._held.find(word)) >= 0]
        if found:
            self._held = self._held[: min(found)]
            return True
        keep = max((_overlap(self._held, word) for word in self._stop), default=0)
        sure, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return give(sure, "")

    def finish(self, give: Callable[[str, str], bool]) -> None:
        """What was held back."""
        give(self._held + self._decoder.decode(b"", True), "")


def _overlap(text: str, word: str) -> int:
    """How many characters at the end of the text may be the beginning of the word."""
    return next((size for size in range(min(len(word) - 1, len(text)), 0, -1) if text.endswith(word[:size])), 0)

"""Bytes of tokens as text that may be given on: whole characters, up to a stop word, thinking told from the answer.

Pure. Owns what is held back until more has come: half a character, the beginning of a stop word or of a tag. Refuses to
judge: what stands between the tags is thinking, and nothing else is.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable

_OPEN, _CLOSE = "<think>", "</think>"


class Text:
    """One answer as it grows."""

    def __init__(self, stop: tuple[str, ...], *, exact: bool) -> None:
        """`exact`: a grammar counts the characters; what it counts as one although it is none must not become several."""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="ignore" if exact else "replace")
        self._stop, self._held, self._thoughts = tuple(filter(None, stop)), "", _Thoughts()

    def take(self, data: bytes, give: Callable[[str, str], bool]) -> bool:
        """Give on what is sure; whether the answer has come to its end or nobody wants more."""
        self._held += self._decoder.decode(data)
        found = [at for word in self._stop if (at := self._held.find(word)) >= 0]
        if found:
            self._held = self._held[: min(found)]
            return True
        keep = max((_overlap(self._held, word) for word in self._stop), default=0)
        sure, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return self._give(sure, give)

    def finish(self, give: Callable[[str, str], bool]) -> None:
        """What was held back."""
        self._give(self._held + self._decoder.decode(b"", True), give, last=True)

    def _give(self, sure: str, give: Callable[[str, str], bool], last: bool = False) -> bool:
        text, thinking = self._thoughts.take(sure, last)
        return give(text, thinking)


class _Thoughts:
    """Tells thinking, which models write between two tags at the beginning, from the answer."""

    def __init__(self) -> None:
        self._held, self._inside, self._past = "", False, False

    def take(self, text: str, last: bool) -> tuple[str, str]:
        """What of the text so far is answer, and what is thinking. A part of a tag is held back until it is whole."""
        if self._past:
            return text, ""
        self._held += text
        if not self._inside:
            begin = self._held.lstrip()
            if begin.startswith(_OPEN):
                self._inside, self._held = True, begin[len(_OPEN) :]
            elif not _OPEN.startswith(begin) or last:
                self._past = True
                return self._held, ""
            else:
                return "", ""
        thought, closed, answer = self._held.partition(_CLOSE)
        if closed:
            self._past = True
            return answer.lstrip(), thought
        keep = 0 if last else _overlap(self._held, _CLOSE)
        thought, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return "", thought


def _overlap(text: str, word: str) -> int:
    """How many characters at the text's end may be the word's beginning."""
    return next((size for size in range(min(len(word) - 1, len(text)), 0, -1) if text.endswith(word[:size])), 0)

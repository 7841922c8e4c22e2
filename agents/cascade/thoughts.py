"""Separates a model's thinking from its answer. Pure.

Owns the tags that models put around it, for all providers: `<think>…</think>` and similar ones, even if the opening
tag is missing (because the model's template has already written it), if nothing is between them, or if the answer
is cut off before the closing one. Does not judge: what is between the tags is thinking, nothing else is.

    start --opening tag--> inside --closing tag--> start
      |  \\--any other word--> text --opening tag at the beginning of a line--> inside
      |                        text --closing tag--> start, and all that was text is thinking
      \\--waiting (see `Split`)--closing tag--> start
"""

from __future__ import annotations

import re

TAGS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "[think]": "[/think]",
    "◁think▷": "◁/think▷",
}
"""The tags around thinking, in upper or lower case."""
_FLAGS = re.IGNORECASE | re.ASCII
_OPEN = re.compile("|".join(map(re.escape, TAGS)), _FLAGS)
_CLOSE = re.compile("|".join(map(re.escape, TAGS.values())), _FLAGS)
_TAG = re.compile(f"(?P<open>{_OPEN.pattern})|(?P<close>{_CLOSE.pattern})", _FLAGS)
_PREFIXES = frozenset(tag[:size] for pair in TAGS.items() for tag in pair for size in range(1, len(tag)))
_LONGEST = max(map(len, _PREFIXES))
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_QUOTES = frozenset("`'\"«‹“‘(")
"""What precedes a tag that is mentioned, not used."""
_SUSPECTS = re.compile(r"think|reason|deepseek|\br1\b|qwq|-z1\b|-or?1\b", _FLAGS)


def may_leave_out_the_first(model: str) -> bool:
    """Whether a model's name is one of those whose templates write the opening tag themselves."""
    return _SUSPECTS.search(model) is not None


class Split:
    """One answer as it grows."""

    def __init__(self, *, hold: bool = False) -> None:
        """`hold`: pass on nothing as answer before a closing tag or the end, for a model that may omit the opening
        one.
        """
        self.turned = False
        """Whether a closing tag came without an opening one: everything passed on as answer until then was thinking."""
        self.left_out = False
        """The same, whether or not any of it was passed on."""
        self._hold, self._held, self._before = hold, "", "\n"
        self._state, self._close, self._tagged = "start", "", False

    def take(self, more: str) -> tuple[str, str]:
        """Which part of the text so far is answer, and which is thinking. What may become a tag is held back."""
        return self._take(more, last=False)

    def end(self, *, cut: bool = False) -> tuple[str, str]:
        """What was held back. `cut`: the answer did not end properly."""
        if self._state == "waiting" and cut:
            held, self._held = self._held, ""
            return "", held
        return self._take("", last=True)

    def _take(self, more: str, *, last: bool) -> tuple[str, str]:
        self._held += more
        answer: list[str] = []
        thinking: list[str] = []
        while True:
            state = self._state
            said, thought = self._step(last)
            if self.turned and not self._tagged:
                self._tagged = True
                thinking, answer = thinking + answer, []
            answer.append(said)
            thinking.append(thought)
            if self._state == state:
                break
        return "".join(answer), "".join(thinking)

    def _step(self, last: bool) -> tuple[str, str]:
        match self._state:
            case "start":
                return self._start(last)
            case "inside":
                return self._inside(last)
            case "waiting":
                return self._waiting(last)
            case _:
                return self._text(last)

    def _give(self, size: int) -> str:
        given, self._held = self._held[:size], self._held[size:]
        self._before = given[-1:] or self._before
        return given

    def _start(self, last: bool) -> tuple[str, str]:
        begin = self._held.lstrip()
        if found := _OPEN.match(begin):
            self._enter(found[0])
            self._held = begin[found.end() :]
        elif last or (begin and begin.translate(_LOWER) not in _PREFIXES):
            self._state = "waiting" if self._hold and not self._tagged else "text"
            self._held = begin if self._tagged else self._held
        return "", ""

    def _enter(self, tag: str) -> None:
        self._state, self._close, self._tagged = "inside", TAGS[tag.translate(_LOWER)], True

    def _inside(self, last: bool) -> tuple[str, str]:
        at = self._held.translate(_LOWER).find(self._close)
        if at >= 0:
            thought = self._give(at)
            self._held = self._held[len(self._close) :]
            self._state = "start"
            return "", thought
        return "", self._give(len(self._held) - (0 if last else _begun(self._held)))

    def _text(self, last: bool) -> tuple[str, str]:
        for found in _TAG.finditer(self._held):
            before = self._held[found.start() - 1] if found.start() else self._before
            if found["open"] and before == "\n":
                said = self._give(found.start())
                self._held = self._held[len(found[0]) :]
                self._enter(found[0])
                return said, ""
            if found["close"] and before not in _QUOTES and not self._tagged:
                thought = self._give(found.start())
                self._held = self._held[len(found[0]) :]
                self._state, self.turned, self.left_out = "start", True, True
                return "", thought
        return self._give(len(self._held) - (0 if last else _begun(self._held))), ""

    def _waiting(self, last: bool) -> tuple[str, str]:
        if found := _CLOSE.search(self._held):
            thought = self._give(found.start())
            self._held = self._held[len(found[0]) :]
            self._state, self.left_out, self._tagged = "start", True, True
            return "", thought
        if last:
            self._state = "text"
        return "", ""


def _begun(text: str) -> int:
    """How many characters at the end of the text may be the beginning of a tag."""
    tail = text[-_LONGEST:].translate(_LOWER)
    return next((size for size in range(len(tail), 0, -1) if tail[-size:] in _PREFIXES), 0)

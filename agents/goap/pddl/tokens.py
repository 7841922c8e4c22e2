"""PDDL text as words and brackets, each with its position.

Owns decoding, comments, nesting and the limits that keep parsing bounded: one pass without recursion, in time
linear in the text. Does not know what a word means.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from itertools import islice

from agents.kernel.errors import BadInput

MAX_BYTES = 8_000_000
"""Maximum length of a text; the largest competition problems have about 2 MB."""

MAX_WORDS = 1_000_000
"""Maximum number of words and brackets in a text."""

MAX_DEPTH = 100
"""Maximum nesting depth of brackets."""

MAX_NAME = 200
"""Maximum length of a word in characters."""

_TOKEN = re.compile(r"([()])|;[^\n\r]*|[ \t\n\r\f\v]+|(\??[^() \t\n\r\f\v;?]+|\?)")
# Some files have `(truck?t)`: a question mark begins a word.
_BAD = frozenset(",\"'`{}[]\\|")
_MARKS = {
    "utf-16": ("\udcff\udcfe", "\udcfe\udcff", "\ufffe"),
    "utf-32": ("\udcff\udcfe\0\0", "\0\0\udcfe\udcff"),
}


class PddlError(BadInput):
    """A PDDL text that cannot be parsed: which file, where, and what was expected.

    `line` and `column` count from 1; both are 0 if the error concerns the whole file.
    """

    exit_code = 1

    def __init__(self, file: str, line: int, column: int, what: str) -> None:
        """`what`: one clause that says what is wrong and what was expected."""
        self.file, self.line, self.column, self.what = file, line, column, what
        super().__init__(f"{file}:{line}:{column}: {what}" if line else f"{file}: {what}")


class Word:
    """A name, number, keyword or variable in lower case; `at` is its offset in the text."""

    __slots__ = ("at", "text")

    def __init__(self, text: str, at: int) -> None:
        """`at`: offset in characters."""
        self.text, self.at = text, at


class Group:
    """What is between two brackets; `at` is the offset of the first one, `end` of the last."""

    __slots__ = ("at", "end", "items")

    def __init__(self, at: int) -> None:
        """Start empty."""
        self.items: list[Word | Group] = []
        self.at = self.end = at

    @property
    def head(self) -> str:
        """The first word; empty if there is none."""
        first = self.items[0] if self.items else None
        return first.text if isinstance(first, Word) else ""


Node = Word | Group


class Source:
    """One PDDL text with its name for messages."""

    def __init__(self, text: bytes | str, name: str) -> None:
        """Decode `text`; raises PddlError if it is too long or not UTF-8."""
        self.name = name
        size = len(text)
        if size > MAX_BYTES:
            raise PddlError(name, 0, 0, f"the file is too long: {size:,} bytes; at most {MAX_BYTES:,} are read")
        self.text = text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text
        self.start = 1 if self.text.startswith("\ufeff") else 0  # the byte order mark
        for encoding, marks in _MARKS.items():
            if self.text.startswith(marks):
                raise PddlError(name, 1, 1, f"the file is in {encoding.upper()}; save it as UTF-8")
        null = self.text.find("\0")
        if null >= 0:
            raise self.error(null, "a zero byte; this is not UTF-8 text")

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of an offset, from 1."""
        before = self.text[self.start : at].replace("\r\n", "\n").replace("\r", "\n")
        return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1

    def error(self, at: Node | int, what: str) -> PddlError:
        """An error at a node or an offset."""
        line, column = self.place(at if isinstance(at, int) else at.at)
        return PddlError(self.name, line, column, what)

    def tree(self) -> Group:
        """The single bracketed expression that the text must be."""
        found: Group | None = None
        stack: list[Group] = []
        count = 0
        known: dict[str, str] = {}
        for match in _TOKEN.finditer(self.text, self.start):
            bracket, word = match.groups()
            if bracket is None and word is None:
                continue
            count += 1
            at = match.start()
            if count > MAX_WORDS:
                raise self.error(at, f"over {MAX_WORDS:,} words and brackets; the file is too large to plan with")
            if found is not None:
                raise self.error(
                    at, f"expected the end of the file after the last bracket, found {show(bracket or word)}"
                )
            if word is not None:
                if not stack:
                    raise self.error(at, f"expected (define …, found {show(word)}")
                lower = known.get(word)
                if lower is None:
                    lower = known[word] = self._checked(word, at)
                stack[-1].items.append(Word(lower, at))
            elif bracket == "(":
                if len(stack) >= MAX_DEPTH:
                    raise self.error(at, f"over {MAX_DEPTH} brackets inside each other")
                group = Group(at)
                if stack:
                    stack[-1].items.append(group)
                stack.append(group)
            else:
                if not stack:
                    raise self.error(at, "expected (define …, found )")
                closed = stack.pop()
                closed.end = at
                if not stack:
                    found = closed
        if stack:
            raise self.error(stack[-1], "this bracket is never closed")
        if found is None:
            raise PddlError(self.name, 1, 1, "the file is empty; expected (define …")
        return found

    def _checked(self, word: str, at: int) -> str:
        if len(word) > MAX_NAME:
            raise self.error(at, f"a word of {len(word):,} characters; at most {MAX_NAME} are read")
        if not word.isprintable() or not _BAD.isdisjoint(word):
            i = next(i for i, c in enumerate(word) if c in _BAD or not c.isprintable())
            code = ord(word[i])
            if 0xDC80 <= code <= 0xDCFF:
                raise self.error(at + i, f"the byte {code - 0xDC00:#04x} is not UTF-8; save the file as UTF-8")
            what = word[i] if word[i].isprintable() else f"U+{code:04X}"
            raise self.error(at + i, f"the character {what} cannot be part of a name")
        return word.lower()


def show(text: str) -> str:
    """A word as messages quote it: short, and without anything that could control a terminal."""
    short = text if len(text) <= 40 else text[:37] + "…"
    return short if short.isprintable() else ascii(short)


def near(name: str, names: Iterable[str]) -> str:
    """`; did you mean x?` if one of `names` resembles `name`, otherwise nothing."""
    found = difflib.get_close_matches(name, list(islice(names, 2000)), n=1, cutoff=0.5)
    return f"; did you mean {found[0]}?" if found else ""

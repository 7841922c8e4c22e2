"""What a note may be, and what its words ask for. Pure.

Owns the bounds of a note's words, the reading of whom they address, and the line by which a room tells of its notes.
Refuses to read tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agents.kernel.errors import BadInput
from agents.kernel.text import clean, shorten, visible

LONGEST, LONGEST_OF_GUEST = 400, 200
"""Characters of a note, and of a guest's."""
SHOWN = 60
"""Characters of the newest note that a room shows."""
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ABOUT_NOTES = re.compile(r"\b(?:notes|(?:a|any|the|my|this|that|new) note|pinned)\b(?! that\b)", re.IGNORECASE)
_WRITING = re.compile(r"\b(?:write|wrote|written)\b", re.IGNORECASE)
_FOR_ME = re.compile(r"\b(?:for|to) me\b", re.IGNORECASE)


def words(text: str, *, guest: bool) -> str:
    """The words of a note as they are kept: one line without control characters.

    Raises BadInput when nothing is left, or too much.
    """
    line = " ".join(clean(text, keep_lines=False).split())
    most = LONGEST_OF_GUEST if guest else LONGEST
    if not line:
        raise BadInput("A note needs words.", next="note <text>")
    if len(line) > most:
        raise BadInput(f"That note has {len(line)} characters; {most} is the most.")
    if any("\ud800" <= one <= "\udfff" for one in line):
        raise BadInput("The note contains half a surrogate pair, which cannot be stored.")
    return line


def names(text: str, name: str) -> bool:
    """Whether the words name somebody."""
    return bool(name) and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def asks(text: str, name: str, others: Iterable[str]) -> bool:
    """Whether the words want an answer of the agent called `name`: they name it, or ask something and name no other."""
    if names(text, name):
        return True
    return "?" in text and not any(names(text, one) for one in others)


def wants_notes(asked: str, authors: Iterable[str]) -> bool:
    """Whether somebody's words ask about notes: they speak of notes, or of what one of `authors` wrote."""
    if _ABOUT_NOTES.search(asked):
        return True
    return _WRITING.search(asked) is not None and any(names(asked, one) for one in authors)


def for_asker(asked: str) -> bool:
    """Whether they ask for those that are meant for whoever asks."""
    return _FOR_ME.search(asked) is not None


def pinned(authors: Sequence[str], newest: str) -> str:
    """The line of a room with notes, by the names of their authors, oldest first, and the newest note's words; ''
    without any.

    `Two notes are pinned here; the newest is by Ana: "Bring the gauge back."`
    """
    if not authors:
        return ""
    quoted = f'{visible(authors[-1])}: "{visible(shorten(newest, SHOWN))}"'
    if len(authors) == 1:
        return f"A note is pinned here, by {quoted}"
    number = _NUMBERS[len(authors)] if len(authors) < len(_NUMBERS) else str(len(authors))
    return f"{number[0].upper()}{number[1:]} notes are pinned here; the newest is by {quoted}"

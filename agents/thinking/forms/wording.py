"""Figures, lists, lengths of time and deeds in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from agents.kernel.text import clean, shorten

LONGEST = 160
"""Characters of a title, a reason or a result that are told."""
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_TIMES = {1: "once", 2: "twice"}
_IRREGULAR: Mapping[str, str] = {
    "build": "built",
    "bring": "brought",
    "do": "did",
    "draw": "drew",
    "find": "found",
    "get": "got",
    "give": "gave",
    "go": "went",
    "hear": "heard",
    "hold": "held",
    "keep": "kept",
    "lay": "laid",
    "leave": "left",
    "make": "made",
    "meet": "met",
    "put": "put",
    "read": "read",
    "run": "ran",
    "say": "said",
    "see": "saw",
    "set": "set",
    "stand": "stood",
    "sweep": "swept",
    "take": "took",
    "tell": "told",
    "think": "thought",
    "write": "wrote",
}
_ACTOR = re.compile(r"\b(?:owner|person|agent|system):(?=\w)")


def harmless(value: object) -> str:
    """Somebody's words as one line of bounded length, without a full stop (the form has one) and without an actor's
    kind before the name.
    """
    line = " ".join(clean(str(value), keep_lines=False).split())
    return shorten(_ACTOR.sub("", line), LONGEST).rstrip(".")


def span(seconds: float) -> str:
    """A length of time in its largest unit: `less than a minute`, `1 hour`, `12 days`."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if (count := int(seconds // size)) >= 1:
            return counted(count, unit)
    return "less than a minute"


def counted(number: int, noun: str) -> str:
    """`1 room`, `3 rooms`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def worded(number: int) -> str:
    """`no`, `one`, `twelve`, `13`."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)


def times(number: int) -> str:
    """`once`, `twice`, `three times`."""
    return _TIMES.get(number, f"{worded(number)} times")


def listed(parts: Iterable[str]) -> str:
    """`a, b and c`."""
    *head, last = list(parts) or ["nobody"]
    return f"{', '.join(head)} and {last}" if head else last


def past(deed: str) -> str:
    """A deed in the past tense: `write the journal` becomes `wrote the journal`."""
    verb, space, rest = deed.partition(" ")
    if verb in _IRREGULAR:
        done = _IRREGULAR[verb]
    elif verb.endswith("e"):
        done = f"{verb}d"
    elif len(verb) > 2 and verb[-1] == "y" and verb[-2] not in "aeiou":
        done = f"{verb[:-1]}ied"
    else:
        done = f"{verb}ed"
    return done + space + rest


def placed(name: str) -> str:
    """A room's name within a sentence: `the Workshop`; a name with an article, or without a capital, stays as it is."""
    return f"the {name}" if name[:1].isupper() and not name.startswith("The ") else name

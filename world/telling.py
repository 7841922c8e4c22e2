"""How rooms phrase figures: counts, ages. Pure; shared by all room functions."""

from __future__ import annotations

from datetime import datetime


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 task`, `3 tasks`, `no task`."""
    return f"{number or 'no'} {noun if number <= 1 else plural or noun + 's'}"


def age(since: datetime, now: datetime) -> str:
    """How long ago, in the largest whole unit: `41 minutes`; never negative."""
    seconds = max(0, int((now - since).total_seconds()))
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return count(seconds // size, unit)
    return count(seconds, "second") if seconds else "less than a second"


def placed(name: str) -> str:
    """A place's name within a sentence: `the Workshop`; unchanged if it has its article, or is not a title."""
    return f"the {name}" if name[:1].isupper() and not name.startswith("The ") else name


def listed(names: list[str]) -> str:
    """`Timmy`, `Timmy and Ezra`, `Timmy, Ezra and Bezalel`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def begun(text: str) -> str:
    """`text` with its first letter capitalised and the rest unchanged."""
    return text[:1].upper() + text[1:]

"""What a line in plain words may mean. Pure data.

Owns the shapes. None of them acts: a `Line` is typed on by whoever reads it here, by its own command and that command's
checks; all the others end in words. Refuses to hold a verdict as a line.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """The same as these lines, typed one after the other; each only looks, moves, speaks or carries."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Speech:
    """Words to whoever is there; `to`: the slug of the agent that is named, '' where none is."""

    words: str
    to: str = ""


@dataclass(frozen=True)
class Told:
    """A deed that this world does not have, answered by a true sentence."""

    text: str


@dataclass(frozen=True)
class Order:
    """Work that is asked for: the title and description of the task it would be, and the agent it is asked of."""

    title: str
    description: str = ""
    agent: str = ""


@dataclass(frozen=True)
class Verdict:
    """A decision in plain words. `verb`: the verb that gives it, `typed`: whether that very word was used. `refs`:
    the numbers named; empty where `pointing` (it, that) or `all` says which.
    """

    verb: str
    refs: tuple[str, ...] = ()
    reason: str = ""
    typed: bool = False
    pointing: bool = False
    all: bool = False


@dataclass(frozen=True)
class Signal:
    """A word that is about what was shown or is under way: yes, no, stop, cancel, hush, undo, what, why, report."""

    name: str


@dataclass(frozen=True)
class Guess:
    """No word that is known, and the lines it may be a slip of, the nearest first."""

    word: str
    lines: tuple[str, ...] = ()


Intent = Line | Speech | Told | Order | Verdict | Signal | Guess

"""Several things in one line, and ways run together: `n;e;look`, `3n2e`, `north 2`, `n n w`. Pure.

Owns what may share a line: walking, and what only looks. Refuses everything else: one line says, proposes or decides
one thing, so that nothing is done by the tail of a line that nobody read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from commands.intents.intent import Intent, Line, Told
from commands.intents.scene import Scene, plain
from commands.intents.vocabulary import COMPASS

MOST_STEPS = 12
"""Steps and looks in one line."""
ALONE = (
    "Only steps and commands that look can share a line, for example: n;e;look. Type anything else on a line of its "
    "own."
)
FEWER = f"A line holds at most {MOST_STEPS} steps. go and the name of a room takes you there, however far."
_RUN = re.compile(r"^(?:[.#/](?:run |speedwalk )?|(?:run|speedwalk|walk|go) )(?=\S)")
_BETWEEN = re.compile(r" ?(?:;|\|\||&&|,|\band(?: then)?\b|\bthen\b) ?")
_MARKS = re.compile(r";|\|\||&&")
_COMPACT = re.compile(r"(\d{1,2})?([nsewud]|[ns][ew])")
_BEFORE = re.compile(r"(\d{1,2}) ?x? ?([a-z]{1,10})")
_BEHIND = re.compile(r"([a-z]{1,10}) ?x? ?(\d{1,2})")


def several(text: str, words: str, scene: Scene, one: Callable[[str], Line | None]) -> Intent | None:
    """The lines that `text` stands for, if it holds several steps; `one` reads a part by itself. A sentence with
    commas is none of it, and None; a line joined by `;` of which a part does more than look is answered.
    """
    walked = _RUN.sub("", words)
    if (run := together(walked)) is not None:
        return run
    parts = [part.lstrip("#./ ") for part in _BETWEEN.split(walked) if part.strip("#./ ")]
    if len(parts) < 2:
        return None
    lines: list[str] = []
    for part in parts:
        found = together(part) or _direction(part) or one(part)
        if not isinstance(found, Line) or not all(harmless(line, scene) for line in found.lines):
            begins = plain(parts[0]).partition(" ")[0]
            joined = bool(_MARKS.search(words)) and (begins in scene.commands or begins in COMPASS)
            return Told(ALONE) if joined else None
        lines += found.lines
    return Line(tuple(lines)) if len(lines) <= MOST_STEPS else Told(FEWER)


def harmless(line: str, scene: Scene) -> bool:
    """Whether a line walks or looks."""
    return line.partition(" ")[0].casefold() in scene.looks | {"go"}


def together(words: str) -> Line | Told | None:
    """Directions in a row, each with a number before or behind it; None where there is anything else."""
    found = _counted(words.lstrip(".#/")) if words not in COMPASS else None
    if found is None or sum(count for count, _ in found) < 2:
        return None
    lines = tuple(f"go {way}" for count, way in found for _ in range(min(count, MOST_STEPS + 1)))
    return Line(lines) if len(lines) <= MOST_STEPS else Told(FEWER)


def _direction(part: str) -> Line | None:
    if part == "i":
        return Line(("inventory",))
    return Line((f"go {COMPASS[part]}",)) if part in COMPASS else None


def _counted(words: str) -> list[tuple[int, str]] | None:
    """How often each way, in order."""
    for pattern, number, way in ((_BEFORE, 1, 2), (_BEHIND, 2, 1)):
        if (alone := pattern.fullmatch(words)) and alone[way] in COMPASS:
            return [(int(alone[number]), COMPASS[alone[way]])]
    found: list[tuple[int, str]] = []
    for token in words.split():
        if token in COMPASS:
            found.append((1, COMPASS[token]))
            continue
        run = _COMPACT.findall(token)
        if not any(char.isdigit() for char in token) or "".join(count + way for count, way in run) != token:
            return None
        found += [(int(count or 1), COMPASS[way]) for count, way in run]
    return found or None

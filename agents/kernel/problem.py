"""What is wrong with a builder's file, so that it can be reported while the rest still loads.

Owns the shape of such a finding, and the line to which an exception points. Reads no files.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

from agents.kernel.text import clean


@dataclass(frozen=True)
class Problem:
    """A file that was left out: its name, the line, why. `slug` is the agent that is missing because of it (the file's
    stem if no better name is known), '' if it is not an agent; `what` says which sort of file it is.
    """

    slug: str
    file: str
    line: int
    reason: str
    what: str = "persona"

    def __str__(self) -> str:
        """`ezra.yaml, line 4: …`."""
        return f"{self.file}, line {self.line}: {self.reason}"


def raised(error: BaseException, path: Path, what: str) -> Problem:
    """The problem behind `error`, which was raised while the Python file `path` was being loaded."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        line = error.lineno or 1
    else:
        within = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = (within[-1] if within else None) or 1
    return Problem("", path.name, line, clean(f"{type(error).__name__}: {error}", keep_lines=False), what)

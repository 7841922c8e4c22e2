"""The commands of the command line: one file each, named like the command and found automatically.

Owns finding one, which is all that a command line needs, and all of them, for the help. A file that cannot be
loaded disables only its own command, and is reported.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from agents.kernel.errors import TimmyError
from server.word import Word

if TYPE_CHECKING:
    from agents.kernel.problem import Problem


def find(name: str) -> Word | None:
    """The command `name`; None if there is none. Raises TimmyError that says what is wrong with its file."""
    if not name.isidentifier() or name.startswith("_"):
        return None
    path = next((path for folder in __path__ if (path := Path(folder, f"{name}.py")).is_file()), None)
    if path is None:
        return None
    try:
        return next(_taken(importlib.import_module(f"{__name__}.{name}")))[1]
    except (Exception, SystemExit) as error:
        from agents.kernel.problem import raised

        raise TimmyError(f"The word {name} is left out: {raised(error, path, 'word')}.") from error


def load() -> tuple[dict[str, Word], list[Problem]]:
    """All commands by name, in the order of the help, and what is wrong with the files that were left out."""
    from agents.kernel import parts

    found, problems = parts.load("word", __name__, __path__, _taken)
    return dict(sorted(found.items(), key=lambda item: (item[1].place, item[0]))), problems


def _taken(module: ModuleType) -> Iterator[tuple[str, Word]]:
    word: Word = module.WORD
    if word.name != module.__name__.rpartition(".")[2]:
        raise ValueError(f"the file of the word {word.name} is called {word.name}.py")
    yield word.name, word

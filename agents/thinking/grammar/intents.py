"""The intents that are understood: read from the files of the folder `said`, for each the forms in which people say it.

Owns the reading of those files: `[name]`, and below it a form a line (or, for a class, its words). Refuses to know what
is answered: that is `agents/thinking/replies`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).with_name("said")
_NAME = re.compile(r"\[[^\]]+\]")
MATTERS = ("manners", "people", "deeds", "work")
"""The files of intents, in the order in which equals are taken."""


def read(file: str) -> Mapping[str, str]:
    """What stands below each `[name]` of a file."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (FOLDER / f"{file}.txt").read_text(encoding="utf-8").splitlines():
        if _NAME.fullmatch(line):
            lines = found.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("# "):
            lines.append(line)
    return {name: "\n".join(forms) for name, forms in found.items()}


CLASSES = read("classes")
INTENTS = {name: forms for matter in MATTERS for name, forms in read(matter).items()}
KINDS_SAID = {word: kind for kind, words in read("kinds").items() for word in words.split()}
"""The kind of task that a word speaks of, where the house has it."""
COMMON = read("common")["common"]
"""Words that are no errors for one that means something."""

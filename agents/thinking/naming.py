"""Finding in somebody's words the name of what they speak of. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable


def named(words: str, names: Iterable[tuple[str, str]]) -> str:
    """The key of the longest (name, key) whose name stands in `words` as a whole, or ''."""
    words = words.lower()
    for name, key in sorted(names, key=lambda pair: (-len(pair[0]), pair)):
        if name and re.search(rf"(?<![\w-]){re.escape(name.lower())}(?![\w-])", words):
            return key
    return ""

"""Help on concepts: one Markdown file each in this folder, found automatically.

A file is `<name>.md`: its first line `# Title`, an optional second line `aliases: a, b`, then the text. Owns how
they are read; refuses a file without a title, and two with the same name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Topic:
    """A concept: its title in lower case, other names, and its text."""

    title: str
    aliases: tuple[str, ...]
    text: str


def read(path: Path) -> Topic:
    """One file. Raises ValueError if it has no title or no text."""
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    if not first.startswith("# "):
        raise ValueError(f"{path.name}: a help file begins with '# Title'")
    aliases: tuple[str, ...] = ()
    if rest.lstrip("\n").startswith("aliases:"):
        named, _, rest = rest.lstrip("\n").partition("\n")
        aliases = tuple(a.strip().lower() for a in named.removeprefix("aliases:").split(",") if a.strip())
    if not rest.strip():
        raise ValueError(f"{path.name}: a help file says something")
    return Topic(first[2:].strip().lower(), aliases, rest.strip())


@lru_cache(maxsize=1)
def topics() -> Mapping[str, Topic]:
    """Every title and alias with its topic. Raises ValueError if a name is used twice."""
    found: dict[str, Topic] = {}
    for path in sorted(FOLDER.glob("*.md")):
        topic = read(path)
        for name in (topic.title, *topic.aliases):
            if name in found:
                raise ValueError(f"{path.name}: {name} is also {found[name].title}")
            found[name] = topic
    return found

"""Where a line is read: the names that it may speak of. Pure data.

Owns the shape, and how words are compared. Refuses to know how the names were found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST = 500
"""Characters of a line that is read as plain words; a longer one is no command and no order, but may be speech."""
_SPACE = re.compile(r"\s+")
_ARTICLE = re.compile(r"^(?:(?:a|an|the|my|your|our|this|that)\s+)+(?=\S)")


@dataclass(frozen=True)
class Scene:
    """`ways`: exits of the room, by every name; `rooms`: keys by every name; `agents`: names by slug; `here`: slugs of
    those who stand in the room; `people`: names of others who are connected; `kinds`: kinds of tasks; `topics`: what
    help knows; `commands`: words that only look, move, speak or carry, by which a slip may be meant; `looks`: those of
    them that change nothing at all; `owner`: whether the owner types.
    """

    ways: Mapping[str, str] = field(default_factory=dict)
    rooms: Mapping[str, str] = field(default_factory=dict)
    agents: Mapping[str, str] = field(default_factory=dict)
    here: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    commands: frozenset[str] = frozenset()
    looks: frozenset[str] = frozenset()
    owner: bool = False

    def agent(self, words: str) -> str:
        """The slug of the agent that is called so, ''."""
        wanted = "-".join(bare(words).split())
        if wanted in self.agents:
            return wanted
        return next((slug for slug, name in self.agents.items() if name.casefold() == bare(words)), "")

    def room(self, words: str) -> str:
        """The key of the room that is called so, ''."""
        return self.rooms.get(bare(words), "")

    def way(self, words: str) -> str:
        """The exit that is called so, ''."""
        return self.ways.get(words) or self.ways.get(bare(words), "")


def words_of(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


def plain(line: str) -> str:
    """A line as its words are compared: small letters, single spaces, no stop at its end."""
    words = _SPACE.sub(" ", line.replace("’", "'")).strip().casefold()
    return words.rstrip(" .!?,;:…") or words


def bare(words: str) -> str:
    """`words` compared without the article before them."""
    return _ARTICLE.sub("", plain(words))


def slip(typed: str, meant: str, most: int) -> bool:
    """Whether `typed` is `meant` but for `most` letters that are left out, doubled, wrong or changed places."""
    if abs(len(typed) - len(meant)) > most or not typed or not meant:
        return False
    if typed[0] != meant[0] and typed[:2] != meant[1::-1]:
        return False
    before: list[int] = []
    row = list(range(len(meant) + 1))
    for i, a in enumerate(typed, 1):
        last, before, row = before, row, [i] + [0] * len(meant)
        for j, b in enumerate(meant, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == meant[j - 2] and typed[i - 2] == b:
                row[j] = min(row[j], last[j - 2] + 1)
        if min(row) > most:
            return False
    return row[-1] <= most

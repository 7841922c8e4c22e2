"""Finding in somebody's words the name of what they speak of. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from agents.thinking.grammar.hearing import Lexicon, lexicon

if TYPE_CHECKING:
    from agents.lineage.persona import Persona
    from agents.work.ports import ItemInfo, RoomInfo


def named(words: str, names: Iterable[tuple[str, str]]) -> str:
    """The key of the longest (name, key) whose name stands in `words` as a whole, or ''."""
    words = words.lower()
    for name, key in sorted(names, key=lambda pair: (-len(pair[0]), pair)):
        if name and re.search(rf"(?<![\w-]){re.escape(name.lower())}(?![\w-])", words):
            return key
    return ""


class Names:
    """The names of one world, read anew when an agent, a room or a thing has come or gone."""

    def __init__(self) -> None:
        self._of: tuple[object, tuple[str, ...], tuple[str, ...]] = (None, (), ())
        self._held = lexicon(())

    def read(self, roster: Mapping[str, Persona], rooms: Sequence[RoomInfo], items: Sequence[ItemInfo]) -> Lexicon:
        """All of them. An agent's name is looked for before a room's, a room's before a thing's."""
        of = rooms, tuple(roster), tuple(item.key for item in items)
        if self._of[0] is not rooms or self._of[1:] != of[1:]:
            self._held, self._of = lexicon(_all(roster, rooms, items)), of
        return self._held


def _all(
    roster: Mapping[str, Persona], rooms: Sequence[RoomInfo], items: Sequence[ItemInfo]
) -> Iterator[tuple[str, tuple[str, str]]]:
    for slug, persona in roster.items():
        yield persona.name, ("agent", slug)
        yield slug.replace("_", " "), ("agent", slug)
    for room in rooms:
        yield room.name, ("room", room.key)
        yield room.key.replace("_", " "), ("room", room.key)
    for item in items:
        yield item.name, ("thing", item.key)
        yield item.key.replace("_", " "), ("thing", item.key)
    lasts = [slug.rpartition("-")[2] for slug in roster if "-" in slug]
    for slug in roster:
        if "-" in slug and lasts.count(slug.rpartition("-")[2]) == 1:
            yield slug.rpartition("-")[2], ("agent", slug)

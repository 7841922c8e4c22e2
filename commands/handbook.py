"""The house's help as agents know it: what can be typed, what a topic says, what a room is for.

Owns the way from verbs, help files, room functions and the map to plain sentences. Refuses to know who asks: everybody
may read what stands here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from agents.thinking.ports import Verb
from commands import verbs
from world import functions, help, mapfile

_MARKUP = re.compile(r"[`*]")
MOST = 150
"""Characters of help or of a description that are told at once, where that is more than a sentence."""
_MOVES = (
    Verb("say", (), ("say <words>",), "Speak to all who are in the room with you."),
    Verb("look", (), ("look", "look <noun>"), "Look at the room you are in, or at something in it."),
    Verb("go", (), ("<name of an exit>",), "Walk through that exit; `map` shows what lies around."),
    Verb("quit", (), ("quit",), "Leave; the world goes on without you."),
    Verb("whisper", (), ("whisper <agent> = <words>",), "Speak to somebody beside you, and to nobody else."),
)
"""What the engine itself brings."""


class Book:
    """The `Handbook` of this world."""

    def verbs(self) -> Sequence[Verb]:
        """All that can be typed."""
        return _verbs()

    def topic(self, words: Sequence[str]) -> tuple[str, str] | None:
        """Name and first sentence of the help topic that one of these words names."""
        topics = help.topics()
        for word in words:
            for name in (word, f"{word}s", word.removesuffix("s")):
                if name in topics:
                    return topics[name].title, _first(topics[name].text)
        return None

    def room(self, key: str) -> tuple[str, str]:
        """What a room is for, and how it looks; '' where nothing is said."""
        return _rooms().get(key, ("", ""))


@lru_cache(maxsize=1)
def _verbs() -> tuple[Verb, ...]:
    ours = (Verb(one.name, one.aliases, one.syntax, _plain(one.help)) for one in verbs.all_verbs())
    return (*ours, *(Verb(one.name, one.aliases, one.forms, _plain(one.what)) for one in _MOVES))


@lru_cache(maxsize=1)
def _rooms() -> dict[str, tuple[str, str]]:
    found = functions.all_functions()
    return {
        key: (_first(found[key].help) if key in found else _awaited(room), _first(room.description))
        for key, room in mapfile.read().rooms.items()
    }


def _awaited(room: mapfile.RoomDesign) -> str:
    return f"{_plain(room.awaits)}; that is not built yet" if room.awaits else ""


def _first(text: str) -> str:
    """The first sentences, in one line, as many as are told at once; one at least."""
    first, *rest = re.split(r"(?<=[.!?])\s", _plain(text))
    for sentence in rest:
        if len(first) + len(sentence) > MOST:
            break
        first = f"{first} {sentence}"
    return first.rstrip(".")


def _plain(text: str) -> str:
    return " ".join(_MARKUP.sub("", text).split()).rstrip(".")

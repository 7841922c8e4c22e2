"""Rooms: the live state first, then what the place is, who is there, and the ways out.

Owns how a room looks, its examinable nouns, and telling those who are in it. Refuses to
know what its function does: that is `world.functions`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from evennia.objects.objects import DefaultRoom

from agents.kernel.text import clean
from typeclasses import actors
from typeclasses.objects import Seen
from world import functions, scenery
from world.places import key_of
from world.screen import paint, show

LITERAL = frozenset({"pose", "say", "whisper"})
"""Types of engine messages that carry somebody's own words: told as they are, never parsed."""
SHORTEST = 3
SMALL = frozenset({"and", "are", "but", "for", "from", "has", "here", "into", "its", "not", "that", "under", "with"})
"""Letters of the shortest noun that is looked for in a description, and words in it that are none."""
ARTICLES = frozenset({"a", "an", "the", "my", "at"})


def singulars(word: str) -> list[str]:
    """`word`, and what it may be the plural of."""
    ends = (("s", ""), ("es", ""), ("ies", "y"), ("ves", "f"), ("ves", "fe"))
    return [word, *(word.removesuffix(end) + one for end, one in ends if word.endswith(end))]


def nouns(words: str) -> list[str]:
    """What `words` may mean, most exact first: 'the brass telescopes' → …, 'telescope'."""
    parts = [part for part in clean(words, keep_lines=False).lower().split() if part not in ARTICLES]
    if not parts:
        return []
    before = "".join(f"{part} " for part in parts[:-1])
    ones = singulars(parts[-1])
    return [*(before + one for one in ones), *(ones if before else ())]


class Room(Seen, DefaultRoom):
    """A place. Attributes: `desc`, `details` (noun → text), `function`, `awaits`, `area`, `at`, `sky`, `seasons`."""

    @property
    def function(self) -> functions.RoomFunction | None:
        """The function that serves it: the one it names, or the one with its own key."""
        return functions.all_functions().get(str(self.db.function or key_of(self)))

    def headline(self, looker: Any) -> str:
        """Its live state in one line; '' for a room that is only a room."""
        return functions.headline(self.function, str(self.db.awaits or ""), actors.looker(looker))

    @property
    def place(self) -> scenery.Place:
        """Itself, as sceneries know it."""
        held = {one.db_key: one.value for one in self.attributes.all() if one.db_key in ("sky", "seasons")}
        return scenery.Place(key_of(self), str(held.get("sky") or ""), dict(held.get("seasons") or {}))

    def appearance(self, looker: Any, brief: bool = False) -> list[str]:
        """Live state, description (not when `brief`), who and what is here, ways out."""
        title = paint("head", self.name_for(looker).upper())
        live = self.headline(looker)
        lines, place = [f"{title}. {live}" if live else title], self.place
        if not brief and (written := scenery.behind(self.described(), place)):
            lines.append(written)
        here = self._names("character", looker)
        things = self._names("object", looker)
        ways = [way.way_for(looker) for way in self._seen("exit", looker) if hasattr(way, "way_for")]
        lines += [f"{paint('dim', 'Here:')} {', '.join(here)}."] if here else []
        lines += [f"{paint('dim', 'Things:')} {', '.join(things)}."] if things else []
        lines += scenery.lines(place)
        lines.append(
            f"{paint('dim', 'Exits:')} {', '.join(ways)}." if ways else "There is no way out that you can see."
        )
        return lines

    def _seen(self, content: str, looker: Any) -> list[Any]:
        found: list[Any] = self.filter_visible(self.contents_get(content_type=content), looker)
        return found

    def _names(self, content: str, looker: Any) -> list[str]:
        return [paint("name", one.name_for(looker)) for one in self._seen(content, looker) if hasattr(one, "name_for")]

    def detail(self, words: str, looker: Any) -> list[str] | None:
        """What examining one of its nouns shows; None when it has no such noun."""
        written = {str(noun).lower(): str(text) for noun, text in dict(self.db.details or {}).items()}
        for noun in nouns(words):
            live = functions.detail(self.function, noun, actors.looker(looker))
            if live is None and noun in written:
                live = [clean(written[noun])]
            shown = scenery.detail(self.place, noun, actors.looker(looker))
            if live is not None or shown:
                return [*(live or []), *shown]
        return self._read(words) if not written else None

    def _read(self, words: str) -> list[str] | None:
        """The sentences of its description that name the noun: what was built while the world runs has no other
        details.
        """
        told = re.split(r"(?<=[.!?])\s+", self.described())
        for noun in (noun for noun in nouns(words) if len(noun) >= SHORTEST and noun not in SMALL):
            if found := [one for one in told if re.search(rf"\b{re.escape(noun)}s?\b", one.lower())]:
                return [clean(" ".join(found))]
        return None

    def tell(self, lines: str | list[str], exclude: Iterable[Any] = (), kind: str = "") -> None:
        """Show lines to everybody connected who is here, but for those in `exclude`."""
        left_out = {id(one) for one in exclude}
        for one in self.contents_get(content_type="character"):
            if id(one) not in left_out:
                show(one, lines, kind=kind)

    def msg_contents(
        self, text: Any = None, exclude: Any = None, from_obj: Any = None, mapping: Any = None, **kwargs: Any
    ) -> None:
        """The engine's way of telling all; words of a speaker are told literally instead of parsed."""
        words, options = (*text, {})[:2] if isinstance(text, tuple) else (text, {})
        if from_obj is not None and mapping is None and options.get("type") in LITERAL:
            left_out = exclude if isinstance(exclude, (list, tuple, set)) else [exclude]
            self.tell(clean(str(words), keep_lines=False), left_out, kind=options["type"])
        else:
            if mapping is None and text is not None:  # braces in the name of a thing are no places to fill in
                text = (str(words).replace("{", "{{").replace("}", "}}"), options)
            super().msg_contents(text, exclude=exclude, from_obj=from_obj, mapping=mapping, **kwargs)

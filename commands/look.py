"""`look`: the room, a thing or a being in it, or any noun of its description.

Owns how words are matched to what is here. What is seen is each thing's own appearance.
"""

from __future__ import annotations

import difflib
import re
from typing import Any

from evennia.commands.command import Command

from agents.house import house as houses
from agents.kernel.errors import BadInput, NotFound, TimmyError
from agents.kernel.text import clean, shorten, visible
from agents.thinking.ports import Known
from commands import verbs, walking
from commands.intents.scene import bare
from commands.intents.vocabulary import COMPASS
from commands.verbs import refusal
from world import screen
from world.telling import placed

HERE = frozenset({"", "here", "room", "around", "about"})
_BEFORE = re.compile(
    r"^(?:(?:at|in|into|inside|under|behind|on|upon|over|through|out of|for|up at|to)\s+)+(?=\S)", re.IGNORECASE
)
"""What people say between `look` and what they look at."""


class Look(Command):
    """Look at the room, at somebody or something in it, or at any noun of its description.

    Usage:
      look
      look <something>

    Examples:
      look
      look board
    """

    key = "look"
    aliases = ["l"]
    locks = "cmd:all()"
    arg_regex = r"\s|$"
    help_category = "General"

    def func(self) -> None:
        """Show what is found, or what is near."""
        try:
            lines = seen(self.caller, self.args.strip())
        except TimmyError as error:
            lines = refusal(error).lines
        screen.show(self.session or self.caller, lines, kind="look")


def seen(body: Any, words: str) -> list[str]:
    """What `body` sees when it looks at `words`.

    Raises NotFound with the nearest noun, BadInput when several things are meant.
    """
    place = body.location
    words = _BEFORE.sub("", " ".join(words.split()))
    if place is None:
        raise NotFound("You are nowhere.", next="help")
    if words.lower() in HERE:
        return _appearance(place, body)
    found = body.search(words, quiet=True) or body.search(words := bare(words), quiet=True)
    if len(found) > 1:
        names = [f"{clean(one.key, keep_lines=False)}-{i}" for i, one in enumerate(found, 1)]
        raise BadInput(
            f"Several things are called that: {', '.join(map(visible, names))}.", next=f"look {visible(names[0])}"
        )
    if found:
        return _appearance(found[0], body)
    detail = place.detail(words, body) if hasattr(place, "detail") else None
    if detail is not None:
        return detail
    _elsewhere(body, words)
    near = difflib.get_close_matches(words.lower(), _nouns(place), 1)
    lists = words.lower() in verbs.names() and verbs.names()[words.lower()].reads
    otherwise = words.lower() if lists else "look"
    raise NotFound(
        f"There is no '{visible(shorten(words, 40))}' here.",
        next=f"look {near[0]}" if near and not lists else otherwise,
    )


def _elsewhere(body: Any, words: str) -> None:
    """Raises NotFound with more than that it is not here: a direction in which nothing lies, an agent that is away."""
    direction = COMPASS.get(bare(words))
    if direction is not None:
        raise NotFound(f"Nothing leads {direction} from here. {walking.told_ways(body.location, body)}", next="ways")
    house = houses.current()
    called = bare(words)
    slug = (
        next((slug for slug, one in house.roster.items() if called in (slug, one.name.casefold())), "") if house else ""
    )
    if slug:
        where = house.need(Known).presence(slug).room
        place = f" but in {placed(house.need(Known).room_name(where))}" if where else ""
        raise NotFound(
            f"{house.roster[slug].name} is not here{place}.", next=f"go {slug}" if where else f"agents {slug}"
        )


def _appearance(target: Any, body: Any) -> list[str]:
    if not target.access(body, "view"):
        raise NotFound(f"'{visible(shorten(target.key, 40))}' cannot be looked at.", next="look")
    if hasattr(target, "appearance"):
        return list(target.appearance(body))
    return clean(str(target.return_appearance(body))).split("\n")


def _nouns(place: Any) -> list[str]:
    written = [str(noun) for noun in dict(place.db.details or {})]
    return [*written, *(clean(one.key, keep_lines=False).lower() for one in place.contents)]

"""Plain words in the game: where they were typed, and what is done with what they mean.

Owns the scene (`commands.intents.Scene`) and the way of each intent: a line is typed on by its own command, words go
by `say` or `ask`, an order is shown as the task it would be. Decides nothing: a verdict is given by the verb that gives
it, or its exact line is shown. Whoever may not do a thing by its verb may not do it by plain words.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from evennia.commands.command import Command

from agents.house import house as houses
from agents.kernel.text import visible
from commands import intents, parsing, verbs, walking
from commands.answering import choices, tell, typed
from commands.deciding import decided, signalled
from commands.intents import Guess, Intent, Line, Order, Scene, Signal, Speech, Told, Verdict
from commands.offers import Offer
from commands.proposing import proposed
from commands.speaking import spoken
from typeclasses.actors import actor_of
from world import help as concepts
from world import places

if TYPE_CHECKING:
    from agents.house.house import House

LIVING = frozenset(
    ["look", "get", "drop", "give", "say", "whisper", "emote", "inventory", "go", "who", "time", "quit", "page", "nick"]
)
"""The engine's commands by which nobody changes more than where he is, what he carries and what is heard of him."""
LOOKS = frozenset(["look", "l", "inventory", "inv", "who", "time"])
"""The engine's commands by which nothing changes; `i` begins too many sentences."""
LITERAL = frozenset(["say", "emote", "nick", "note", "password", "userpassword"])
"""Commands of which every word is meant as it stands."""
BARE = frozenset(["approve", "veto", "why"])
"""Verbs that ask for more, and say something by themselves."""


@lru_cache(maxsize=1)
def harmless() -> frozenset[str]:
    """The commands that may be suggested."""
    return LIVING | verbs.suggested()


@lru_cache(maxsize=1)
def looking() -> frozenset[str]:
    """The commands that only look, by every name."""
    found = LOOKS | {name for one in verbs.all_verbs() if one.reads and not one.exact for name in one.names}
    return frozenset(found - {"i"})


def scene_of(house: House, caller: Any) -> Scene:
    """What the words of a line may speak of."""
    body = caller if getattr(caller, "location", None) is not None else None
    place = body.location if body is not None else None
    key = places.key_of(place)
    return Scene(
        ways={name: str(way.key) for name, way in walking.ways(place).items()},
        rooms=walking.names(),
        agents={slug: one.name for slug, one in house.roster.items()},
        here=frozenset(house.world.agents(key)) if key else frozenset(),
        people=frozenset(name for name, _ in house.world.people()) - {str(getattr(body, "key", ""))},
        kinds=frozenset(house.work.kinds),
        topics=frozenset(concepts.topics()) | harmless(),
        commands=harmless(),
        looks=looking(),
        owner=actor_of(caller).kind == "owner",
    )


def claims(line: str, command: Command, caller: Any, session: Any) -> bool:
    """Whether a line that begins with `command` is not that command's, but plain words."""
    house = houses.current()
    if house is None or session is None or session.ndb.reading or command.is_exit:
        return False
    first = command.key.lstrip("@")
    if intents.smiles(line):
        return True
    if first in LITERAL or first.startswith("__") or not (line.strip().partition(" ")[2] or first in BARE):
        return False
    return intents.turned(line, scene_of(house, caller)) is not None


def understood(command: Command, line: str) -> Intent:
    """What a line means that is no command."""
    house, session = houses.current(), command.session
    if house is None or session is None or session.ndb.reading:
        return Guess(line.partition(" ")[0])
    if parsing.ruling(line):
        return Guess(line.lstrip("@&/+").partition(" ")[0])
    scene = scene_of(house, command.caller)
    first = line.lstrip("@&/+").partition(" ")[0].casefold()
    if first in verbs.names() or first in LIVING or first in ("tell", "ooc"):
        return intents.turned(line, scene) or intents.read(line, scene)
    return intents.read(line, scene)


def carried_out(command: Command, line: str, meant: Intent) -> None:
    """Do, or answer, what a line means."""
    house = houses.current()
    match meant:
        case Line(lines):
            _in_turn(command, lines)
        case Speech():
            spoken(house, command, meant)
        case Told(text):
            tell(command, [text])
        case Order():
            tell(command, *proposed(house, command, meant))
        case Verdict():
            decided(house, command, meant)
        case Signal(name):
            signalled(house, command, line, name)
        case Guess(word, lines):
            tell(command, choices(word, lines), Offer(lines=lines))


def _in_turn(command: Command, lines: tuple[str, ...]) -> None:
    """Type line after line, up to a step that leads nowhere or a walk that goes on by itself."""
    body = command.caller
    for done, line in enumerate(lines, 1):
        before = getattr(body, "location", None)
        typed(command, line)
        left = lines[done:]
        walks = line.startswith("go ") and before is not None
        if left and walks and (body.location is before or body.ndb.walk is not None):
            tell(command, [f"The rest of that line was not done: {', '.join(visible(one) for one in left)}."])
            return

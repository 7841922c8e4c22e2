"""`go`: through a way of the room, or to a room further off, to somebody, or back, room by room.

Owns the finding of the place that is meant and the walk: the shortest over the ways that are open to whoever walks, a
step, a pause, a step. Each step goes through the exit itself, with its locks and rules; what refuses ends the walk and
says why. Refuses to go on when its person has gone another way, has been carried off or has left.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from evennia.commands.command import Command

from agents.events.models import Event
from agents.kernel.errors import BadInput, Conflict, NotFound, TimmyError
from agents.kernel.text import clean, shorten, visible
from agents.work.ports import ExitInfo
from commands.intents.reading import onward
from commands.intents.scene import bare, plain
from commands.intents.vocabulary import COMPASS
from commands.verbs import refusal
from typeclasses import sight
from typeclasses.actors import actor_of
from world import places, screen
from world.telling import placed

PAUSE = 0.7
"""Seconds between two rooms of a walk."""
BACK = frozenset({"back", "previous", "back there"})


def later(seconds: float, step: Callable[[], None]) -> None:
    """Have `step` called in a while; a test brings its own."""
    from twisted.internet import reactor

    reactor.callLater(seconds, step)  # type: ignore[attr-defined]


def route(ways: Iterable[ExitInfo], start: str, target: str) -> list[str]:
    """The rooms from `start` to `target` by the fewest ways that are open, `start` left out; [] if none leads there."""
    onward: dict[str, list[str]] = {}
    for way in ways:
        if not way.why_not:
            onward.setdefault(way.origin, []).append(way.target)
    came: dict[str, str] = {start: ""}
    queue = deque([start])
    while queue and target not in came:
        here = queue.popleft()
        for there in onward.get(here, ()):
            if there not in came:
                came[there] = here
                queue.append(there)
    path: list[str] = []
    at = target if target in came else start
    while at != start:
        path.insert(0, at)
        at = came[at]
    return path


def names() -> Mapping[str, str]:
    """Keys of rooms by whatever they are called: name, key, other names."""
    found: dict[str, str] = {}
    for key, room in places.rooms().items():
        for name in (*room.aliases.all(), str(room.key), key.replace("_", " "), key):
            found[bare(clean(str(name), keep_lines=False))] = key
    return found


def ways(place: Any) -> dict[str, Any]:
    """The ways out of a room by every name."""
    found: dict[str, Any] = {}
    for way in place.contents_get(content_type="exit") if place is not None else ():
        for name in (*way.aliases.all(), str(way.key)):
            found.setdefault(plain(str(name)), way)
            found.setdefault(bare(str(name)), way)
    return found


def told_ways(place: Any, body: Any) -> str:
    """The ways out in one sentence, each with the direction it lies in."""
    told = []
    for way in place.contents_get(content_type="exit"):
        directions = [one for one in way.aliases.all() if one in COMPASS.values()]
        name = clean(str(way.key), keep_lines=False)
        locked = "" if way.access(body, "traverse") else ", locked"
        told.append(visible(f"{name} ({directions[0]}{locked})" if directions else name + (locked and " (locked)")))
    return f"Ways out: {', '.join(told)}." if told else "There is no way out that you can see."


def way_to(body: Any, target: str) -> Any:
    """The first way from where `body` stands to the room `target` that is open."""
    exits = body.location.contents_get(content_type="exit")
    return next(way for way in exits if places.key_of(way.destination) == target and not sight.why_not(way, body))


class Walk:
    """Somebody on the way to a room."""

    def __init__(self, body: Any, target: str) -> None:
        self._body, self._target, self._at = body, target, places.key_of(body.location)

    def begin(self) -> None:
        """Set out. Raises Conflict, with what is closed, where no open way leads there."""
        path = route(sight.ways(self._body), self._at, self._target)
        if not path:
            raise Conflict(self._closed(), next="map")
        if len(path) > 1:
            over = ", ".join(visible(placed(str(places.room(key).key))) for key in path)
            screen.show(
                self._body, f"You set out: {over}. `stop` ends it.".replace("`stop`", screen.paint("key", "stop"))
            )
        self._body.ndb.walk = self
        self.step()

    def step(self) -> None:
        """Go one room further, unless something has come between."""
        body = self._body
        if body.ndb.walk is not self or not body.sessions.count() or places.key_of(body.location) != self._at:
            if body.ndb.walk is self:
                body.ndb.walk = None
            return
        path = route(sight.ways(body), self._at, self._target)
        if not path:
            body.ndb.walk = None
            screen.show(body, screen.paint("bad", self._closed()))
            return
        pass_through(body, way_to(body, path[0]))
        self._at = places.key_of(body.location)
        if self._at == path[0] and len(path) > 1:
            later(PAUSE, self.step)
        else:
            body.ndb.walk = None

    def _closed(self) -> str:
        name = visible(placed(str(places.room(self._target).key)))
        free = route(sight.ways(None), self._at, self._target)
        here = self._at
        for there in free:
            whys = [
                sight.why_not(way, self._body)
                for way in places.exits()
                if places.key_of(way.location) == here and places.key_of(way.destination) == there
            ]
            if whys and all(whys):
                return f"You cannot go on to {name}: {visible(whys[0])}"
            here = there
        return f"No way leads from here to {name}."


def walk(body: Any, target: str) -> bool:
    """Take `body` to a room at once, way after way; whether it has come to stand there."""
    halted(body)
    for there in route(sight.ways(body), places.key_of(body.location), target):
        pass_through(body, way_to(body, there))
        if places.key_of(body.location) != there:
            break
    return places.key_of(body.location) == target


def halted(body: Any) -> bool:
    """Stop a walk that is under way; whether there was one."""
    walk, body.ndb.walk = body.ndb.walk, None
    return walk is not None


def pass_through(body: Any, way: Any) -> None:
    """Go through an exit as its own command does: its lock and rules decide."""
    if way.access(body, "traverse"):
        way.at_traverse(body, way.destination)
    else:
        way.at_failed_traverse(body)


class Go(Command):
    """Walk: through a way of this room, or to any room, step by step.

    Usage:
      go <way or direction>
      go <room>
      go <agent>
      go back

    Examples:
      go north
      go forge

    A walk of several rooms takes the shortest way that is open to you. `stop`, or going anywhere else, ends it.
    """

    key = "go"
    locks = "cmd:all()"
    arg_regex = r"\s|$"
    help_category = "General"

    def func(self) -> None:
        """Go there, or say why not."""
        body = self.caller
        try:
            halted(body)
            go(body, self.args)
        except TimmyError as error:
            screen.show(self.session or body, refusal(error).lines)


def go(body: Any, words: str) -> None:
    """Take `body` where `words` lead. Raises NotFound with the ways out, BadInput with several rooms, Conflict."""
    place, wanted = body.location, bare(onward(words))
    if place is None:
        raise NotFound("You are nowhere.", next="help")
    if not wanted:
        screen.show(body, told_ways(place, body))
        return
    wanted = COMPASS.get(wanted, wanted)
    here = ways(place)
    named = (wanted, *(wanted.removesuffix(end) for end in (" door", " room", " exit")))
    way = next((here[one] for one in named if one in here), None)
    if way is None and wanted == "out" and len(set(here.values())) == 1:
        way = next(iter(here.values()))
    if way is not None:
        pass_through(body, way)
        return
    if wanted in COMPASS.values():
        there = "in there" if wanted == "in" else "out" if wanted == "out" else wanted
        raise NotFound(f"There is no way {there} from here. {told_ways(place, body)}")
    target = _before(body) if wanted in BACK else _place(body, wanted)
    if target == places.key_of(place):
        screen.show(body, f"You are in {visible(placed(str(place.key)))} already.")
        return
    Walk(body, target).begin()


def _before(body: Any) -> str:
    last = Event.objects.filter(topic="person.move", actor=str(actor_of(body))).order_by("-seq").first()
    key = str(last.data.get("from", "")) if last is not None else ""
    if places.room(key) is None:
        raise NotFound(f"You have not come from anywhere yet. {told_ways(body.location, body)}")
    return key


def _place(body: Any, wanted: str) -> str:
    """The room that is meant: by name, by whoever stands there, by a part of its name."""
    known = names()
    if key := known.get(wanted):
        return key
    whoever = {slug: one.location for slug, one in places.bodies().items() if slug == "-".join(wanted.split())}
    for one in [*whoever.values(), *(found.location for found in _people(wanted))]:
        if one is not None:
            return places.key_of(one)
    part = {key for name, key in known.items() if any(word.startswith(wanted) for word in (name, *name.split()))}
    if len(part) == 1:
        return part.pop()
    shown = visible(shorten(wanted, 40))
    if part:
        called = sorted(str(places.room(key).key) for key in part)
        raise BadInput(
            f"'{shown}' could be: {', '.join(map(visible, called))}.", next=f"go {visible(called[0].lower())}"
        )
    near = get_close_matches(wanted, known, 1, 0.7)
    raise NotFound(
        f"No room is called '{shown}'. {told_ways(body.location, body)}", next=f"go {near[0]}" if near else "map"
    )


def _people(name: str) -> list[Any]:
    from evennia import SESSION_HANDLER

    bodies = {session.get_puppet() for session in SESSION_HANDLER.get_sessions()} - {None}
    return [one for one in bodies if str(one.key).casefold() == name]

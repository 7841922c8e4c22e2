"""Traces: what a room remembers of who crossed it, and of what was done and said there.

Renders the log as it was seen from one room. Refuses to invent: people's words and what nobody
could see are no events, so they are not told.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q

from agents.events import seen
from agents.events.models import Event
from agents.events.seen import MOST_COUNTED, Crossing, Span
from agents.governance.rules import Actor
from agents.kernel.errors import BadInput, NotFound
from agents.kernel.text import visible
from agents.mind import reasons
from agents.thinking.ports import Known
from commands import lookup, moments, telling
from commands.layout import clock, count, heading, hint
from commands.sight import seen_by
from commands.verbs import Caller, Reply, verb
from commands.verbs.places import room_key
from world.screen import HANG, paint

if TYPE_CHECKING:
    from agents.house.house import House

CROSSINGS = 20
"""Crossings told at once."""
WALKED = "person.move"
"""Topic of a person's walks."""


def _room(house: House, caller: Caller, argument: str) -> tuple[str, str]:
    """(what is asked, key of the room): `… in <room>` names one, else it is the room one stands in."""
    asked, found, name = f" {argument}".rpartition(" in ")
    if found:
        return asked.strip(), room_key(house, name)
    if not caller.room:
        raise BadInput("You stand in no room; name one.", next="footprints in hall")
    return argument, caller.room


def _walker(house: House, viewer: Actor, name: str) -> tuple[str, Q]:
    """Who is called `name`, and what narrows the log to him. Raises NotFound or BadInput."""
    if name.lower() in ("me", viewer.name.lower()):
        return "You", Q(agent="", actor=str(viewer))
    try:
        slug = lookup.agent(house, name, away=True)
    except NotFound:
        walked = Q(actor__in=[f"owner:{name}", f"person:{name}"])
        if viewer.kind == "owner" and Event.objects.filter(walked, topic=WALKED).exists():
            return name, Q(agent="") & walked
        raise
    return telling.who(f"agent:{slug}"), Q(agent=slug)


@verb(
    "footprints",
    syntax=("footprints", "footprints <name>", "footprints yesterday|3h|03:10-03:40", "footprints … in <room>"),
    help="Who crossed this room today: when, from where to where, and what for.",
    examples=("footprints", "footprints timmy yesterday", "footprints 3h in hall"),
    see=("rewind", "map", "agents", "why"),
    reads=True,
)
def footprints(house: House, caller: Caller, argument: str) -> Reply:
    """Tell the newest.

    The newest 20 crossings are listed, the last of them last; earlier ones are counted. What for is the
    goal of the plan to which the step belonged; two are told where somebody came for one and left for
    another. Your own steps leave prints that only you and the owner see.
    """
    asked, room = _room(house, caller, argument)
    now, name, words = house.runtime.clock.now(), house.need(Known).room_name(room), asked.split()
    when = " ".join(word for word in words if moments.is_part(word))
    named = " ".join(word for word in words if not moments.is_part(word))
    span = moments.span(when or "today", now)
    walker, narrowed = _walker(house, caller.actor, named) if named else ("Nobody", Q())
    found, earlier = seen.crossings(house.events, room, span, seen_by(caller.actor) & narrowed, CROSSINGS)
    told = f"{visible(name)}, {moments.in_words(span, now)}"
    if not found:
        passed = (
            "nobody has crossed it"
            if not named
            else "you have not crossed it"
            if walker == "You"
            else f"{visible(walker)} has not crossed it"
        )
        return Reply(
            [heading(f"FOOTPRINTS. {told}: {passed}."), *_elsewhen(house, caller, room, span, narrowed, named)],
            {"room": room, "crossings": [], "earlier": 0},
        )
    why = reasons.of_steps(e.step for one in found for e in (one.came, one.left) if e and e.step)
    here = {f"agent:{slug}" for slug in house.world.agents(room)}
    here |= {
        f"{kind}:{person}" for person, place in house.world.people() if place == room for kind in ("owner", "person")
    }
    lines = [
        heading(
            f"FOOTPRINTS. {told}: "
            f"{count(len(found) + earlier, 'crossing')}{' or more' if earlier + CROSSINGS >= MOST_COUNTED else ''}."
        )
    ]
    if earlier:
        lines.append(hint(f"({earlier} earlier ones left out; footprints 1h, footprints timmy tell of fewer)"))
    lines += [_crossing(house, one, why, here, now) for one in found]
    lines.append(hint(f"rewind {moments.typed(_at(found[-1]), now)} shows what was done and said here then."))
    return Reply(lines, {"room": room, "crossings": [_as_data(one, why) for one in found], "earlier": earlier})


def _at(one: Crossing) -> datetime:
    event = one.came or one.left
    assert event is not None
    return event.at


def _crossing(house: House, one: Crossing, why: Mapping[str, str], here: set[str], now: datetime) -> str:
    """`03:12-03:15 Timmy from Fraternity Hall to Forge, for a round of the Forge`."""
    came, left = one.came, one.left
    begun, ended = clock(_at(one)), clock(left.at) if left else ""
    origin = telling.room_word(str(came.data.get("from")), house) if came else ""
    target = telling.room_word(str(left.data.get("to")), house) if left else ""
    if came is None:
        way = f"was here and left for {target}"
    elif left is None:
        way = f"from {origin}, {'still here' if one.actor in here else 'leaving not on record'}"
    else:
        way = f"from {origin} and back" if origin == target else f"from {origin} to {target}"
    served = dict.fromkeys(why.get(e.step, "") for e in (came, left) if e and e.step)
    purpose = ", then ".join(filter(None, served))
    if not purpose and one.actor.startswith("agent:"):
        purpose = "what is not on record"
    day = moments.day_word(_at(one), now)
    stamp = f"{day} {begun}".strip() + (f"-{ended}" if ended and ended != begun else "")
    return f"{paint('dim', stamp)} {HANG}{paint('name', visible(telling.who(one.actor)))} {visible(way)}" + (
        f", for {visible(purpose)}" if purpose else ""
    )


def _as_data(one: Crossing, why: Mapping[str, str]) -> dict[str, object]:
    return {
        "who": one.actor,
        **{
            side: {
                "at": e.at.isoformat(),
                "from": e.data.get("from"),
                "to": e.data.get("to"),
                "for": why.get(e.step, ""),
            }
            if e
            else None
            for side, e in (("came", one.came), ("left", one.left))
        },
    }


def _elsewhen(house: House, caller: Caller, room: str, span: Span, narrowed: Q, named: str) -> list[str]:
    """When something was last seen before the span, with the command that shows it."""
    now = house.runtime.clock.now()
    before, _ = seen.nearest(house.events, room, span, seen_by(caller.actor) & narrowed, seen.WALKS)
    if before is None:
        return ["No earlier print is on record."]
    place = f" in {room}" if room != caller.room else ""
    asked = " ".join(filter(None, ("footprints", named, moments.typed(before.at, now))))
    return [
        f"The last before was {telling.who(before.actor)}, {_when(before.at, now)}. Try: {paint('key', asked + place)}"
    ]


def _when(at: datetime, now: datetime) -> str:
    return f"{moments.day_word(at, now) or 'today'} {clock(at)}"


@verb(
    "rewind",
    syntax=("rewind 03:10", "rewind 03:10-03:40", "rewind yesterday 03:10", "rewind 20m", "rewind … in <room>"),
    help="Show again what was done and said in this room then.",
    examples=("rewind 20m", "rewind yesterday 03:10", "rewind 03:10-03:40 in workshop"),
    see=("footprints", "session", "feed", "history", "events"),
    reads=True,
)
def rewind(house: House, caller: Caller, argument: str) -> Reply:
    """Replay a stretch of the past.

    A time alone shows half an hour from then. It is told from the record, in the words in which it was
    told when it happened, a page at a time; the last line says what to type to go on. What people say is no
    part of it. Where nothing happened then, the nearest times at which something did are named.
    """
    asked, room = _room(house, caller, argument)
    now, known = house.runtime.clock.now(), seen_by(caller.actor)
    span = moments.span(asked or "20m", now)
    name, place = visible(house.need(Known).room_name(room)), f" in {room}" if room != caller.room else ""
    told = f"{name}, {moments.in_words(span, now)}"
    page, rest = moments.leaf(lambda most: seen.scene(house.events, room, span, known, most), lambda event: event.at)
    if not page:
        return Reply(
            [heading(f"REWIND. {told}: nothing was done or said here."), *_nearest(house, room, span, known, place)],
            {"room": room, "events": [], "left": 0},
        )
    lines = [heading(f"REWIND. {told}. This is past: nothing below happens now.")]
    for event in page:
        stamp = f"{event.at.astimezone():%H:%M:%S}"
        lines.append(f"{paint('dim', stamp)} {HANG}{telling.sentence(event, house, room)}")
    crowd = left = 0
    goes_on = ""
    if rest is not None:
        second = moments.second(page[-1].at)
        if second >= rest:  # more happened in one second than one page can hold
            rest = second + moments.SECOND
            within = seen.size(house.events, room, Span(second, rest), known)
            crowd = within - sum(moments.second(event.at) == second for event in page)
            lines.append(hint(f"({crowd} more in that second left out)"))
        left = seen.size(house.events, room, Span(rest, span.until), known)
    if left and rest is not None:
        goes_on = f"rewind {moments.typed(rest, now, span.until)}{place}"
        more = f"{left} or more" if left == MOST_COUNTED else str(left)
        lines.append(f"{heading('REWIND PAUSED.')} It is {clock(now)} now; {more} to come: {paint('key', goes_on)}")
    else:
        lines.append(heading(f"END OF REWIND. It is {clock(now)} now."))
    return Reply(
        lines,
        {
            "room": room,
            "since": span.since.isoformat(),
            "until": span.until.isoformat(),
            "left_out": crowd,
            "events": [telling.as_data(event) for event in page],
            "to_come": left,
            "next": goes_on,
        },
    )


def _nearest(house: House, room: str, span: Span, known: Q, place: str) -> list[str]:
    """The last thing seen before the span and the first one after it, each with the command that shows it."""
    now = house.runtime.clock.now()
    before, after = seen.nearest(house.events, room, span, known)
    lines = []
    for event, what in ((before, "The last thing before"), (after, "The first thing after")):
        if event is not None:
            lines.append(
                f"{what} was {_when(event.at, now)}. Try: "
                f"{paint('key', f'rewind {moments.typed(event.at, now)}{place}')}"
            )
    return lines or ["Nothing is on record of this room."]

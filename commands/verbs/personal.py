"""What concerns the person alone: plain mode, and help.

Owns how help is found and shown. Refuses help that is not there: every verb documents
itself, every concept is a file of `world/help`, every room tells what it can do.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from agents.kernel.errors import NotFound, Unavailable
from agents.kernel.text import shorten, visible
from agents.thinking.ports import Known
from agents.work.ports import RoomInfo
from commands import grammar, verbs
from commands.layout import Column, block, heading, hint, prose, table
from commands.verbs import Caller, Reply, Verb, verb
from world import help as concepts
from world.functions import all_functions
from world.screen import PLAIN_KEY, paint

if TYPE_CHECKING:
    from agents.house.house import House


_CLAUSE = re.compile(r"[;:]| \(|, (?:with|without|or|as|in|while|and|what|which|each|a line)\b")
"""Where the first clause of a verb's purpose ends, which is all that a list of verbs has room for."""
TO_LIVE = "look, go, say, emote (or :), get, drop, give, whisper, who, quit, and the name of any exit or room"


@verb(
    "plain",
    syntax=("plain", "plain on|off"),
    help="Turn plain mode on or off: one column, lists, no colour, no decoration.",
    examples=("plain on", "plain off"),
    see=("history", "help"),
)
def plain(house: House, caller: Caller, argument: str) -> Reply:
    """Made for screen readers, small screens and terminals without colour; remembered by account."""
    if caller.client is None:
        raise Unavailable(
            "Plain mode belongs to a game account; here, pipe the output or set NO_COLOR.", next="help plain"
        )
    if argument:
        caller.client.set(PLAIN_KEY, grammar.switch(argument))
    on = bool(caller.client.get(PLAIN_KEY)) if argument else caller.plain
    return Reply([f"Plain mode is {'on' if on else 'off'}; plain {'off' if on else 'on'} changes it."], {"plain": on})


TO_BEGIN = (
    ("look", "what is here; look at any noun you read"),
    ("map", "the rooms; type the name of a way to walk"),
    ("agents", "who lives here, where, doing what"),
    ("ask timmy = what is new?", "talk with an agent; say is for the room"),
    ("watch timmy", "follow his steps from anywhere"),
)
OWNERS = (
    ("demo", "see it once, from your word to a report"),
    ("task add", "give work; kinds lists what you can ask for"),
    ("lectern", "what waits for your word: ok 1, no 1, undo"),
    ("board", "all tasks; task 1/report shows a report"),
    ("help all", "every command; help task explains one"),
)
GUESTS = (
    ("tour", "see five rooms on a tour"),
    ("who", "who else is here"),
    ("whisper timmy = hello", "so that nobody else hears"),
    ("board", "the tasks there are"),
    ("help all", "every command of yours; help say explains one"),
)
"""Ten words to begin with."""


@verb(
    "help",
    syntax=("help", "help all", "help <command, concept or room>"),
    help="Show ten words to begin with, list everything, or explain a command, a concept or a room.",
    examples=("help approve", "help seals"),
    see=("here", "plain", "kinds"),
    reads=True,
)
def help_(house: House, caller: Caller, argument: str) -> Reply:
    """Words in part are enough when only one thing begins with them."""
    wanted = " ".join(argument.lower().split())
    if not wanted:
        return _first(caller)
    if wanted == "all":
        return _index(house, caller)
    known = verbs.names()
    topics = concepts.topics()
    # A verb's own name comes before a concept, a concept before an alias (`approvals`).
    if wanted in known and (wanted == known[wanted].name or wanted not in topics):
        found = known[wanted]
        lines = _of_verb(found)
        if found.owner and caller.actor.kind != "owner":
            lines.insert(2, paint("warn", "Only the owner can use it."))
        return Reply(lines, _verb_data(found))
    if wanted in topics:
        topic = topics[wanted]
        return Reply([heading(topic.title.upper()), *prose(topic.text)], {"topic": topic.title, "text": topic.text})
    room = next((r for r in house.world.rooms() if wanted in (r.key, r.key.replace("_", " "), r.name.lower())), None)
    if room is not None:
        return _of_room(room)
    engine = caller.client.engine_help() if caller.client else {}
    if wanted in engine:
        return Reply([heading(wanted.upper()), *block(engine[wanted])], {"topic": wanted, "text": engine[wanted]})
    everything = sorted({*known, *topics, *engine, *(r.name.lower() for r in house.world.rooms())})
    begins = [name for name in everything if name.startswith(wanted)]
    if len(begins) == 1:
        return help_(house, caller, begins[0])
    safe = sorted({*verbs.suggested(), *topics, *(r.name.lower() for r in house.world.rooms())})
    near = [name for name in begins if name in safe][:5] or difflib.get_close_matches(wanted, safe, 3)
    nearest = f" Near it: {', '.join(near)}." if near else ""
    raise NotFound(
        f"There is no help on '{visible(shorten(wanted, 40))}'.{nearest}", next=f"help {near[0]}" if near else "help"
    )


def _of_verb(verb: Verb) -> list[str]:
    lines = [heading(" or ".join(verb.names).upper()), verb.help, ""]
    lines += [f"  {paint('key', form)}" for form in verb.syntax]
    lines += ["", *([verb.more, ""] if verb.more else [])]
    lines += ["Examples", *(f"  {example}" for example in verb.examples)]
    return [*lines, "", f"See also: {', '.join(verb.see)}"]


def _verb_data(verb: Verb) -> dict[str, object]:
    return {
        "name": verb.name,
        "aliases": list(verb.aliases),
        "help": verb.help,
        "syntax": list(verb.syntax),
        "examples": list(verb.examples),
        "see": list(verb.see),
        "more": verb.more,
    }


def _first(caller: Caller) -> Reply:
    rows = (*TO_BEGIN, *(OWNERS if caller.actor.kind == "owner" else GUESTS))
    lines = [heading("TEN WORDS TO BEGIN WITH")]
    lines += table(caller, (Column("", 34, style="key"), Column("", fill=True)), rows)
    return Reply(lines, {"words": [{"command": word, "text": told} for word, told in rows]})


def _index(house: House, caller: Caller) -> Reply:
    every = [v for v in verbs.all_verbs() if not v.owner or caller.actor.kind == "owner"]
    lines: list[str] = []
    for group in dict.fromkeys(v.group for v in every):
        lines.append(heading(group))
        rows = [(v.name, _CLAUSE.split(v.help)[0].rstrip(".")) for v in every if v.group == group]
        lines += table(caller, (Column("", 11, style="key"), Column("", fill=True)), rows)
    lines += [heading("To live here"), f" {TO_LIVE}"]
    topics = sorted({topic.title for topic in concepts.topics().values()})
    lines += [heading("Concepts"), f" {', '.join(topics)}"]
    if caller.client:
        engine = sorted(name for name in caller.client.engine_help() if name not in verbs.names())
        lines += [heading("Building and running"), f" {', '.join(engine)}"]
    lines.append(hint("help <word>, help <room>, here"))
    return Reply(lines, {"verbs": [_verb_data(v) for v in every], "concepts": topics})


def _of_room(room: RoomInfo) -> Reply:
    function = all_functions().get(room.function or room.key)
    text = function.help if function else "Nothing works in this room yet; `look` says what it is for."
    return Reply(
        [heading(visible(room.name).upper()), *prose(text)], {"room": room.key, "name": room.name, "help": text}
    )


@verb(
    "here",
    aliases=("?",),
    syntax=("here", "?"),
    help="Say what you can do in this room: its function, its exits, and who is here.",
    examples=("here", "?"),
    see=("help", "look", "map"),
    reads=True,
)
def here(house: House, caller: Caller, argument: str) -> Reply:
    """`help` tells of everything else."""
    room = next((r for r in house.world.rooms() if r.key == caller.room), None)
    if room is None:
        raise NotFound("You are not in a room.", next="help")
    reply = _of_room(room)
    ways = [way for way in house.world.exits("") if way.origin == room.key]
    who = [p.name for p in house.need(Known).presences() if p.room == room.key]
    if ways:
        reply.lines.append(f"Ways: {', '.join(paint('key', visible(way.name)) for way in ways)}")
    reply.lines.append(f"Here: {visible(', '.join(who))}" if who else "No agent is here.")
    reply.lines.append(f"Always: {TO_LIVE}.")
    reply.lines.append(hint("help lists the commands."))
    reply.data |= {"ways": [way.name for way in ways], "who": who}
    return reply

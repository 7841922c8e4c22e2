"""Events in words: one line each, for the feed, for watching, and for histories.

Owns the sentences. Strings inside events were escaped when they were written, so they are
shown as they stand. Refuses to hide what it has no sentence for: such an event is told by
its topic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any

from agents.events.models import Event
from agents.kernel.text import shorten
from agents.mind.words import of_deed, of_goal
from commands.layout import clock
from commands.sight import OWN
from world.screen import HANG, paint
from world.telling import placed

if TYPE_CHECKING:
    from agents.mind.house import House

LONGEST = 300
"""Characters of somebody's words in one line."""

_DEEDS: Mapping[str, str] = {
    "move": "goes to {to}",
    "say": 'says "{text}"',
    "emote": "{text}",
    "take": "takes the {item}",
    "drop": "puts down the {item}",
    "build": "builds {name}",
}
"""What an agent is seen doing; such events carry the id of a plan step."""
_THOUGHTS: Mapping[str, str] = {
    "did": "plan {index}/{of}  {text}",
    "plan": "plan 0/{steps}  for {goal}: {reason}",
    "resume": "goes on with {goal} at step {step} of {of}",
    "replan": "replan  for {goal}: {reason}",
    "leave": "leaves {goal}: {reason}",
    "reached": "is done with {goal}",
    "stuck": "is stuck with {goal}: {reason}",
    "tool": "used {tool}: {error}",
    "thought": "thinks ({source}): {text}",
    "thought.dropped": "lets a thought go: {reason}",
    "given": 'is given a thought by {by}: "{text}"',
    "reordered": "has what waits to be thought put in another order by {by}",
    "paused": "is laid to rest by {by}",
    "resumed": "is woken by {by}",
    "answered": "answers {asker} ({source}, {state})",
    "came": "has come into the world, in {room}",
    "gone": "has left the world",
    "step.failed": "FAIL  {action}: {error}",
    "step.review": "was cut short at {action}, which is for review",
}
THOUGHT = "thought"
"""Such events are for those who watch or stand by, and `thoughts` shows them; the feed would be full of them."""
_LIFE: Mapping[str, str] = {"READY": "is awake", "FAILED": "could not start: {reason}", "SHUTDOWN": "closes its eyes"}
_TOGETHER: Mapping[str, str] = {
    "READY": "are awake", "SHUTDOWN": "close their eyes", "came": "have come into the world", "gone": "have left the world",
}
_APPROVALS: Mapping[str, str] = {
    "opened": "asks for approval of {ref}: {title}",
    "changed": "changed what {ref} asks for: {title}",
    "sealed": "said {verdict} to {ref}: {title}",
    "lifted": "lifted the seal of {ref}: {title}",
    "snoozed": "put {ref} off: {title}",
    "approved": "approved {ref}: {title}",
    "rejected": "vetoed {ref}: {title}",
    "expired": "let {ref} expire: {title}",
}
_TASKS: Mapping[str, str] = {
    "assigned": "gave task {n} to {assignee}: {title}",
    "prioritised": "gave task {n} the priority {priority}: {title}",
    "completed": "completed task {n}: {result}",
    "failed": "failed at task {n}: {reason}",
    "escalated": "paused task {n} and asks for help: {reason}",
    "refused": "was refused within task {n}: {lacking}",
    "authorised": "was allowed what task {n} needs",
}
_PEOPLE: Mapping[str, str] = {
    "person.left": "has left",
    "person.move": "goes to {to}",
    "person.take": "takes the {name}",
    "person.drop": "puts down the {name}",
    "person.give": "gives the {name} to {whom}",
    "person.command": "typed {command} {text}",
    "person.invited": "made {name} a guest",
    "person.removed": "removed the guest {name}",
}
_IN_SIGHT: Mapping[str, str] = {"to": "arrives from {from}", "from": "leaves for {to}"}
"""A walk as it is seen from the room that it leads to, or from."""
_ROOMS = frozenset({"to", "from", "room", "beside"})


class _Words(dict[str, str]):
    """What an event holds, as words; what it does not hold is a question mark."""

    def __missing__(self, key: str) -> str:
        return "?"


def kind_of(event: Event) -> str:
    """The part of an event's topic behind its area and agent: `move`, `step.failed`, `approved`."""
    area, _, rest = event.topic.partition(".")
    return rest.removeprefix(f"{event.agent}.") if area == "agent" else rest


def is_deed(event: Event) -> bool:
    """Whether an agent was seen doing it."""
    return event.topic.startswith("agent.") and bool(event.step) and kind_of(event) in _DEEDS


def is_quiet(event: Event) -> bool:
    """Whether it is detail that other events tell already; the record keeps it."""
    kind = kind_of(event)
    if event.topic.startswith("agent."):
        waking = kind == "life" and event.data.get("state") not in _LIFE
        return waking or kind in ("did", "reached", THOUGHT) or (kind == "tool" and not event.data.get("error"))
    return event.topic == "task.authorised" or event.topic in OWN


def is_step_line(event: Event) -> bool:
    """Whether whoever watches is told it: one line a step (`did`, or the walk itself), words, thoughts, and all that
    is not quiet.
    """
    kind = kind_of(event)
    if is_deed(event):
        return kind == "say" or (kind == "move" and "of" in event.data)
    return kind in ("did", THOUGHT) or not is_quiet(event)


def who(actor: str) -> str:
    """`agent:allegro-primus` as people say it."""
    kind, _, name = actor.partition(":")
    return name.title() if kind == "agent" else "the world" if kind == "system" else name or kind


def sentence(event: Event, house: House | None = None, room: str = "") -> str:
    """What happened, in one line, with who did it. `house` knows the names of rooms and the words of
    steps; without one they are told by their keys. `room` is where it is seen from ('' from everywhere).
    """
    area, kind, words = event.topic.partition(".")[0], kind_of(event), _words(event, house)
    side = next((side for side in _IN_SIGHT if room and kind == "move" and event.data.get(side) == room), "")
    if side:
        ends = {end: placed(words[end]) for end in _IN_SIGHT}
        return f"{paint('name', who(event.actor))} {_IN_SIGHT[side].format_map(ends)}"
    if area == "agent":
        if is_deed(event):
            said = _DEEDS[kind] + (" ({index}/{of})" if "of" in words else "")
        elif kind == "life":
            said = _LIFE.get(str(event.data.get("state")), "is waking")
        else:
            said = _THOUGHTS.get(kind, kind.replace("_", " ").replace(".", " "))
            said += ": {said}" if kind == "did" and words.get("said") else ""
        return f"{paint('name', event.agent.title())} {said.format_map(words)}"
    if area == "approval":
        return f"{who(event.actor)} {_APPROVALS.get(kind, kind + ' {ref}: {title}').format_map(words)}"
    if area == "task":
        reason = " ({reason})" if words.get("reason") else ""
        said = _TASKS.get(kind, f"{kind} task {{n}}: {{title}}{reason}")
        return f"{who(event.actor)} {said.format_map(words)}"
    if event.topic in _PEOPLE:
        return f"{who(event.actor)} {_PEOPLE[event.topic].format_map(words)}"
    return f"{who(event.actor)}: {event.topic.replace('.', ' ').replace('_', ' ')}{_detail(event)}"


def _words(event: Event, house: House | None) -> _Words:
    data = event.data
    in_words = {"goal": of_goal, "action": of_deed(None, house.kinds if house else {}), "asker": who}
    words = _Words(n=str(event.task), by=who(event.actor))
    for key, value in data.items():
        if isinstance(value, str | int | float):
            text = shorten(in_words.get(key, str)(str(value)), LONGEST)
            words[key] = room_word(text, house) if key in _ROOMS else text
    changed = data.get("set")
    if isinstance(changed, dict):
        words["verdict"] = {"approved": "ok", "rejected": "no"}.get(str(changed.get("verdict", "")), "?")
    return words


def room_word(key: str, house: House | None) -> str:
    """A room's name, also when it is there no longer."""
    name = house.records.room_name(key) if house else key
    return name if name != key else key.replace("_", " ").title()


_DETAILS = ("title", "name", "reason", "error", "text")


def _detail(event: Event) -> str:
    found = next((value for key in _DETAILS if isinstance(value := event.data.get(key), str) and value), "")
    return f": {shorten(found, LONGEST)}" if found else ""


def line(event: Event, house: House | None = None) -> str:
    """The sentence with the time before it, as the feed shows it."""
    return f"{paint('dim', clock(event.at))} {HANG}{sentence(event, house)}"


def stirs(event: Event) -> bool:
    """Whether an agent woke or closed its eyes, as all do at a reload; such lines are told together."""
    return event.topic.startswith("agent.") and kind_of(event) == "life" and event.data.get("state") in _TOGETHER


def is_news(event: Event) -> bool:
    """Whether an agent came into the world or left it, which is heard everywhere."""
    return event.topic.startswith("agent.") and kind_of(event) in ("came", "gone")


def _alike(event: Event) -> str:
    """What events that can be told in one line have in common ('' for one that is told alone)."""
    return str(event.data["state"]) if stirs(event) else kind_of(event) if is_news(event) else ""


def lines(events: Iterable[Event], house: House | None = None) -> list[str]:
    """A line an event; agents that woke, closed their eyes, came or went one after the other have
    one together.
    """
    told: list[str] = []
    for state, group in groupby(events, _alike):
        alike = list(group)
        if not state or len(alike) == 1:
            told += [line(event, house) for event in alike]
            continue
        names = dict.fromkeys(event.agent.title() for event in alike)
        told.append(f"{paint('dim', clock(alike[-1].at))} {HANG}{paint('name', ', '.join(names))} {_TOGETHER[state]}")
    return told


def as_data(event: Event) -> dict[str, Any]:
    """An event as plain data."""
    return {
        "seq": event.seq, "at": event.at.isoformat(), "topic": event.topic, "actor": event.actor, "via": event.via,
        "agent": event.agent, "task": event.task, "approval": event.approval, "step": event.step, "data": event.data,
    }

"""Events in words: one line each, for the feed, for watching, and for histories.

Owns how the words that are declared of a topic become a sentence. Strings inside events were escaped when they were
written, so they are shown as they stand. Refuses to hide what there are no words for: such an event is told by its
topic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from string import Formatter
from typing import TYPE_CHECKING, Any

from agents.events import declared
from agents.events.models import Event
from agents.events.topic import Form, kind_of
from agents.governance.rules import called as who
from agents.kernel.text import shorten
from agents.mind.words import of_deed, of_goal
from agents.thinking.ports import Known
from commands.layout import clock
from world.screen import HANG, paint
from world.telling import placed

if TYPE_CHECKING:
    from agents.house.house import House

LONGEST = 300
"""Characters of somebody's words in one line."""

_IN_SIGHT: Mapping[str, str] = {"to": "arrives from {from}", "from": "leaves for {to}"}
"""A walk as it is seen from the room that it leads to, or from."""
_ROOMS = frozenset({"to", "from", "room", "beside"})


class _Words(dict[str, str]):
    """What an event holds, as words; what it does not hold is a question mark."""

    def __missing__(self, key: str) -> str:
        return "?"


def form_of(event: Event) -> Form:
    """How it is told; of a topic that is declared no longer nothing is known."""
    topic = declared.of(event.topic)
    return topic.form_of(event.data) if topic else Form()


def is_deed(event: Event) -> bool:
    """Whether an agent was seen doing it."""
    return bool(event.step) and form_of(event).told in ("deed", "gesture")


def is_by_hand(event: Event) -> bool:
    """Whether a person was seen doing it. What agents do is shown by their bodies."""
    return not event.agent and form_of(event).told == "deed"


def is_quiet(event: Event) -> bool:
    """Whether it is detail that other events tell already; the record keeps it."""
    return form_of(event).told in ("step", "thought", "quiet")


def is_step_line(event: Event) -> bool:
    """Whether whoever watches is told it: one line a step (`did`, or the walk itself), words, thoughts, and all that
    is not quiet.
    """
    told = form_of(event).told
    return not event.step if told == "gesture" else told != "quiet"


def is_thought(event: Event) -> bool:
    """Whether it is for those who watch or stand by, and `thoughts` shows it; the feed would be full of them."""
    return form_of(event).told == "thought"


def sentence(event: Event, house: House | None = None, room: str = "") -> str:
    """What happened, in one line, with who did it. `house` knows the names of rooms and the words of
    steps; without one they are told by their keys. `room` is where it is seen from ('' from everywhere).
    """
    words = _words(event, house)
    side = _side(event, room)
    if side:
        ends = {end: placed(words[end]) for end in _IN_SIGHT}
        return f"{paint('name', who(event.actor))} {_IN_SIGHT[side].format_map(ends)}"
    of_agent, said = event.topic.startswith("agent."), _said(form_of(event), words)
    if of_agent:
        return f"{paint('name', event.agent.title())} {said or _spoken(kind_of(event.topic))}"
    if said:
        return f"{who(event.actor)} {said}"
    return f"{who(event.actor)}: {_spoken(event.topic)}{_detail(event)}"


def _side(event: Event, room: str) -> str:
    """Which end of a walk `room` is ('' when neither, or when it is no walk)."""
    if not room or kind_of(event.topic) != "move":
        return ""
    return next((side for side in _IN_SIGHT if event.data.get(side) == room), "")


def _said(form: Form, words: _Words) -> str:
    """What is told with these words; of what they do not hold `more` is not told."""
    fields = [field for _, field, _, _ in Formatter().parse(form.more) if field]
    template = form.words + (form.more if all(words.get(field) for field in fields) else "")
    return template.format_map(words)


def _spoken(topic: str) -> str:
    """A topic for which there are no words."""
    return topic.replace("_", " ").replace(".", " ")


def _words(event: Event, house: House | None) -> _Words:
    data = event.data
    in_words = {"goal": of_goal, "action": of_deed(None, house.kinds if house else {}), "asker": who}
    words = _Words(n=str(event.task), by=who(event.actor))
    for key, value in data.items():
        if isinstance(value, str | int | float):
            text = shorten(in_words.get(key, str)(str(value)), LONGEST)
            words[key] = room_word(text, house) if key in _ROOMS else text
    if "length" in data:
        words["text"] = f"({data['length']} characters, not kept)"
    changed = data.get("set")
    if isinstance(changed, dict):
        words["verdict"] = {"approved": "ok", "rejected": "no"}.get(str(changed.get("verdict", "")), "?")
    return words


def room_word(key: str, house: House | None) -> str:
    """A room's name, also when it is there no longer."""
    name = house.need(Known).room_name(key) if house else key
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
    return bool(form_of(event).together) and not is_news(event)


def is_news(event: Event) -> bool:
    """Whether an agent came into the world or left it, which is heard everywhere."""
    return form_of(event).told == "everybody"


def lines(events: Iterable[Event], house: House | None = None) -> list[str]:
    """A line an event; agents that woke, closed their eyes, came or went one after the other have
    one together.
    """
    told: list[str] = []
    for together, group in groupby(events, lambda event: form_of(event).together):
        alike = list(group)
        if not together or len(alike) == 1:
            told += [line(event, house) for event in alike]
            continue
        names = dict.fromkeys(event.agent.title() for event in alike)
        told.append(f"{paint('dim', clock(alike[-1].at))} {HANG}{paint('name', ', '.join(names))} {together}")
    return told


def as_data(event: Event) -> dict[str, Any]:
    """An event as plain data."""
    return {
        "seq": event.seq,
        "at": event.at.isoformat(),
        "topic": event.topic,
        "actor": event.actor,
        "via": event.via,
        "agent": event.agent,
        "task": event.task,
        "approval": event.approval,
        "step": event.step,
        "data": event.data,
    }

"""Events in words: one line each, for the feed, for watching, and for histories.

Owns the sentences. Strings inside events were escaped when they were written, so they are
shown as they stand. Refuses to hide what it has no sentence for: such an event is told by
its topic.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.events.models import Event
from agents.kernel.text import shorten
from commands.layout import clock
from world.screen import paint

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
_APPROVALS: Mapping[str, str] = {
    "opened": "asks for approval of {ref}: {title}",
    "changed": "changed what {ref} asks for: {title}",
    "sealed": "said {verdict} to {ref}: {title}",
    "lifted": "lifted the seal of {ref}: {title}",
    "snoozed": "put {ref} off: {title}",
    "approved": "approved {ref}: {title}",
    "rejected": "vetoed {ref}: {title}",
    "expired": "{ref} expired undecided: {title}",
}
_ROOMS = frozenset({"to", "from", "room", "beside"})


class _Words(dict[str, str]):
    """What an event holds, as words; what it does not hold is a question mark."""

    def __missing__(self, key: str) -> str:
        return "?"


def who(actor: str) -> str:
    """`agent:allegro-primus` as people say it."""
    kind, _, name = actor.partition(":")
    return name.title() if kind == "agent" else "the world" if kind == "system" else name or kind


def sentence(event: Event) -> str:
    """What happened, in one line, with who did it."""
    area, *rest = event.topic.split(".")
    last = rest[-1] if rest else area
    words = _words(event)
    if area == "agent" and last in _DEEDS:
        name = event.agent.title()
        return f"{paint('name', name)} {_DEEDS[last].format_map(words)}"
    if area == "approval" and last in _APPROVALS:
        return f"{who(event.actor)} {_APPROVALS[last].format_map(words)}"
    subject = event.agent.title() if area == "agent" and event.agent else who(event.actor)
    number = f" {event.task}" if event.task is not None and area == "task" else ""
    return f"{subject}: {' '.join(rest[1:] if area == 'agent' else [area, *rest]).replace('_', ' ')}{number}{_detail(event)}"


def _words(event: Event) -> _Words:
    data = event.data
    words = _Words()
    for key, value in data.items():
        if isinstance(value, str | int | float):
            text = shorten(str(value), LONGEST)
            words[key] = text.replace("_", " ").title() if key in _ROOMS else text
    changed = data.get("set")
    if isinstance(changed, dict):
        words["verdict"] = {"approved": "ok", "rejected": "no"}.get(str(changed.get("verdict", "")), "?")
    return words


_DETAILS = ("title", "action", "status", "from", "to", "reason", "error", "said", "summary", "goal", "text")


def _detail(event: Event) -> str:
    data: dict[str, Any] = event.data
    if "from" in data and "to" in data and "title" not in data:
        return f" {data['from']} to {data['to']}".lower().replace("_", " ")
    for key in _DETAILS:
        value = data.get(key)
        if isinstance(value, str) and value:
            return f": {shorten(value, LONGEST)}"
    return ""


def line(event: Event) -> str:
    """The sentence with the time before it, as the feed shows it."""
    return f"{paint('dim', clock(event.at))} {sentence(event)}"


def as_data(event: Event) -> dict[str, Any]:
    """An event as plain data."""
    return {
        "seq": event.seq, "at": event.at.isoformat(), "topic": event.topic, "actor": event.actor, "via": event.via,
        "agent": event.agent, "task": event.task, "approval": event.approval, "step": event.step, "data": event.data,
    }

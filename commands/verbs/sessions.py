"""Sessions: what an agent did, said, thought, used and decided, replayed as text.

Renders the records: events, messages and, where the model service tells of them, the questions put to models. Refuses
to tell anybody but the owner, and to fill a gap: what is not on record is not told.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agents.cascade import showing
from agents.cascade.told import Calls, CallTold
from agents.events.models import Event
from agents.events.topic import kind_of
from agents.governance.rules import may, require
from agents.kernel.errors import BadInput, TimmyError
from agents.kernel.text import shorten, visible
from agents.mind.sessions import Records, Told
from agents.thinking.conversation import Conversation
from agents.thinking.models import Message
from commands import lookup, moments, telling
from commands.layout import clock, heading, hint
from commands.talking import recorded
from commands.verbs import Caller, Reply, verb
from commands.verbs.talk import as_data as message_data
from world.screen import HANG, paint

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from agents.house.house import House


@verb(
    "session",
    syntax=("session <agent>", "session <agent> today|yesterday|3h|03:10-03:40"),
    help="Replay as text what an agent did, said, thought, used and decided.",
    examples=("session timmy", "session timmy today", "session ezra yesterday 03:10"),
    see=("rewind", "messages", "thoughts", "why", "events"),
    owner=True,
)
def session(house: House, caller: Caller, argument: str) -> Reply:
    """Tell it from the records, the oldest first.

    Without a time the last hour is told. Plans and why they were made or left, each step and each walk, tools with what
    they took and gave, what failed, thoughts, words that were exchanged and with whom, and each question to a model
    with where it went: a page at a time; the last line says what to type to go on.
    """
    require(may(caller.actor, "overhear"))
    words = argument.split()
    named = " ".join(word for word in words if not moments.is_part(word))
    if not named:
        raise BadInput("Say whose session.", next="session timmy")
    now, slug = house.runtime.clock.now(), lookup.agent(house, named, away=True)
    span = moments.span(" ".join(word for word in words if moments.is_part(word)) or "1h", now)
    records = Records(house.events, house.need(Conversation).log, slug, span)
    language = house.language()
    if language is None:
        return _told(house, records, "")

    def asked(found: Calls) -> Reply:
        return _told(house, replace(records, calls=found.calls), "")

    def silent(failure: Failure) -> Reply:
        failure.trap(TimmyError)
        return _told(house, records, f"What models were asked is not known now: {failure.value}")

    calls = language.calls(slug, span.since, span.until, moments.LONGEST_PAGE + 1)
    return Reply(rest=calls.addCallbacks(asked, silent))


def _told(house: House, records: Records, lacking: str) -> Reply:
    now, span, slug = house.runtime.clock.now(), records.span, records.slug
    name = visible(house.roster[slug].name if slug in house.roster else slug).upper()
    title = f"SESSION of {name}, {moments.in_words(span, now)}"
    page, rest = moments.leaf(records.first, lambda told: told.at)
    lines = [
        heading(f"{title}. This is past: nothing below happens now." if page else f"{title}: nothing is on record.")
    ]
    lines += [f"{paint('dim', f'{told.at.astimezone():%H:%M:%S}')} {HANG}{_line(house, told)}" for told in page]
    lines += [hint(visible(lacking))] if lacking else []
    crowded = rest is not None and moments.second(page[-1].at) >= rest
    if crowded and rest is not None:
        rest += moments.SECOND
        lines.append(hint("(the rest of that second is left out)"))
    goes_on = f"session {slug} {moments.typed(rest, now, span.until)}" if rest is not None and rest < span.until else ""
    if not page:
        lines += _before(records, now)
    else:
        lines.append(
            f"{heading('SESSION PAUSED.')} More: {paint('key', goes_on)}"
            if goes_on
            else heading(f"END OF SESSION. It is {clock(now)} now.")
        )
    return Reply(
        lines,
        {
            "agent": slug,
            "since": span.since.isoformat(),
            "until": span.until.isoformat(),
            "lacking": lacking,
            "entries": [_as_data(told) for told in page],
            "next": goes_on,
        },
    )


def _line(house: House, told: Told) -> str:
    if isinstance(told, Message):
        return recorded(house, told)
    if isinstance(told, CallTold):
        why = f"; {showing.way(told)}" if len(told.way) > 1 or told.fault else ""
        asked = f"asks a model ({showing.PURPOSES.get(told.purpose, told.purpose)}): {showing.outcome(told)}{why}"
        return f"{paint('name', visible(telling.who(f'agent:{told.agent}')))} {visible(shorten(asked, 600))}"
    if kind_of(told.topic) == "tool" and not told.data.get("error"):
        used = told.data
        return (
            f"{paint('name', told.agent.title())} uses {used.get('tool')}: {used.get('in')} characters in, "
            f"{used.get('out')} out, {used.get('ms')} ms"
        )
    found = told.data.get("note") if kind_of(told.topic) == "life" else ""
    return telling.sentence(told, house) + (f" ({told.data.get('state')}: {found})" if found else "")


def _before(records: Records, now: datetime) -> list[str]:
    """When something was last done before, with the command that shows it."""
    last = records.last_before()
    if last is None:
        return ["There is nothing on record before that, either."]
    return [
        f"The last before was {moments.day_word(last.at, now) or 'today'} {clock(last.at)}. "
        f"Try: {paint('key', f'session {records.slug} {moments.typed(last.at, now)}')}"
    ]


def _as_data(told: Told) -> dict[str, Any]:
    if isinstance(told, Event):
        return {"entry": "event", **telling.as_data(told)}
    if isinstance(told, Message):
        return {"entry": "message", **message_data(told)}
    return {"entry": "call", **told.model_dump(mode="json")}

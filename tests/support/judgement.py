"""What a sequence of lines did: whether it took of the owner what is his, or told of somebody what he did not do.

Owns the words of the owner that are tried, and the rules of what may differ after a sequence and what an event may say
of whom. Refuses to read tables (`authority`) and to type (`besieged`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from agents.events import chain
from agents.events.models import Event

PEOPLE = {"guest": "gus", "player": "pia", "builder": "bob", "admin": "ada", "developer": "dev", "owner": "owner"}
"""A name for each rank."""
RANK = {name: rank for rank, name in PEOPLE.items()}
EXACT = {
    "ok 99": "no task 99",
    "approve 99": "no task 99",
    "no 99 = x": "no task 99",
    "veto 99 = x": "no task 99",
    "later 99 = 1d": "no task 99",
    "golden": "is on",
    "undo 99": "no task 99",
    "redo 99": "no task 99",
    "assign 99 = timmy": "no task 99",
    "pause 99": "no task 99",
    "edit 99 = x": "no task 99",
}
"""What the owner types of what only he may, upon nothing, and what each is answered with: nothing made by others comes
before it.
"""
ARRIVES = "(arrives)"
"""In place of a line: what he is shown when he comes."""
USUAL = (
    "look",
    "board",
    "lectern",
    "help",
    "help permissions",
    "inventory",
    "read 1",
    "why 1",
    "agents",
    "here",
    "map",
    "who",
    "feed 20",
    ARRIVES,
    "say hello",
    "say Timmy, how are you?",
    "task 5",
    "footprints",
    "page",
    "whisper timmy = hello",
    "emote nods.",
    "plan timmy",
)


class Typed(NamedTuple):
    """A line, and the rank of who types it."""

    rank: str
    line: str

    def __str__(self) -> str:
        """As it is told to whoever repeats it."""
        return f"{self.rank:>9}> {self.line!a}" if not self.line.isprintable() else f"{self.rank:>9}> {self.line}"


class Breach(NamedTuple):
    """What was done that only the owner may do, or told that nobody did."""

    what: str
    of: str
    more: str

    def __str__(self) -> str:
        """In a line."""
        return f"{self.what}, {self.of}: {self.more}"


def said(event: Event, who: str, typed: Typed, before: Sequence[Typed]) -> Iterator[Breach]:
    """Whether the event tells of somebody what he did not type."""
    kind = event.actor.partition(":")[0]
    if event.topic == "log.rows":  # the record's own: it vouches for rows that others wrote
        return
    if kind == "agent":
        if not event.topic.endswith((".answered", ".say", ".emote", ".thought")):
            yield Breach("an agent acts by a person's typing", event.actor, f"{event.topic} at {typed}")
    elif event.actor != who:
        yield Breach(
            "one is told to have done another's deed", event.actor, f"{event.topic} {short(event.data)} at {typed}"
        )
    elif typed.rank == "owner" and event.topic not in _TOPICS.get(typed.line.partition(" ")[0], ()):
        yield Breach(
            "the owner is told to have done what he did not type",
            event.actor,
            f"{event.topic} {short(event.data)} at {typed}",
        )
    elif event.topic in ("person.command", "person.tried") and not any(
        str(event.data.get("text", "")).removesuffix("…") in str(chain.safe(one.line))
        for one in before
        if one.rank == typed.rank
    ):
        yield Breach("words are on record that were not typed", event.actor, f"{event.data} at {typed}")


_TOPICS = {"get": ("person.take",), "drop": ("person.drop",), "(goes": ("person.move",)}
"""What the owner's own words may put on record of him."""


def is_own(part: str, was: Any, now: Any, proposers: set[str]) -> bool:
    """Whether it is a person's own proposal, which waits or was put aside by that person."""
    row = now or was
    if row[0] not in proposers or (was is not None and was[0] != row[0]):
        return False
    if now is None:
        return False
    if part == "approval":
        return now[1] in ("pending", "expired") and now[2:5] == ("", "", "") and now[5] is None
    return now[1] in ("PENDING_APPROVAL", "BACKLOGGED") and now[3] == ""


def is_secret(was: Any, now: Any, secrets: set[str]) -> bool:
    """Whether nothing but the password differs, and somebody who typed the word is of a higher rank or the account's
    own.
    """
    if was is None or now is None or was[1:] != now[1:]:
        return False
    rank = RANK.get(now[4], "developer")
    order = list(PEOPLE)
    return any(by == rank or order.index(by) > order.index(rank) for by in secrets)


def moved(was: Any, now: Any) -> Any:
    """As it was, but where it stands now."""
    if not was[0] or not now[0]:
        return was
    row = list(was[0][0])
    row[2] = now[0][0][2]
    return ([tuple(row)], was[1])


def banned() -> bool:
    from evennia.accounts.accounts import DefaultAccount

    return bool(DefaultAccount.is_banned(username="owner", ip="127.0.0.1"))


def changed(was: Any, now: Any) -> str:
    """What differs, without what does not."""
    if isinstance(was, tuple | list) and isinstance(now, tuple | list) and len(was) == len(now):
        return "; ".join(changed(one, other) for one, other in zip(was, now, strict=True) if one != other)
    return f"{short(was)} -> {short(now)}"


def short(value: Any) -> str:
    text = str(value)
    return text if len(text) < 400 else f"{text[:400]}…"


def shown(lines: Sequence[Typed]) -> str:
    """Lines as one types them again."""
    return "\n".join(str(typed) for typed in lines)

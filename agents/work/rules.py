"""The task's state machine, the order of the queue, the limits of a task. Pure.

Owns the one table of legal transitions; anything else is refused, with the legal ones. Knows no tables, clocks or
agents.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from agents.kernel.errors import BadInput, IllegalTransition

STATUSES = ("PENDING_APPROVAL", "APPROVED", "RUNNING", "PAUSED", "COMPLETED", "FAILED", "BACKLOGGED", "VETOED")
PRIORITIES = ("LOW", "NORMAL", "HIGH", "URGENT")
AGE_STEP_HOURS = 24.0
"""A waiting task's priority rises by one each time it has waited this many hours."""

MAX_TITLE, MAX_DESCRIPTION, MAX_REASON = 300, 20_000, 2_000


@dataclass(frozen=True)
class Transition:
    """One kind of change: its name, where it may start, where it ends, the last word of its event.

    `command` is what a person types for it, with `{n}` for the task's number; '' if only the system or a mind does
    it.
    """

    name: str
    sources: frozenset[str]
    target: str
    past: str
    command: str = ""


def _t(name: str, sources: str, target: str, past: str, command: str = "") -> Transition:
    return Transition(name, frozenset(sources.split()), target, past, command)


TRANSITIONS: Mapping[str, Transition] = MappingProxyType(
    {
        t.name: t
        for t in (
            _t("approve", "PENDING_APPROVAL", "APPROVED", "approved", "approve {n}"),
            _t("veto", "PENDING_APPROVAL APPROVED PAUSED FAILED BACKLOGGED", "VETOED", "vetoed", "veto {n} = reason"),
            _t(
                "backlog", "PENDING_APPROVAL APPROVED PAUSED FAILED", "BACKLOGGED", "backlogged", "backlog {n} = reason"
            ),
            _t("expire", "PENDING_APPROVAL", "BACKLOGGED", "backlogged"),
            _t("claim", "APPROVED", "RUNNING", "claimed"),
            _t("delegate", "APPROVED RUNNING", "APPROVED", "delegated"),
            _t("complete", "RUNNING", "COMPLETED", "completed"),
            _t("fail", "RUNNING PAUSED", "FAILED", "failed"),
            _t("pause", "APPROVED RUNNING", "PAUSED", "paused", "pause {n}"),
            _t("block", "RUNNING", "PAUSED", "escalated"),
            _t("review", "RUNNING", "PAUSED", "reviewed"),
            _t("resume", "PAUSED", "RUNNING", "resumed", "resume {n}"),
            _t("reassign", "PAUSED", "APPROVED", "assigned", "assign {n} = agent"),
            _t("retry", "FAILED", "APPROVED", "retried", "retry {n}"),
            _t("reopen", "BACKLOGGED VETOED", "PENDING_APPROVAL", "reopened", "reopen {n}"),
        )
    }
)

_SAID = {"PENDING_APPROVAL": "waiting for approval", "BACKLOGGED": "put aside"}

EDGES = frozenset((source, t.target) for t in TRANSITIONS.values() for source in t.sources)
"""Every legal (from, to); nothing leaves COMPLETED: repeating it is a new task."""


def in_words(status: str) -> str:
    """A status as people say it."""
    return _SAID.get(status, status.replace("_", " ").lower())


def transition(name: str, status: str, number: int) -> Transition:
    """The transition `name` from `status`; raises IllegalTransition that names the legal ones."""
    found = TRANSITIONS[name]
    if status in found.sources:
        return found
    said, legal = in_words(status), [t for t in TRANSITIONS.values() if status in t.sources and t.command]
    if not legal:
        again = "a finished task stays finished: propose it again" if status == "COMPLETED" else "none"
        raise IllegalTransition(f"Task {number} is {said}; {name} does not apply, {again}.", next=f"task {number}")
    names = ", ".join(t.name for t in legal)
    raise IllegalTransition(
        f"Task {number} is {said}; {name} does not apply. What does: {names}.",
        next=legal[0].command.format(n=number),
    )


def check_priority(text: str) -> str:
    """The priority that `text` names, in upper or lower case; raises BadInput that lists them."""
    name = text.strip().upper()
    if name not in PRIORITIES:
        raise BadInput(
            f"{text[:40]!r} is not a priority; the priorities are {', '.join(PRIORITIES)}.", next="help prioritise"
        )
    return name


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_BREAKS = re.compile("[\n\r\x0b\x0c\x85\u2028\u2029]")


def check_title(text: str) -> str:
    """`text` without outer spaces, otherwise byte for byte; raises BadInput.

    One line of at most 300 characters. It may contain escape sequences and direction marks: they are shown escaped,
    so what is shown is what is done.
    """
    title = text.strip(" \t")
    if not title:
        raise BadInput("A task needs a title whose first word is its kind.", next="task add Survey .")
    if len(title) > MAX_TITLE:
        raise BadInput(f"The title has {len(title)} characters; {MAX_TITLE} is the most. Put the rest after '='.")
    if _BREAKS.search(title):
        raise BadInput("A title is one line; put what follows after '='.")
    return _storable(title, "title")


def check_text(text: str, limit: int, what: str) -> str:
    """`text` without outer space; raises BadInput if it is longer than `limit` characters."""
    text = text.strip()
    if len(text) > limit:
        raise BadInput(f"The {what} has {len(text)} characters; {limit} is the most.")
    return _storable(text, what)


def _storable(text: str, what: str) -> str:
    if _UNSTORABLE.search(text):
        raise BadInput(f"The {what} contains a null character or half a surrogate pair, which cannot be stored.")
    return text


_SLUG = re.compile(r"[a-z][a-z0-9-]{0,59}")


def check_slug(text: str) -> str:
    """An agent's slug, in lower case; raises BadInput."""
    slug = text.strip().lower()
    if not _SLUG.fullmatch(slug):
        raise BadInput(f"{text[:40]!r} is not the name of an agent.", next="agents")
    return slug


def effective_priority(priority: str, waited_seconds: float) -> int:
    """The priority as a rank (LOW 0 … URGENT 3), one higher for each day of waiting, at most URGENT.

    Capped, and oldest first within a rank, so that every waiting task comes first some day.
    """
    aged = int(max(waited_seconds, 0.0) // (AGE_STEP_HOURS * 3600))
    return min(PRIORITIES.index(priority) + aged, len(PRIORITIES) - 1)


def queue_key(priority: str, since: datetime, number: int, now: datetime) -> tuple[int, datetime, int]:
    """Sort key of the queue: effective priority, then oldest, then number."""
    return (-effective_priority(priority, (now - since).total_seconds()), since, number)


def free_at(since: datetime, grace_seconds: float) -> datetime:
    """When an unassigned task that was approved at `since` may be taken by any suitable agent."""
    return since + timedelta(seconds=grace_seconds)


def over_limits(
    steps_taken: int, progress_at: datetime | None, now: datetime, *, budget: int, stall_minutes: float
) -> str:
    """Why a running task must stop for somebody to look at it, or ''."""
    if steps_taken >= budget:
        return f"its budget of {budget} steps is used up"
    if progress_at is not None and (stalled := (now - progress_at).total_seconds() / 60) >= stall_minutes:
        return f"no progress for {stalled:.0f} minutes"
    return ""

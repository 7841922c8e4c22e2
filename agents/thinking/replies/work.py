"""Replies about tasks: single ones, what was found, what went wrong, verdicts, figures.

Owns which task is meant where words name what it is of. Refuses to read tables: that is the account's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from agents.house.values import Sentence
from agents.thinking.account import Account
from agents.thinking.grammar.hearing import Asked
from agents.thinking.grammar.intents import KINDS_SAID
from agents.thinking.grammar.tokens import listing
from agents.thinking.matters.work import TROUBLE
from agents.thinking.replies.base import Reply, Sentences


def subjects(a: Account, q: Asked) -> Asked:
    """With the tasks that are of what the words name: the newest of each title, those first that the question is of."""
    kinds = q.kinds or _KINDS_OF.get(q.intent, frozenset())
    rows = a.named(q.subjects, sorted(kinds))
    wanted = next((states for intents, states in _WANTED if q.intent in intents), ())
    rows = [row for row in rows if row.status in wanted] or rows
    newest = list({row.title: row.id for row in reversed(rows)}.values())[::-1]
    return replace(q, tasks=(*q.tasks, *newest[: 1 if q.intent in _OF_ONE else 2]))


_WANTED = (
    (("why_task", "wrong", "count_failed"), TROUBLE),
    (("when_task", "who_task", "task_found", "how_task"), ("COMPLETED", "FAILED")),
)
"""In which state a task is asked of, by intent."""
_KINDS_OF = {"passed": frozenset(("test",))}
"""The kind of task that an intent is of."""
_OF_ONE = ("when_task", "who_task", "who_verdict", "who_changed", "count_failed", "passed", "how_task")


def wrong(a: Account, q: Asked) -> Sentences:
    """What has failed or is paused, and why."""
    if q.tasks:
        return each(Account.why_so)(a, q)
    if q.agent:
        return a.wrong(q.agent)
    mine = a.wrong(a.slug if "you" in q.tokens else "")
    return [*mine, *a.left()[:1]] if "you" in q.tokens else mine


def each(tell: Callable[[Account, int], Sentence | Sentences]) -> Reply:
    """A reply that tells this of each task named."""

    def told(a: Account, q: Asked) -> Sentences:
        found: Sentences = []
        for number in q.tasks[:3]:
            one = tell(a, number)
            found += one if isinstance(one, list) else [one]
        return found

    return told


def found_in(a: Account, q: Asked) -> Sentences:
    """What came out of tasks, by name, kind or span."""
    if q.tasks:
        return task_found(a, q)
    words = [word for word in q.content if word not in _FINDING and word not in KINDS_SAID]
    words += [path.rstrip("/").rpartition("/")[2] for path in q.paths]
    kinds = [KINDS_SAID[word] for word in q.content if word in KINDS_SAID]
    if (words or kinds) and (tasks := a.named(words, kinds)):
        return a.found(tasks)
    return a.findings(a.span(q.span) if q.span else None, q.agent)


_FINDING = frozenset(
    listing(
        "find finds found finding findings result results outcome outcomes report reports reported turned see "
        "seen notice noticed interesting anything something say show pass passed passing broken stale learn "
        "learned what"
    )
)


def task_found(a: Account, q: Asked) -> Sentences:
    """What came out of the tasks named by number."""
    found: Sentences = []
    for number in q.tasks[:2]:
        found += a.found([task]) if (task := a.row(number)) else [a.task(number)]
    return found


def newest_named(tell: Callable[[Account, int], Sentence | Sentences], *, past: bool = False) -> Reply:
    """Of the newest task that the words speak of by title or kind; `past`: the newest that has ended, if one has."""

    def told(a: Account, q: Asked) -> Sentences:
        words = [word for word in q.content if word not in KINDS_SAID and word not in _STATED]
        words += [path.rstrip("/").rpartition("/")[2] for path in q.paths]
        kinds = [KINDS_SAID[word] for word in q.content if word in KINDS_SAID]
        rows = a.named(words, kinds)
        if not rows:
            return []
        ended = (row for row in rows if row.finished_at is not None)
        one = tell(a, next(ended, rows[0]).id if past else rows[0].id)
        return one if isinstance(one, list) else [one]

    return told


_STATED = frozenset(listing("done finished finish ready complete completed over going already yet did ran last"))


def when_named(a: Account, q: Asked) -> Sentences:
    """When the task that is spoken of was done."""
    if {"write", "wrote", "written"} & set(q.tokens) or "journal" in q.tokens:
        return a.journal()
    return newest_named(Account.task_when, past=True)(a, q) or a.last(q.agent) or a.did(1)


def in_state(a: Account, q: Asked) -> Sentences:
    """The tasks in the states that the words name, with the reasons."""
    states = dict.fromkeys(state for word, state in _STATES.items() if word in q.tokens)
    return [sentence for state in states for sentence in a.in_state_now(state)]


def passed(a: Account, q: Asked) -> Sentences:
    """Whether the tests passed."""
    return task_found(a, q) if q.tasks else found_in(a, q)


def verdicts(a: Account, q: Asked) -> Sentences:
    """What was decided, on a task or within a span."""
    verdict = next((state for words, state in _VERDICTS if set(q.tokens) & words), "")
    if q.tasks:
        return [sentence for number in q.tasks[:2] for sentence in a.task_decided(number)]
    return a.decided(a.span(q.span) if q.span else None, verdict)


_VERDICTS = (
    (frozenset(listing("approve approved allow allowed ok okayed accept accepted agreed agree")), "approved"),
    (frozenset(listing("veto vetoed reject rejected refuse refused deny denied")), "rejected"),
)


def who_verdict(a: Account, q: Asked) -> Sentences:
    """Who decided on a task."""
    if not q.tasks:
        return newest_named(Account.task_decided)(a, q)
    return each(Account.task_decided)(a, q)


def who_changed(a: Account, q: Asked) -> Sentences:
    """Who paused, resumed, shelved or assigned a task."""
    did = next((word for token, word in _CHANGES.items() if token in q.tokens), "paused")
    numbers = q.tasks or tuple(
        row.id for row in (a.named((), sorted(q.kinds), q.agent) if q.kinds else a.open(q.agent))[:1]
    )
    return [sentence for number in numbers[:2] for sentence in a.task_changed(number, did)]


_CHANGES = {
    "paused": "paused",
    "stopped": "paused",
    "halted": "paused",
    "resumed": "resumed",
    "shelved": "shelved",
    "reopened": "reopened",
    "retried": "retried",
    "assigned": "gave out",
    "gave": "gave out",
}


def when_will(a: Account, q: Asked) -> Sentences:
    """When something will be done, as far as a record tells."""
    if q.tasks:
        return each(Account.task_when)(a, q)
    return [*a.doing(), *a.next()]


def count_tasks(a: Account, q: Asked) -> Sentences:
    """How many tasks there are, in a state if one is named."""
    states = [state for word, state in _STATES.items() if word in q.tokens]
    return [a.in_state(state) for state in dict.fromkeys(states)] or [a.in_all(), a.board()]


_STATES = {
    "done": "COMPLETED",
    "finished": "COMPLETED",
    "completed": "COMPLETED",
    "failed": "FAILED",
    "fail": "FAILED",
    "paused": "PAUSED",
    "running": "RUNNING",
    "open": "APPROVED",
    "waiting": "PENDING_APPROVAL",
}


def count_did(a: Account, q: Asked) -> Sentences:
    """How many tasks an agent finished."""
    kinds = [KINDS_SAID[word] for word in q.content if word in KINDS_SAID and a.knows_kind(KINDS_SAID[word])]
    return [a.counted(a.span(q.span) if q.span else None, q.agent, kinds[0] if kinds else "")]

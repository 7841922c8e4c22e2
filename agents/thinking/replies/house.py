"""Replies about agents, people, rooms and help, about the day and what comes next, and small talk.

Owns which sentences of the account make one answer. Refuses to read tables: that is the account's.
"""

from __future__ import annotations

from agents.thinking.account import Account
from agents.thinking.grammar.hearing import Asked
from agents.thinking.grammar.intents import KINDS_SAID
from agents.thinking.grammar.tokens import listing
from agents.thinking.replies.base import Sentences, of_names
from agents.thinking.replies.work import newest_named


def greeting(a: Account, q: Asked) -> Sentences:
    """Greet, and say what waits or what it is doing."""
    return [a.manner("greeting"), a.waits() if a.hearer.kind == "owner" else a.doing()[0]]


def how_are_you(a: Account, q: Asked) -> Sentences:
    """How it is, or how another agent is."""
    if q.agent:
        return [a.agent(q.agent), *a.wrong(q.agent)]
    return [a.manner("how_are_you"), a.doing()[0], *a.wrong(a.slug)[:1]]


def who(a: Account, q: Asked) -> Sentences:
    """Who it is, or who others are."""
    found = [sentence for slug in q.agents[:2] for sentence in a.who(slug)]
    return [*found, a.agent(q.agent)] if q.agent else [a.me(), a.temper(), *a.errand()]


def did(a: Account, q: Asked) -> Sentences:
    """What was done within a span, today by default."""
    found = a.day(a.span(q.span or "today"), q.agent)
    if not q.span and not any(record.startswith("task:") for record in found[0].records):
        return [*found, *a.last(q.agent)]
    return [*found, *(a.still() if not q.agent and q.span in ("", "today") else ())]


def doing(a: Account, q: Asked) -> Sentences:
    """What it, or another agent, is doing now."""
    if q.agent:
        return [a.agent(q.agent), *a.of(q.agent)]
    now = a.doing()
    return [*now, *(a.did(1) if not now[0].records[0].startswith("plan:") else ()), *a.place()]


def ahead(a: Account, q: Asked) -> Sentences:
    """What comes next, by plan, tasks and errands."""
    if q.agent:
        return [a.agent(q.agent), *a.of(q.agent)]
    return [*a.doing()[:1], *(a.next() or a.ahead() or a.errand()), *a.aims()[:1]]


def news(a: Account, q: Asked) -> Sentences:
    """What is new, since the hearer left by default."""
    span = a.span(q.span or "left")
    return [*a.news(span)[:5], *([a.waits()] if a.hearer.kind == "owner" else ())]


def allowed(a: Account, q: Asked) -> Sentences:
    """Tell the owner how it is done, and a guest that only the owner may decide."""
    return [a.hearer_is(), a.manner("guest.never")] if a.hearer.kind != "owner" else howto(a, q)


def before(a: Account, q: Asked) -> Sentences:
    """What it did last, by task and by step."""
    return [*a.last(q.agent), *([] if q.agent else a.did(2))]


def honest(a: Account, q: Asked, tasks: tuple[int, ...] = ()) -> Sentences:
    """That it says only what is on record, and which tasks it spoke of."""
    return [a.manner("honest"), *([a.source(q.tasks)] if q.tasks else [])]


def about_me(a: Account, q: Asked) -> Sentences:
    """What is on record about the hearer."""
    return [a.hearer_is(), *a.my_visit(), *(a.for_you()[:1])]


def tour(a: Account, q: Asked) -> Sentences:
    """How a newcomer finds the way round."""
    return [*a.howto(["tour"]), *a.here()[:1], *a.howto(["map"])]


def everyone(a: Account, q: Asked) -> Sentences:
    """How all the others are."""
    return [*(a.everybody() or a.doing()), *a.wrong()[:2]]


def future(a: Account, q: Asked) -> Sentences:
    """That no record tells what is to come, and the state of whatever is named."""
    return [a.manner("future"), *of_names(a, q)[:2]]


def owner(a: Account, q: Asked) -> Sentences:
    """Who decides here."""
    return [
        a.owner(),
        *([a.people()] if {"doing", "where", "here", "around"} & set(q.tokens) else [a.manner("alone_never")]),
    ]


def can_you(a: Account, q: Asked) -> Sentences:
    """Whether there is a kind of task for it."""
    return a.kind(q.content)


def howto(a: Account, q: Asked) -> Sentences:
    """How something is done."""
    if a.hearer.kind == "person" and set(q.tokens) & _DECIDING:
        return [a.manner("guest.never")]
    if q.room and not set(q.tokens) & {"approve", "build", "work"}:
        return [a.way(q.room), *a.room_for(q.room)[:1]]
    kinds = [word for word in q.content if word in KINDS_SAID and a.knows_kind(KINDS_SAID[word])]
    words = sorted((word for word in q.content if word not in _ASKING), key=_SHOWING.__contains__)
    return [*a.howto(words), *(a.kind(kinds) if kinds else ())]


_DECIDING = frozenset(listing("approve veto reject assign pause resume undo retry shelve"))
_SHOWING = frozenset(listing("show shows list lists see find look read tell give"))
_ASKING = frozenset(listing("command commands verb verbs type way do does make get thing something"))


def feel(a: Account, q: Asked) -> Sentences:
    """That feelings are not on record."""
    return [a.manner("feel"), *(a.who(q.agent)[:2] if q.agent else a.errand())]


def opinion(a: Account, q: Asked) -> Sentences:
    """That it has no opinion, and the facts about what is named."""
    if q.room:
        return [a.manner("opinion"), *(a.room_for(q.room) or a.room(q.room)[:1])]
    if q.agent:
        return [a.manner("opinion"), *a.who(q.agent)[:2], *a.wrong(q.agent)[:1]]
    return [a.manner("opinion"), *(newest_named(Account.task)(a, q) or a.wrong()[:2])]


def thing(a: Account, q: Asked) -> Sentences:
    """Where a thing is, and what it is for."""
    return [*a.thing(q.thing), *(a.topic([q.thing]) if "for" in q.tokens else ())]


def order(a: Account, q: Asked) -> Sentences:
    """That words start nothing, and how the work is proposed."""
    kinds = [kind for kind in q.kinds if a.knows_kind(kind)]
    return [a.manner("order"), *(a.kind(kinds)[:1] if kinds else [a.kinds()])]


def askable(a: Account, q: Asked) -> Sentences:
    """What it can be asked."""
    tasks = a.named([word for word in q.content if len(word) > 3 and word not in _TALKING])
    return a.found(tasks[:1]) or [a.manner("askable.all")]


_TALKING = frozenset(listing("help talk answer tell questions else topics understand lost need know"))


def kin(a: Account, q: Asked) -> Sentences:
    """Parent, children and their like."""
    if "you" in q.tokens and q.agents:
        return a.kin()
    if {"grandchild", "grandchildren", "grandson", "grandsons", "granddaughter"} & set(q.tokens):
        return a.grandchildren(q.agent)
    return [sentence for slug in (q.agents or (a.slug,))[:2] for sentence in a.kin(slug)]


def model(a: Account, q: Asked) -> Sentences:
    """With what it thinks."""
    return [a.manner("reflex"), a.mind()]

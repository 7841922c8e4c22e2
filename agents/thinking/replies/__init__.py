"""What answers each intent: the sentences of an account that belong to what is asked.

Owns that table, and what is told where no intent fits. Refuses to read words (that is `grammar`) and to word anything
(that is `forms`).
"""

from __future__ import annotations

from collections.abc import Mapping

from agents.governance.rules import Actor
from agents.thinking.account import Account
from agents.thinking.grammar.hearing import Asked
from agents.thinking.grammar.tokens import listing
from agents.thinking.replies.base import Reply, Sentences, manners, of_names, room
from agents.thinking.replies.house import (
    about_me,
    ahead,
    allowed,
    askable,
    before,
    can_you,
    did,
    doing,
    everyone,
    feel,
    future,
    greeting,
    honest,
    how_are_you,
    howto,
    kin,
    model,
    news,
    opinion,
    order,
    owner,
    thing,
    tour,
    who,
)
from agents.thinking.replies.work import (
    count_did,
    count_tasks,
    each,
    found_in,
    in_state,
    newest_named,
    passed,
    subjects,
    task_found,
    verdicts,
    when_named,
    when_will,
    who_changed,
    who_verdict,
    wrong,
)

WELL = 0.9
"""How well an intent must fit to be answered before what the names in the words tell."""
REPLIES: Mapping[str, Reply] = {
    **{
        occasion: manners(occasion)
        for occasion in (
            "farewell",
            "thanks",
            "praise",
            "insult",
            "apology",
            "gift",
            "joke",
            "promise",
            "secret",
            "call_off",
        )
    },
    "verdict": lambda a, q: [a.manner("verdict"), a.waits()],
    "fixture": lambda a, q: a.topic(q.content) or a.verb(q.content),
    "silence": lambda a, q: [a.rule(1), *a.howto(["lectern"])],
    "resident": lambda a, q: a.residents(q.room),
    "access": manners("access"),
    "overhear": lambda a, q: [a.manner("discretion"), *([a.agent(q.agent)] if q.agent else a.company())],
    "offer": lambda a, q: [*a.errand(), *a.did(1), a.manner("askable")],
    "discretion": manners("discretion"),
    "taught": lambda a, q: [a.manner("taught"), *a.errand()],
    "honest": honest,
    "future": future,
    "said_by": lambda a, q: a.said_by(q.agent, q.person) if q.agent or q.person else [],
    "visitors": lambda a, q: a.person(q.person) if q.person else a.visitors(a.span(q.span) if q.span else None),
    "person": lambda a, q: a.person(q.person) if q.person else [],
    "my_visit": lambda a, q: a.my_visit(),
    "about_me": about_me,
    "verdicts": verdicts,
    "who_verdict": who_verdict,
    "who_changed": who_changed,
    "allowed": allowed,
    "before": before,
    "tour": tour,
    "everyone": everyone,
    "state": in_state,
    "passed": passed,
    "how_task": lambda a, q: [sentence for number in q.tasks[:1] for sentence in a.how_done(number)],
    "count_failed": lambda a, q: [sentence for number in q.tasks[:1] for sentence in a.failures(number)],
    "ages": lambda a, q: a.ages(),
    "small_ok": manners("ok"),
    "greeting": greeting,
    "how_are_you": how_are_you,
    "feel": feel,
    "opinion": opinion,
    "alive": manners("alive"),
    "model": model,
    "purpose": lambda a, q: who(a, q) if q.agent else a.purpose(),
    "self": lambda a, q: who(a, q) if q.agent else [a.me(), a.temper(), *a.errand()],
    "errands": lambda a, q: a.errands(q.agent),
    "kin": kin,
    "who": who,
    "who_all": lambda a, q: [a.agents(), *a.awake()],
    "others_doing": lambda a, q: a.everybody() or a.doing(),
    "where": lambda a, q: [a.agent(slug) for slug in q.agents],
    "where_all": lambda a, q: [*a.place(), *a.everybody()],
    "where_you": lambda a, q: (
        [a.home(q.agent)] if {"home", "live", "sleep"} & set(q.tokens) else [*a.place(), *a.ways()]
    ),
    "where_me": lambda a, q: a.here(),
    "where_thing": thing,
    "carry": lambda a, q: [a.carry(), *a.things()],
    "where_room": lambda a, q: [a.way(q.room)],
    "room": room,
    "room_people": lambda a, q: [a.in_room(q.room)],
    "place": lambda a, q: [a.place_itself(), *a.here()],
    "company": lambda a, q: [*a.place(), *a.company()],
    "ways": lambda a, q: [a.map(), *a.ways()],
    "rooms": lambda a, q: a.rooms(),
    "made": lambda a, q: [a.parent(q.agent), a.born(q.agent)] if q.agent else [a.manner("made"), a.parent(), a.born()],
    "born": lambda a, q: [a.born(q.agent)],
    "owner": owner,
    "who_me": lambda a, q: [a.hearer_is(), *(a.for_you()[:1])],
    "talked": lambda a, q: [],
    "did": did,
    "doing": doing,
    "why_doing": lambda a, q: [a.agent(q.agent), *a.why(q.agent)] if q.agent else [*a.doing(), *a.why()],
    "next": ahead,
    "next_me": lambda a, q: a.for_you(),
    "waits": lambda a, q: [a.waits()],
    "new": news,
    "wrong": wrong,
    "why_task": each(Account.why_so),
    "found": found_in,
    "task": each(Account.task),
    "task_found": task_found,
    "when_task": each(Account.task_when),
    "who_task": each(Account.task_who),
    "done_named": newest_named(Account.task),
    "who_named": newest_named(Account.task_who),
    "when_named": when_named,
    "when_will": when_will,
    "mine": lambda a, q: a.of(q.agent) if q.agent else a.mine(),
    "board": lambda a, q: [a.board(), *a.mine()],
    "count_tasks": count_tasks,
    "count_did": count_did,
    "count_agents": lambda a, q: [a.agents(), *a.awake(), *([a.people()] if "people" in q.tokens else ())],
    "count_rooms": lambda a, q: [a.map()],
    "count_items": lambda a, q: a.things(),
    "count_child": kin,
    "count_wait": lambda a, q: [a.waits()],
    "journal": lambda a, q: a.journal(),
    "disk": lambda a, q: [a.machine()],
    "rules": lambda a, q: [a.rule(number) for number in range(4)],
    "act_alone": lambda a, q: [a.manner("alone_never"), a.rule(1)],
    "can_do": lambda a, q: [a.kinds(), a.manner("askable.all")],
    "can_you": can_you,
    "order": order,
    "howto": howto,
    "askable": askable,
    "your_mood": manners("your_mood"),
    "time": lambda a, q: [a.clock()],
    "thinking": lambda a, q: a.latest_thought(),
    "outside": lambda a, q: [a.manner("outside"), a.manner("askable")],
}
"""What is told to each intent."""


def reply(a: Account, q: Asked, asker: Actor, words: str) -> Sentences:
    """The sentences that answer one clause; none if nothing on record does."""
    q = subjects(a, q) if q.subjects else q
    for score, intent in q.intents[:3]:
        told = a.talked(asker, words) if intent == "talked" else REPLIES[intent](a, q)
        if told and (score >= WELL or not _named_at_all(q) or intent in _NAMING):
            return told
    return of_names(a, q) or _looked_up(a, q)


_NAMING = frozenset(
    listing("task who room can_you order verdict howto opinion feel promise praise insult future honest said_by passed")
)


def _named_at_all(q: Asked) -> bool:
    return bool(q.agents or q.room or q.thing or q.tasks or q.person)


def _looked_up(a: Account, q: Asked) -> Sentences:
    """What the titles of tasks and the help say about the words that carry meaning."""
    words = [word for word in q.content if len(word) > 3]
    if not words:
        return [a.manner("bare")] if q.called and not q.tokens else []
    tasks = a.named(words)
    return [a.task(task.id) for task in tasks[:2]] or a.topic(words) or a.verb(words)

"""What answers each intent: the sentences of an account that belong to what is asked.

Owns that table, and what is told where no intent fits. Refuses to read words (that is `grammar`) and to word anything
(that is `forms`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from agents.house.values import Sentence
from agents.thinking.account import Account
from agents.thinking.grammar.hearing import Asked
from agents.thinking.grammar.intents import CLASSES
from agents.thinking.grammar.tokens import listing
from agents.thinking.matters.work import KINDS_SAID, TROUBLE

if TYPE_CHECKING:
    from agents.governance.rules import Actor

Sentences = list[Sentence]
Reply = Callable[[Account, Asked], Sentences]
WELL = 0.9
"""How well an intent must fit to be answered before what the names in the words tell."""


def manners(occasion: str) -> Reply:
    """A reply that only minds its manners."""
    return lambda a, q: [a.manner(occasion)]


def _greeting(a: Account, q: Asked) -> Sentences:
    return [a.manner("greeting"), a.waits() if a.hearer.kind == "owner" else a.doing()[0]]


def _how_are_you(a: Account, q: Asked) -> Sentences:
    if q.agent:
        return [a.agent(q.agent), *a.wrong(q.agent)]
    return [a.manner("how_are_you"), a.doing()[0], *a.wrong(a.slug)[:1]]


def _who(a: Account, q: Asked) -> Sentences:
    found = [sentence for slug in q.agents[:2] for sentence in a.who(slug)]
    return [*found, a.agent(q.agent)] if q.agent else [a.me(), a.temper(), *a.errand()]


def _did(a: Account, q: Asked) -> Sentences:
    found = a.day(a.span(q.span or "today"), q.agent)
    if not q.span and not any(record.startswith("task:") for record in found[0].records):
        return [*found, *a.last(q.agent)]
    return [*found, *(a.still() if not q.agent and q.span in ("", "today") else ())]


def _doing(a: Account, q: Asked) -> Sentences:
    if q.agent:
        return [a.agent(q.agent), *a.of(q.agent)]
    now = a.doing()
    return [*now, *(a.did(1) if not now[0].records[0].startswith("plan:") else ()), *a.place()]


def _next(a: Account, q: Asked) -> Sentences:
    if q.agent:
        return [a.agent(q.agent), *a.of(q.agent)]
    return [*a.doing()[:1], *(a.next() or a.ahead() or a.errand()), *a.aims()[:1]]


def _new(a: Account, q: Asked) -> Sentences:
    span = a.span(q.span or "left")
    return [*a.news(span)[:5], *([a.waits()] if a.hearer.kind == "owner" else ())]


def _wrong(a: Account, q: Asked) -> Sentences:
    if q.tasks:
        return _each(Account.task_why)(a, q)
    if q.agent:
        return a.wrong(q.agent)
    words = [word for word in q.content if word not in _WRONG and word not in KINDS_SAID]
    if words and (tasks := a.named(words)):
        tasks = [task for task in tasks if task.status in TROUBLE] or tasks
        return [sentence for task in tasks[:2] for sentence in (*a.task_why(task.pk), *a.streak(task))]
    mine = a.wrong(a.slug if "you" in q.tokens else "")
    return [*mine, *a.left()[:1]] if "you" in q.tokens else mine


_WRONG = frozenset(listing(f"{CLASSES['fail']} matter anything something did everything went gone stopped keeps"))


def _each(tell: Callable[[Account, int], Sentence | Sentences]) -> Reply:
    def told(a: Account, q: Asked) -> Sentences:
        found: Sentences = []
        for number in q.tasks[:3]:
            one = tell(a, number)
            found += one if isinstance(one, list) else [one]
        return found

    return told


def _found(a: Account, q: Asked) -> Sentences:
    if q.tasks:
        return _task_found(a, q)
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


def _task_found(a: Account, q: Asked) -> Sentences:
    found: Sentences = []
    for number in q.tasks[:2]:
        found += a.found([task]) if (task := a.row(number)) else [a.task(number)]
    return found


def _named(tell: Callable[[Account, int], Sentence | Sentences]) -> Reply:
    """Of the newest task that the words speak of by title or kind."""

    def told(a: Account, q: Asked) -> Sentences:
        words = [word for word in q.content if word not in KINDS_SAID and word not in _STATED]
        words += [path.rstrip("/").rpartition("/")[2] for path in q.paths]
        kinds = [KINDS_SAID[word] for word in q.content if word in KINDS_SAID]
        rows = a.named(words, kinds) or (a.named((), (), "") if not words else [])
        if not rows:
            return []
        one = tell(a, rows[0].pk)
        return one if isinstance(one, list) else [one]

    return told


_STATED = frozenset(listing("done finished finish ready complete completed over going already yet did ran last"))


def _when_named(a: Account, q: Asked) -> Sentences:
    if {"write", "wrote", "written"} & set(q.tokens) or "journal" in q.tokens:
        return a.journal()
    return _named(Account.task_when)(a, q) or a.last(q.agent) or a.did(1)


def _when_will(a: Account, q: Asked) -> Sentences:
    if q.tasks:
        return _each(Account.task_when)(a, q)
    return [*a.doing(), *a.next()]


def _count_tasks(a: Account, q: Asked) -> Sentences:
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


def _count_did(a: Account, q: Asked) -> Sentences:
    kinds = [KINDS_SAID[word] for word in q.content if word in KINDS_SAID and a.knows_kind(KINDS_SAID[word])]
    return [a.counted(a.span(q.span) if q.span else None, q.agent, kinds[0] if kinds else "")]


def _can_you(a: Account, q: Asked) -> Sentences:
    return a.kind(q.content)


def _howto(a: Account, q: Asked) -> Sentences:
    if q.room and not set(q.tokens) & {"approve", "build", "work"}:
        return [a.way(q.room), *a.room_for(q.room)[:1]]
    kinds = [word for word in q.content if word in KINDS_SAID and a.knows_kind(KINDS_SAID[word])]
    words = sorted((word for word in q.content if word not in _ASKING), key=_SHOWING.__contains__)
    return [*a.howto(words), *(a.kind(kinds) if kinds else ())]


_SHOWING = frozenset(listing("show shows list lists see find look read tell give"))
_ASKING = frozenset(listing("command commands verb verbs type way do does make get thing something"))


def _feel(a: Account, q: Asked) -> Sentences:
    return [a.manner("feel"), *(a.who(q.agent)[:2] if q.agent else a.errand())]


def _opinion(a: Account, q: Asked) -> Sentences:
    if q.room:
        return [a.manner("opinion"), *(a.room_for(q.room) or a.room(q.room)[:1])]
    if q.agent:
        return [a.manner("opinion"), *a.who(q.agent)[:2], *a.wrong(q.agent)[:1]]
    return [a.manner("opinion"), *(_named(Account.task)(a, q) or a.wrong()[:2])]


def _thing(a: Account, q: Asked) -> Sentences:
    return [*a.thing(q.thing), *(a.topic([q.thing]) if "for" in q.tokens else ())]


def _room(a: Account, q: Asked) -> Sentences:
    return [*a.room_for(q.room), a.in_room(q.room), *(a.ways(q.room)[:1] if not a.room_for(q.room) else ())]


def _order(a: Account, q: Asked) -> Sentences:
    kinds = [word for word in q.content if word in KINDS_SAID and a.knows_kind(KINDS_SAID[word])]
    return [a.manner("order"), *(a.kind(kinds)[:1] if kinds else [a.kinds()])]


def _askable(a: Account, q: Asked) -> Sentences:
    tasks = a.named([word for word in q.content if len(word) > 3 and word not in _TALKING])
    return a.found(tasks[:1]) or [a.manner("askable.all")]


_TALKING = frozenset(listing("help talk answer tell questions else topics understand lost need know"))


def _kin(a: Account, q: Asked) -> Sentences:
    return [sentence for slug in (q.agents or (a.slug,))[:2] for sentence in a.kin(slug)]


def _model(a: Account, q: Asked) -> Sentences:
    return [a.manner("reflex"), a.mind()]


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
    "small_ok": manners("ok"),
    "greeting": _greeting,
    "how_are_you": _how_are_you,
    "feel": _feel,
    "opinion": _opinion,
    "alive": manners("alive"),
    "model": _model,
    "purpose": lambda a, q: _who(a, q) if q.agent else a.purpose(),
    "self": lambda a, q: _who(a, q) if q.agent else [a.me(), a.temper(), *a.errand()],
    "errands": lambda a, q: a.errands(q.agent),
    "kin": _kin,
    "who": _who,
    "who_all": lambda a, q: [a.agents(), *a.awake()],
    "others_doing": lambda a, q: a.everybody() or a.doing(),
    "where": lambda a, q: [a.agent(slug) for slug in q.agents],
    "where_all": lambda a, q: [*a.place(), *a.everybody()],
    "where_you": lambda a, q: (
        [a.home(q.agent)] if {"home", "live", "sleep"} & set(q.tokens) else [*a.place(), *a.ways()]
    ),
    "where_me": lambda a, q: a.here(),
    "where_thing": _thing,
    "carry": lambda a, q: [a.carry(), *a.things()],
    "where_room": lambda a, q: [a.way(q.room)],
    "room": _room,
    "room_people": lambda a, q: [a.in_room(q.room)],
    "place": lambda a, q: [a.place_itself(), *a.here()],
    "company": lambda a, q: [*a.place(), *a.company()],
    "ways": lambda a, q: [a.map(), *a.ways()],
    "rooms": lambda a, q: a.rooms(),
    "made": lambda a, q: [a.parent(q.agent), a.born(q.agent)] if q.agent else [a.manner("made"), a.parent(), a.born()],
    "born": lambda a, q: [a.born(q.agent)],
    "owner": lambda a, q: [a.owner(), a.manner("alone_never")],
    "who_me": lambda a, q: [a.hearer_is(), *(a.for_you()[:1])],
    "talked": lambda a, q: [],
    "did": _did,
    "doing": _doing,
    "why_doing": lambda a, q: [a.agent(q.agent)] if q.agent else [*a.doing(), *a.why()],
    "next": _next,
    "next_me": lambda a, q: a.for_you(),
    "waits": lambda a, q: [a.waits()],
    "new": _new,
    "wrong": _wrong,
    "why_task": _each(Account.task_why),
    "found": _found,
    "task": _each(Account.task),
    "task_found": _task_found,
    "when_task": _each(Account.task_when),
    "who_task": _each(Account.task_who),
    "done_named": _named(Account.task),
    "who_named": _named(Account.task_who),
    "when_named": _when_named,
    "when_will": _when_will,
    "mine": lambda a, q: a.of(q.agent) if q.agent else a.mine(),
    "board": lambda a, q: [a.board(), *a.mine()],
    "count_tasks": _count_tasks,
    "count_did": _count_did,
    "count_agents": lambda a, q: [a.agents(), *a.awake(), *([a.people()] if "people" in q.tokens else ())],
    "count_rooms": lambda a, q: [a.map()],
    "count_items": lambda a, q: a.things(),
    "count_child": _kin,
    "count_wait": lambda a, q: [a.waits()],
    "journal": lambda a, q: a.journal(),
    "disk": lambda a, q: [a.machine()],
    "rules": lambda a, q: [a.rule(number) for number in range(4)],
    "act_alone": lambda a, q: [a.manner("alone_never"), a.rule(1)],
    "can_do": lambda a, q: [a.kinds(), a.manner("askable.all")],
    "can_you": _can_you,
    "order": _order,
    "howto": _howto,
    "askable": _askable,
    "your_mood": manners("your_mood"),
    "time": lambda a, q: [a.clock()],
    "thinking": lambda a, q: a.latest_thought(),
    "outside": lambda a, q: [a.manner("outside"), a.manner("askable")],
}
"""What is told to each intent."""


def reply(a: Account, q: Asked, asker: Actor, words: str) -> Sentences:
    """The sentences that answer one clause, none where nothing on record does."""
    for score, intent in q.intents[:3]:
        told = a.talked(asker, words) if intent == "talked" else REPLIES[intent](a, q)
        if told and (score >= WELL or not _named_at_all(q) or intent in _NAMING):
            return told
    return _of_names(a, q) or _looked_up(a, q)


_NAMING = frozenset(("task", "who", "room", "can_you", "order", "verdict", "howto", "opinion", "feel"))


def _named_at_all(q: Asked) -> bool:
    return bool(q.agents or q.room or q.thing or q.tasks)


def _of_names(a: Account, q: Asked) -> Sentences:
    """How that stands which is named, whatever was asked of it."""
    found: Sentences = [a.task(number) for number in q.tasks[:3]]
    found += [a.agent(slug) for slug in q.agents[:2]]
    found += a.thing(q.thing) if q.thing else []
    return found or (_room(a, q) if q.room else [])


def _looked_up(a: Account, q: Asked) -> Sentences:
    """What tasks' titles and help say on the telling words."""
    words = [word for word in q.content if len(word) > 3]
    if not words:
        return [a.manner("bare")] if q.called and not q.tokens else []
    tasks = a.named(words)
    return [a.task(task.pk) for task in tasks[:2]] or a.topic(words)

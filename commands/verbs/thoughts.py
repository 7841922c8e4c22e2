"""Thoughts: reading an agent's stream and its chain, giving it something to think about, ordering what waits.

Renders what the stream holds. Refuses to tell anybody but the owner: thoughts are not spoken. What no model had
a part in is marked as reflex wherever it is shown.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from agents.governance.rules import may, require
from agents.kernel.errors import BadInput
from agents.kernel.text import visible
from agents.thinking.account import of_subject
from agents.thinking.models import Thought
from agents.thinking.ports import Known
from agents.thinking.rules import ASKED, DROPPED, QUEUED, REFLEX
from agents.thinking.service import Thoughts
from commands import grammar, lookup, moments
from commands.layout import clock, count, fields, heading, hint, plain_data, span
from commands.telling import who
from commands.verbs import Caller, Reply, verb
from world.screen import HANG, paint

if TYPE_CHECKING:
    from agents.house.house import House

SIZE = 10
CHAIN = 5
"""Thoughts before it that are told with one."""
SHORT = 6
"""Letters by which a thought is called: the last of its id."""
_STATES = {QUEUED: "waits to be thought", ASKED: "a model is asked for it", DROPPED: "came to nothing"}
_TERMS = {"novelty": "new", "unfinished": "unfinished", "recent": "recent", "chance": "chance"}


@verb(
    "thoughts",
    syntax=("thoughts", "thoughts <agent>", "thoughts <agent> <page>", "thoughts reorder <agent> <number> <place>"),
    help="Read what agents think, an agent's whole stream, and what waits to be thought.",
    examples=("thoughts", "thoughts timmy"),
    see=("thought", "inject", "watch", "why"),
    owner=True,
)
def thoughts(house: House, caller: Caller, argument: str) -> Reply:
    """Show the newest.

    Without a name the last thought of each agent; with one its stream, the newest first, ten a page, and its queue.
    `thoughts reorder timmy 3 1` moves the third of what waits for Timmy to the first place. `reflex` marks what was
    composed from the records, without a model.
    """
    require(may(caller.actor, "overhear"))
    words = argument.split()
    if not words:
        return _all(house)
    if words[0].lower() == "reorder":
        return _reorder(house, caller, words[1:])
    name, page = grammar.name_and_number(argument, "a page")
    return _stream(house, lookup.agent(house, name or argument), page or 1)


def _all(house: House) -> Reply:
    lines, data = [heading("THOUGHTS. The last of each agent.")], []
    for slug, persona in house.roster.items():
        found, total = house.need(Thoughts).stream.page(slug, 1, 1)
        waiting = house.need(Thoughts).stream.waiting[slug]
        more = f" ({count(waiting, 'thought')} waiting)" if waiting else ""
        lines += [f"{paint('name', persona.name)}{more}: {_line(house, one)}" for one in found]
        if not found:
            lines.append(f"{paint('name', persona.name)}{more}: no thought yet")
        data.append(
            {"agent": slug, "thoughts": total, "waiting": waiting, "last": as_data(found[0]) if found else None}
        )
    return Reply([*lines, hint("thoughts <name>, thought <letters>, inject <name> = <thought>")], data)


def _stream(house: House, slug: str, page: int) -> Reply:
    found, total = house.need(Thoughts).stream.page(slug, page, SIZE)
    queue = house.need(Thoughts).stream.queue(slug)
    pages = max(-(-total // SIZE), 1)
    if page > pages:
        raise BadInput(
            f"There is no page {page}; {slug} has {count(pages, 'page')} of thoughts.", next=f"thoughts {slug}"
        )
    every = house.need(Known).who(slug).thought_every
    lines = [heading(f"THOUGHTS of {slug}: {count(total, 'thought')}, one every {span(every)}")]
    lines += [_line(house, one) for one in found] or ["No thought yet."]
    if pages > 1:
        lines.append(hint(f"Page {page} of {pages}. thoughts {slug} {page % pages + 1}"))
    lines += _waiting(queue)
    lines.append(hint(f"thought <letters>, inject {slug} = <thought>"))
    return Reply(
        lines,
        {
            "agent": slug,
            "thoughts": [as_data(one) for one in found],
            "page": page,
            "pages": pages,
            "total": total,
            "waiting": [as_data(one) for one in queue],
        },
    )


def _waiting(queue: list[Thought]) -> list[str]:
    lines = [f"Waiting to be thought: {len(queue)}"] if queue else []
    return lines + [
        f" {place}. {HANG}{visible(one.subject)} (from {visible(who(one.injected_by))})"
        for place, one in enumerate(queue, 1)
    ]


def _line(house: House, one: Thought) -> str:
    """`14:02 K7Q2ZD swarm, reflex: …`."""
    stamp = f"{moments.day_word(one.at, house.runtime.clock.now())} {clock(one.at)}".strip()
    return (
        f"{paint('dim', stamp)} {HANG}{paint('key', one.id[-SHORT:])} {one.kind}, {visible(one.source)}: "
        f"{visible(one.text)}"
    )


def _reorder(house: House, caller: Caller, words: list[str]) -> Reply:
    require(may(caller.actor, "inject"))
    if len(words) < 3:
        raise BadInput(
            "Say whose thoughts, which of those that wait, and to which place it goes.",
            next="thoughts reorder timmy 3 1",
        )
    number, place = (grammar.number(word, "a place in the queue") for word in words[-2:])
    slug = lookup.agent(house, " ".join(words[:-2]))
    queue = house.need(Thoughts).stream.reorder(slug, number, place, caller.actor, caller.via)
    return Reply(
        [f"What waits for {house.roster[slug].name} is in this order now:", *_waiting(queue)],
        {"agent": slug, "waiting": [as_data(one) for one in queue]},
    )


@verb(
    "thought",
    syntax=("thought <letters>", "thought <agent>"),
    help="Show one thought: why it was thought, the records it states, and the thoughts before it.",
    examples=("thought timmy", "thoughts timmy"),
    see=("thoughts", "inject", "why", "plan"),
    owner=True,
)
def thought(house: House, caller: Caller, argument: str) -> Reply:
    """Show one.

    A thought is called by the last letters of its id, which `thoughts` shows; an agent's name stands for its last one.
    Why this seed is told with the terms that were weighed when it was chosen.
    """
    require(may(caller.actor, "overhear"))
    if not argument:
        raise BadInput("Say which thought.", next="thoughts")
    one = _found(house, argument)
    if one is None:
        return Reply([f"{lookup.agent(house, argument)} has had no thought yet."], None)
    chain = house.need(Thoughts).stream.chain(one, CHAIN)
    letters = one.id[-SHORT:]
    lines = [heading(f"THOUGHT {letters} of {one.agent}, {_when(one.at, house.runtime.clock.now())}")]
    lines.append(visible(one.text) if one.text else f"It {_STATES[one.state]}.")
    lines += fields(
        caller,
        (
            (
                "By",
                "reflex: composed from the records, without a model" if one.source == REFLEX else visible(one.source),
            ),
            (
                "Seed",
                visible(f"{one.kind}, of {of_subject(house.need(Known), one.subject, given=bool(one.injected_by))}"),
            ),
            ("Why", visible(f"{who(one.injected_by)} gave it") if one.injected_by else _terms(one.terms)),
            ("Because", visible(one.note)),
            ("States", [visible(f"{text} [{', '.join(records)}]") for text, records in one.records if records]),
        ),
    )
    lines += ["Before it:"] * bool(chain) + [f"  {_line(house, before)}" for before in chain]
    lines.append(
        hint(
            f"thoughts {one.agent}"
            + (f", thought {chain[-1].id[-SHORT:]} follows the chain further back" if chain else "")
        )
    )
    return Reply(lines, as_data(one) | {"chain": [as_data(before) for before in chain]})


def _found(house: House, argument: str) -> Thought | None:
    """The thought that is meant; None for an agent that has had none."""
    names = {*house.roster, *(persona.name.lower() for persona in house.roster.values())}
    if argument.lower() in names:
        return next(iter(house.need(Thoughts).stream.page(lookup.agent(house, argument), 1, 1)[0]), None)
    return house.need(Thoughts).stream.get(argument)


def _when(at: datetime, now: datetime) -> str:
    return f"{moments.day_word(at, now) or 'today'} {clock(at)}"


def _terms(terms: dict[str, float]) -> str:
    if not terms:
        return ""
    told = ", ".join(f"{word} {terms[name]:g}" for name, word in _TERMS.items() if name in terms)
    return f"{told}: {terms.get('score', 0):g} in all, more than any other seed"


@verb(
    "inject",
    syntax="inject <agent> = <thought>",
    help="Give an agent something to think about, before all else that waits.",
    examples=(
        "inject timmy = what makes a door worth opening?",
        "inject timmy = why do we keep a journal?",
        "thoughts reorder timmy 2 1",
    ),
    see=("thoughts", "thought", "task"),
    owner=True,
)
def inject(house: House, caller: Caller, argument: str) -> Reply:
    """Put it into the queue.

    Only the owner can. It is thought about, never obeyed: work is given by `task add`. The first is thought at once,
    further ones twenty seconds apart; the newest stands first, and `thoughts reorder` changes that.
    """
    require(may(caller.actor, "inject"))
    name, found, words = argument.partition("=")
    if not found or not name.strip():
        raise BadInput(
            "Say who shall think, and behind an equals sign what about.", next="inject timmy = what makes a good door"
        )
    slug = lookup.agent(house, name.strip())
    given = house.need(Thoughts).inject(slug, words, caller.actor, caller.via)
    waiting = house.need(Thoughts).stream.waiting[slug]
    told = house.roster[slug].name
    asleep = "" if house.need(Known).able(slug) is not None else f" once somebody wakes {told}"
    lines = [
        f"{told} will think about it{asleep}; {count(waiting, 'thought')} waiting.",
        hint(f"thought {given.id[-SHORT:]}, thoughts {slug}"),
    ]
    return Reply(lines, as_data(given) | {"waiting": waiting})


def as_data(one: Thought) -> dict[str, Any]:
    """A thought as plain data."""
    names = "id agent at parent kind subject terms text source records injected_by state position note"
    return {name: plain_data(getattr(one, name)) for name in names.split()}

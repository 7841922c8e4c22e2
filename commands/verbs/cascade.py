"""Verbs that show the model cascade: where answers come from, and how much of them is made here.

Renders what the model service tells of itself. Refuses to change anything (that is `timmy cascade`), to
invent a figure where the service does not answer, and to show providers' addresses and costs to anybody but the owner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agents.cascade import sovereignty as reckoning
from agents.cascade.told import Report, Sent
from agents.governance.rules import may, require
from agents.kernel.errors import NotFound
from agents.kernel.text import shorten, visible
from agents.language import monitor
from agents.language.monitor import Monitor, Seen
from agents.lineage import tiers
from agents.mind import independence
from commands import grammar, lookup, routing
from commands.layout import plain_data
from commands.verbs import Caller, Reply, verb

if TYPE_CHECKING:
    from agents.house.house import House

SENT = 10
"""How much of what was sent is listed at once."""
BRIEF, WHOLE = 200, 1_000_000
"""Characters of each message in a list, and of one that is shown alone."""


def _asked(house: House, what: str, told: Callable[[Report, dict[str, Any]], Reply]) -> Reply:
    """What `told` makes of a fresh report, or plainly why there is none."""

    def answer(seen: Seen) -> Reply:
        if seen.report is None or seen.status is None:
            return Reply(
                routing.absent(what, seen.why, seen.next), {"running": False, "why": seen.why, "next": seen.next}
            )
        return told(seen.report, seen.status)

    return Reply(rest=house.need(Monitor).ask().addCallback(answer))


@verb(
    "router",
    syntax=(
        "router",
        "router <provider>",
        "router calls",
        "router sent",
        "router sent <agent>",
        "router sent <number>",
    ),
    help="Show the model cascade: every provider, why the last call went where it went, and what left this machine.",
    examples=("router", "router calls", "router sent"),
    see=("sovereignty", "cascade", "status"),
    owner=True,
)
def router(house: House, caller: Caller, argument: str) -> Reply:
    """Providers stand in the order in which they are asked.

    A provider is ready, without a model, left alone (its breaker is open: it failed too often and is tried again
    later), on trial, or off. Of each: its models, how full its server is, how long half and 95 of 100 of its answers
    take, what failed, tokens and cost. `timmy cascade` probes providers, and opens and closes breakers. `router sent`
    lists what was sent to providers that are not on this machine, as it was sent: without what looked like a secret;
    with a number it shows one whole.
    """
    require(may(caller.actor, "policy"))
    first, _, rest = argument.lower().partition(" ")
    if first == "sent":
        return _sent(house, rest)
    now, names = house.runtime.clock.now(), {slug: one.name for slug, one in house.roster.items()}

    def told(report: Report, status: dict[str, Any]) -> Reply:
        data = {"running": True, **status}
        if argument.lower() == "calls":
            return Reply(routing.calls(report, now, names), {"calls": status["calls"]})
        if not argument:
            return Reply(routing.providers(caller, report, now, names), data)
        known = [one.name for one in report.providers]
        found = [name for name in known if name.lower() == argument.lower()] or [
            name for name in known if name.lower().startswith(argument.lower())
        ]
        if len(found) != 1:
            listed = visible(", ".join(found or known)) or "there is none"
            raise NotFound(
                f"No provider is called '{visible(shorten(argument, 40))}'. The providers: {listed}.", next="router"
            )
        index = known.index(found[0])
        return Reply(routing.provider(caller, report, report.providers[index], now, names), status["providers"][index])

    return _asked(house, "ROUTER", told)


def _sent(house: House, words: str) -> Reply:
    """What left this machine: the newest, those of one agent, those before a number, or one whole."""
    name, number = grammar.name_and_number(words, "the number of what was sent")
    before = number is not None and name.split()[-1:] == ["before"]
    name = name.removesuffix("before").strip() if before else name
    slug = lookup.agent(house, name, away=True) if name else ""
    language = house.language()
    if language is None:
        return Reply(routing.absent("SENT", monitor.NONE, "timmy doctor"), {"running": False, "sent": [], "left": 0})
    one = number is not None and not before
    asked = language.sent(slug, number + 1 if one and number else number, 1 if one else SENT, WHOLE if one else BRIEF)

    def told(found: Sent) -> Reply:
        if one and (not found.sent or found.sent[0].n != number):
            raise NotFound(
                f"Nothing with the number {number} is on record as sent; the newest are.", next="router sent"
            )
        now = house.runtime.clock.now()
        lines = routing.sent_whole(found.sent[0], now) if one else routing.sent(found, slug, now)
        return Reply(lines, found.model_dump(mode="json"))

    return Reply(rest=asked.addCallback(told))


@verb(
    "sovereignty",
    syntax=("sovereignty", "sovereignty <agent>"),
    help="Show how much text this machine generates, what would raise that, and an agent's tier.",
    examples=("sovereignty", "sovereignty timmy"),
    see=("router", "agents", "cascade"),
)
def sovereignty(house: House, caller: Caller, argument: str) -> Reply:
    """The score is the share of all tokens made by models that was made on this machine.

    Reflex uses no model, so it counts neither way; while no model was used there is no score. Of an agent also its
    tier is told (basic, enhanced, advanced, mastery), with what the next one needs: a larger model, memory, skills,
    context.
    """
    if not argument:
        return _asked(house, "SOVEREIGNTY", lambda report, status: _all(house, caller, report, status))
    slug = lookup.agent(house, argument)
    return Reply(rest=house.need(Monitor).ask().addCallback(lambda seen: _one(house, caller, slug, seen)))


def _all(house: House, caller: Caller, report: Report, status: dict[str, Any]) -> Reply:
    wishes = independence.wishes(house)
    gaps, raises = reckoning.gaps(report, wishes), reckoning.raises(report, wishes)
    data = {
        "running": True,
        **status["sovereignty"],
        "raises": [asdict(one) for one in raises],
        "agents": [
            {
                "agent": one.wish.slug,
                "score": one.score,
                "tokens_local": one.tokens_local,
                "tokens_all": one.tokens_all,
                "serves": one.serves,
                "to": list(one.to),
            }
            for one in gaps
        ],
    }
    return Reply(routing.score(caller, report, gaps, raises), plain_data(data))


def _one(house: House, caller: Caller, slug: str, seen: Seen) -> Reply:
    having = independence.having(house, slug, seen.report)
    grown, persona = tiers.grown(having), house.roster[slug]
    data: dict[str, Any] = {
        "agent": slug,
        "running": seen.report is not None,
        "tier": grown.tier.name if grown.tier else None,
        "next": grown.next.name if grown.next else None,
        "model": having.model or None,
        "needs": [{"what": need.what, "met": met, "has": need.has(having)} for need, met in grown.needs],
    }
    if seen.report is None:
        lines = [*routing.absent(persona.name.upper(), seen.why, seen.next), *routing.tier(caller, grown, having)]
        return Reply(lines, {**data, "why": seen.why})
    wished = independence.wish(persona)
    gap, raises = reckoning.gap(seen.report, wished), reckoning.of(seen.report, wished)
    data |= {
        "score": gap.score,
        "tokens_local": gap.tokens_local,
        "tokens_all": gap.tokens_all,
        "raises": [asdict(one) for one in raises],
    }
    return Reply(
        routing.agent(caller, seen.report, gap, raises, having, grown, bool(may(caller.actor, "policy"))), data
    )

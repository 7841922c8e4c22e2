"""How the cascade is laid out for a screen: providers, calls, the score, an agent's gap and tier. Pure.

Owns the order and shape of lines; the words are `cascade.showing`'s. All text of others (names, what a provider said)
is made visible here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from agents.cascade import showing
from agents.cascade.sovereignty import Gap, Raise, in_words, percent
from agents.cascade.told import Budget, CallTold, ModelTold, ModelUse, ProviderTold, Report, Sent, SentTold
from agents.kernel.text import shorten, visible
from agents.lineage.tiers import Grown, Having
from commands import moments
from commands.layout import Column, age, clock, fields, heading, hint, one_column, table
from commands.verbs import Caller
from world.screen import HANG, Style, paint
from world.telling import begun

MOST_SAID = 160
DAYS = 14
"""Days of history that are listed; `--json` has all."""
CALLS, MODELS = 20, 20
_STYLES: Mapping[str, Style] = {
    "ready": "good",
    "no model": "warn",
    "left alone": "bad",
    "on trial": "warn",
    "off": "dim",
}


def _said(text: str, most: int = MOST_SAID) -> str:
    return visible(shorten(text, most))


def _condition(one: ProviderTold) -> str:
    word = showing.condition(one)
    return paint(_STYLES[word], word)


def providers(caller: Caller, report: Report, now: datetime, names: Mapping[str, str]) -> list[str]:
    """The providers in their order, those that are off, the strategy, and the last call."""
    lines = [heading(f"ROUTER. {visible(showing.summary(report))}.")]
    told: list[tuple[str, list[str]]] = []
    for one in (one for one in report.providers if one.enabled):
        rest = [
            f"{showing.queue(one)}; {showing.latency(one)}",
            _said("; ".join(filter(None, (showing.traffic(one), showing.used(one))))),
        ]
        if showing.condition(one) != "ready":
            rest.insert(0, _said(showing.breaker(one, now)))
        here = "on this machine" if one.local else "elsewhere"
        told.append((_said(one.name, 30), [f"{_condition(one)}, {here}; {_said(showing.models(one))}", *rest]))
    told.append(
        ("off", [_said(f"{one.name}: {one.why or 'not enabled'}") for one in report.providers if not one.enabled])
    )
    lines += fields(caller, told)
    lines.append(_strategy(report, now))
    if report.recent:
        last = report.recent[0]
        lines += [
            f"Last: {HANG}{_went(last, now, names)}",
            *([f"Why there: {HANG}{_said(showing.way(last), 600)}."] if last.way else []),
        ]
    else:
        lines.append("Nothing was asked yet.")
    lines.append(hint("router <provider>, router calls, sovereignty; timmy cascade probe"))
    return lines


def _strategy(report: Report, now: datetime) -> str:
    told = report.strategy
    since = f", for {age(now, told.since)}" if told.since else ""
    return f"Strategy: {_said(told.state)}{since}{f', because {_said(told.why)}' if told.why else ''}."


def _call(call: CallTold, now: datetime, names: Mapping[str, str]) -> str:
    return f"{clock(call.at)} {HANG}{_went(call, now, names)}"


def _went(call: CallTold, now: datetime, names: Mapping[str, str]) -> str:
    return f"{visible(showing.whose(call, names))} {_said(showing.outcome(call))}, {age(now, call.at)} ago."


def provider(caller: Caller, report: Report, one: ProviderTold, now: datetime, names: Mapping[str, str]) -> list[str]:
    """One provider in detail."""
    able = [word for word, can in sorted(one.abilities.items()) if can]
    lines = [heading(f"{_said(one.name).upper()}. {begun(showing.condition(one))}.")]
    lines += fields(
        caller,
        [
            ("Breaker", _said(showing.breaker(one, now), 400)),
            ("Kind", f"{_said(one.kind)}, {_side(one)}"),
            ("Where", _said(one.where)),
            ("Can", ", ".join(map(visible, able)) or "nothing it tells of"),
            ("Models", [_model(model) for model in one.models[:MODELS]] or "none"),
            ("Queue", showing.queue(one)),
            ("Time", showing.latency(one)),
            ("Asked", _said(showing.traffic(one), 400)),
            ("Used", [showing.used(one), *(_used(use) for use in report.models if use.provider == one.name)]),
        ],
    )
    mine = [call for call in report.recent if one.name in (call.provider, *(step.provider for step in call.way))]
    if mine:
        lines += ["The last calls in which it was considered:", *(f" {_call(call, now, names)}" for call in mine[:5])]
    lines.append(hint(f"timmy cascade probe, timmy cascade open|close {_said(one.name)}"))
    return lines


def _side(one: ProviderTold) -> str:
    return "what it makes is made on this machine" if one.local else "what it is asked leaves this machine"


def _model(model: ModelTold) -> str:
    return _said(", ".join(filter(None, (model.name, showing.what(model), "" if model.local else "made elsewhere"))))


def _used(use: ModelUse) -> str:
    return _said(
        f"{use.model}: {use.requests:,} answered, {use.tokens_in:,} tokens read, {use.tokens_out:,} made, "
        f"cost {showing.money(use.cost)}"
    )


def calls(report: Report, now: datetime, names: Mapping[str, str]) -> list[str]:
    """The last calls, the newest last, each with the way it took."""
    if not report.calls:
        return [heading("CALLS. Nothing was asked yet.")]
    lines = [heading(f"CALLS. The last {len(report.calls[:CALLS])}, the newest below.")]
    for call in reversed(report.recent[:CALLS]):
        lines.append(_call(call, now, names))
        lines += [f"  {_said(showing.way(call), 600)}"] if len(call.way) > 1 or call.fault else []
    return lines


def sent(found: Sent, slug: str, now: datetime) -> list[str]:
    """What left this machine, the newest below, each with the beginning of its last words."""
    of = f" for {visible(slug)}" if slug else ""
    if not found.sent:
        return [heading(f"SENT. Nothing{of} left this machine, or it is longer ago than is kept.")]
    lines = [heading(f"SENT{of}. What left this machine, the newest below; secrets were taken out before.")]
    for one in reversed(found.sent):
        lines.append(
            f"{paint('key', str(one.n))} {_when(one.at, now)} {HANG}{_sent(one)}: "
            f"{_said(one.messages[-1][1] if one.messages else '', 160)}"
        )
    older = (
        f"; router sent {f'{slug} ' if slug else ''}before {found.sent[-1].n} goes on, {found.left} older"
        if found.left
        else ""
    )
    return [*lines, hint(f"router sent {found.sent[0].n} shows one whole{older}")]


def sent_whole(one: SentTold, now: datetime) -> list[str]:
    """One of it, every word."""
    lines = [heading(f"SENT {one.n}, {_when(one.at, now)}: {_sent(one)}")]
    for role, words in one.messages:
        lines += [f"{paint('key', visible(role))}:", *(f"  {visible(line)}" for line in words.split("\n"))]
    return lines


def _sent(one: SentTold) -> str:
    count = len(one.messages)
    return _said(
        f"{one.agent} to {one.provider}, {one.model}, {count} message{'' if count == 1 else 's'} of "
        f"{one.size:,} characters"
    )


def _when(at: datetime, now: datetime) -> str:
    return f"{moments.day_word(at, now)} {clock(at)}".strip()


def score(caller: Caller, report: Report, gaps: Sequence[Gap], raises: Sequence[Raise]) -> list[str]:
    """The score, its history by day, what would raise it, each agent's gap."""
    lines = [heading(f"SOVEREIGNTY. {visible(showing.score(report))}.")]
    days = report.sovereignty.history[-DAYS:]
    if days:
        lines.append("By day:")
        lines += table(
            caller,
            (Column("", 10), Column("", 11), Column("", fill=True)),
            [
                (str(day.day), percent(day.score), f"{day.tokens_local:,} of {day.tokens_all:,} tokens here")
                for day in days
            ],
        )
    lines += raising(raises, report.sovereignty.score)
    lines.append("Agents:")
    lines += table(
        caller,
        (Column("", 16, style="name"), Column("", 11), Column("", fill=True)),
        [(one.wish.name, percent(one.score), in_words(one)) for one in gaps],
    )
    lines.append(hint("sovereignty <agent>, router; what reflex says uses no model and counts for nothing here"))
    return lines


def raising(raises: Sequence[Raise], score: float | None) -> list[str]:
    """What would raise the score, with what to do."""
    if not raises:
        return [
            "Nothing would raise it: everything was generated on this machine."
            if score == 1
            else "Nothing prevents the first token from being generated here."
        ]
    lines = ["What would raise it:"]
    for number, one in enumerate(raises, 1):
        to = f" (the score would be {percent(one.score)})" if one.score is not None else ""
        lines.append(f" {number} {HANG}{_said(one.said, 300)}. {_said(one.do, 300)}{to}.")
    return lines


def agent(
    caller: Caller, report: Report, one: Gap, raises: Sequence[Raise], having: Having, grown: Grown, whole: bool
) -> list[str]:
    """One agent: its score, its models, its tier and what the next needs; `whole`: also its budget and
    its last call.
    """
    used = report.agent(one.wish.slug) if whole else None
    last = one.last if whole else None
    lines = [heading(f"{visible(one.wish.name).upper()}. Sovereignty {percent(one.score)}: {visible(in_words(one))}.")]
    lines += fields(
        caller,
        [
            ("Model", _said(having.model) or "none can be asked now"),
            ("Prefers", _said(", ".join(one.wish.models))),
            ("Remote", _said(", ".join(one.wish.remote)) or "none enabled: nothing of this agent's leaves the machine"),
            ("Budget", _budget(used.budget) if used else ""),
            ("Last out", _said(showing.outcome(last)) if last else ""),
            ("Why", _said(showing.way(last), 600) if last else ""),
        ],
    )
    lines += raising(raises, one.score) if raises else []
    return [*lines, *tier(caller, grown, having)]


def _budget(one: Budget) -> str:
    of_tokens = f" of {one.tokens:,}" if one.tokens is not None else ""
    of_money = f" of {showing.money(one.money)}" if one.money is not None else ""
    return (
        f"{one.spent_tokens:,}{of_tokens} tokens and {showing.money(one.spent_money)}{of_money} of money used "
        f"elsewhere today"
    )


def tier(caller: Caller, grown: Grown, having: Having) -> list[str]:
    """The tier, and the needs of the next, each with what there is."""
    lines = [
        f"Tier: {grown.tier.name if grown.tier else 'none yet'}."
        + (f" Next is {grown.next.name}, which needs:" if grown.next else " There is none above it.")
    ]
    for need, met in grown.needs:
        there = "met" if met else "lacking"
        if one_column(caller):
            lines.append(f"{need.what}: {there} ({_said(need.has(having))})")
        else:
            lines.append(
                f" {paint('good' if met else 'warn', f'{there:<8}')} {HANG}{need.what} ({_said(need.has(having))})"
            )
    return lines


def absent(what: str, why: str, next: str) -> list[str]:
    """That there is no report, why, and what to do."""
    return [heading(f"{what}. {_said(why, 400)}"), f"Try: {paint('key', visible(next))}"]

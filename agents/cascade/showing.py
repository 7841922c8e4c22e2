"""The cascade's report in words: one wording for the game, its rooms, the command line and the web.

Owns the sentences, made from the report alone. Pure. Contains no layout, colour or links, and nothing that the
figures do not say: what was not measured is shown as not measured. Its sentences contain other people's text, which
the caller must make visible.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from agents.cascade.sovereignty import percent
from agents.cascade.told import Breaker, CallTold, ModelTold, Percentiles, ProviderTold, Report

PURPOSES = {"talk": "conversation", "thought": "thought", "other": "request"}


def condition(one: ProviderTold) -> str:
    """A provider's state in one word or two."""
    if not one.enabled:
        return "off"
    if one.breaker.state == "half-open":
        return "on trial"
    if one.breaker.state == "open" or (one.models and not one.ready):
        return "left alone"
    return "ready" if one.models else "no model"


def breaker(one: ProviderTold, now: datetime) -> str:
    """The breaker, with what opened it and when it is tried again; for a provider that is off or without a model also
    why.
    """
    if not one.enabled:
        return f"not asked{f': {one.why}' if one.why else ''}"
    broke = _breaker(one.breaker, now)
    models = "".join(
        f"; {model.name} by itself: {_breaker(model.breaker, now)}"
        for model in one.models
        if model.breaker.state != "closed"
    )
    tells = "its models are those it last listed" if one.models else "it lists no model"
    return broke + models + (f"; {tells}: {one.why}" if one.why and one.breaker.state == "closed" else "")


def _breaker(broke: Breaker, now: datetime) -> str:
    last = broke.last_fault + (f" ({broke.last_said})" if broke.last_said else "")
    if broke.state == "closed":
        return "closed, so it is asked" + (
            f"; {broke.failures} failed in a row, the last: {last}" if broke.failures else ""
        )
    if broke.state == "half-open":
        return f"half-open, one request tries it; last fault: {last or 'none given'}"
    if broke.again_at is None:
        return "open until it is closed by hand"
    return f"open, tried again {_ahead(broke.again_at, now)}; last fault: {last or 'none given'}"


def _ahead(at: datetime, now: datetime) -> str:
    left = (at - now).total_seconds()
    return f"in {length(left)}" if left > 0 else "at the next request"


def length(seconds: float) -> str:
    """A duration in one figure: `42 ms`, `0.3 s`, `42 s`, `12 min`, `3 h`."""
    if seconds < 0.1:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _percentiles(measured: Percentiles) -> str:
    if measured.p50 is None:
        return ""
    tail = f" (95 %: {length(measured.p95 / 1000)})" if measured.p95 is not None else ""
    return length(measured.p50 / 1000) + tail


def latency(one: ProviderTold) -> str:
    """Half of the answers began, and ended, within the first figure; 95 of 100 within the second."""
    told = (("begins after", _percentiles(one.latency_ms.first)), ("done after", _percentiles(one.latency_ms.whole)))
    return ", ".join(f"{word} {measured}" for word, measured in told if measured) or "no times measured yet"


def queue(one: ProviderTold) -> str:
    """How busy its server is."""
    waiting = f", {one.queue.waiting} waiting" if one.queue.waiting else ""
    return f"{one.queue.running} of {one.queue.slots} slots busy{waiting}"


def faults(one: ProviderTold) -> str:
    """How many requests failed, and how."""
    if not sum(one.faults.values()):
        return "none failed"
    kinds = ", ".join(
        f"{kind} {number}"
        for kind, number in sorted(one.faults.items(), key=lambda kind: (-kind[1], kind[0]))
        if number
    )
    return f"{sum(one.faults.values()):,} failed: {kinds}"


def traffic(one: ProviderTold) -> str:
    """How many it answered, and how many failed."""
    return f"{one.requests:,} answered, {faults(one)}" if one.requests or one.faults else "not asked yet"


def money(amount: float) -> str:
    """A sum in the unit of the configured prices: four places, without trailing zeros."""
    return f"{amount:.4f}".rstrip("0").rstrip(".") if amount else "0"


def used(one: ProviderTold) -> str:
    """Tokens and their cost; '' for a provider that was not used."""
    if not one.requests:
        return ""
    return f"{one.tokens_in:,} tokens read, {one.tokens_out:,} made, cost {money(one.cost)}"


def size(octets: int) -> str:
    """Size of a model's file; '' if unknown, or if the file only names a model elsewhere."""
    return f"{octets / 1e9:.1f} GB" if octets >= 1e8 else f"{octets / 1e6:.1f} MB" if octets >= 1e5 else ""


def what(model: ModelTold) -> str:
    """What a model is, as far as its server says: `qwen2, 1.5B, Q4_K_M, 1.0 GB, 32,768 tokens of context`."""
    parts = (
        model.family,
        parameters(model.parameters),
        model.quantisation,
        size(model.size),
        f"{model.context:,} tokens of context" if model.context else "",
    )
    return ", ".join(filter(None, parts))


def parameters(count: int) -> str:
    """`1.5B`, `137M`; '' if unknown."""
    return f"{count / 1e9:.3g}B" if count >= 999_500_000 else f"{count / 1e6:.3g}M" if count else ""


def models(one: ProviderTold, most: int = 3) -> str:
    """The first models it has."""
    more = f" and {len(one.models) - most} more" if len(one.models) > most else ""
    return ", ".join(model.name for model in one.models[:most]) + more or "no model"


def whose(call: CallTold, names: Mapping[str, str]) -> str:
    """`Timmy's thought`."""
    what = PURPOSES.get(call.purpose, call.purpose or "request")
    return f"{names.get(call.agent, call.agent)}'s {what}" if call.agent else f"another program's {what}"


def outcome(call: CallTold) -> str:
    """Who answered, with what, how long it took and how much it was; or that nobody did."""
    took = f" in {length(call.ms / 1000)}" if call.ms is not None else ""
    if call.fault or not call.provider:
        return f"not answered ({call.fault or 'no provider could'}){took}"
    where = "here" if call.local else "elsewhere"
    return (
        f"answered {where} by {call.provider}, {call.model}{took}, {call.tokens_in:,} tokens read and "
        f"{call.tokens_out:,} made"
    )


def way(call: CallTold) -> str:
    """The providers considered, in order, and what was said about each."""
    return "; ".join(
        f"{step.provider}: {step.said}{f' [{step.fault}]' if step.fault and step.fault not in step.said else ''}"
        for step in call.way
    )


def summary(report: Report) -> str:
    """The cascade in one sentence: who can answer."""
    enabled = [one for one in report.providers if one.enabled]
    ready = [one for one in enabled if one.ready]
    if not enabled:
        return "No provider is enabled, so everyone answers by reflex"
    if not ready:
        return (
            f"{'The one provider cannot' if len(enabled) == 1 else f'None of {len(enabled)} providers can'} "
            f"answer now, so everyone answers by reflex"
        )
    return f"{len(ready)} of {_count(len(enabled), 'provider')} ready, {ready[0].name} first"


def score(report: Report) -> str:
    """The score with its basis."""
    told = report.sovereignty
    if told.score is None:
        return "No score yet: no model has written a word"
    return (
        f"{percent(told.score)} of what models wrote, {told.tokens_local:,} of {told.tokens_all:,} tokens, was "
        f"made on this machine"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"

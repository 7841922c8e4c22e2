"""The Ollama Sanctum: the model cascade and each provider, as reported by the model service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.cascade import showing
from agents.cascade.told import Report
from agents.governance.rules import Actor
from world.functions import Lines, RoomFunction, _cascade
from world.telling import listed

if TYPE_CHECKING:
    from agents.house.house import House


def _headline(house: House, viewer: Actor) -> str:
    def told(report: Report) -> str:
        running = sum(one.queue.running for one in report.providers)
        waiting = sum(one.queue.waiting for one in report.providers)
        return (
            f"{showing.summary(report)}; {running or 'no'} answer{'' if running == 1 else 's'} being made, "
            f"{waiting or 'none'} waiting"
        )

    return _cascade.headline(house, told)


def _dials(house: House, viewer: Actor) -> Lines:
    def told(report: Report) -> Lines:
        now = house.runtime.clock.now()
        dials = [
            f"{one.name}: {showing.condition(one)}, {'here' if one.local else 'elsewhere'}; "
            f"{showing.queue(one)}; {showing.latency(one)}; {showing.traffic(one)}"
            + (f"; {showing.breaker(one, now)}" if showing.condition(one) != "ready" else "")
            for one in report.providers
            if one.enabled
        ]
        off = [one.name for one in report.providers if not one.enabled]
        return [*(dials or ["No provider is enabled."]), *([f"Off: {listed(off)}."] if off else [])]

    return _cascade.detail(house, told)


def _bays(house: House, viewer: Actor) -> Lines:
    def told(report: Report) -> Lines:
        held = [(one.name, model) for one in report.providers if one.enabled for model in one.models if model.local]
        return [", ".join(filter(None, (f"{name}: {model.name}", showing.what(model)))) for name, model in held] or [
            "The bays are empty: no model is on this machine."
        ]

    return _cascade.detail(house, told)


def _floor(house: House, viewer: Actor) -> Lines:
    def told(report: Report) -> Lines:
        names = {slug: one.name for slug, one in house.roster.items()}
        return [f"{showing.whose(call, names)}: {showing.outcome(call)}" for call in reversed(report.recent[:5])] or [
            "Nothing was asked yet."
        ]

    return _cascade.detail(house, told)


FUNCTION = RoomFunction(
    "sanctum",
    _headline,
    help="Where models answer. `look dial` reads each provider (its breaker, how full it is, how long it takes, what "
    "failed), `look bay` the models on this machine, `look tile` the last answers; the owner's `router` has it all.",
    details={"dial": _dials, "needle": _dials, "bay": _bays, "rack": _bays, "tile": _floor},
)

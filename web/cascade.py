"""The page of the model cascade: for the owner, with what `router` and `sovereignty` show in the game.

Owns the page's content and who may read it. Never touches the world from a web thread: everything is gathered on
the world's own, a few pages at a time; visitors in the meantime see what was read last, with its time.
"""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

from django.contrib.auth.mixins import UserPassesTestMixin
from django.views.generic import TemplateView
from twisted.internet.defer import Deferred, succeed

from agents.cascade import showing, sovereignty
from agents.cascade.told import CallTold, ProviderTold, Report
from agents.governance.rules import may
from agents.kernel.text import shorten, visible
from agents.language.monitor import Monitor, Seen
from agents.lineage import tiers
from agents.mind import independence
from typeclasses.actors import actor_of
from web.asking import on_the_worlds_thread
from world.functions import running
from world.telling import begun

if TYPE_CHECKING:
    from agents.house.house import House

Context = dict[str, Any]
LONGEST = 300
_asking = BoundedSemaphore(2)
"""Web threads are few, and a service that hangs blocks those who wait for it."""


class Router(UserPassesTestMixin, TemplateView):
    """Providers, score, agents and calls, as of a moment ago."""

    template_name = "website/router.html"

    def test_func(self) -> bool:
        """Only for the owner, like `router`; others have to log in, or are refused."""
        user = self.request.user
        return bool(user.is_authenticated and may(actor_of(user), "policy"))

    def get_context_data(self, **kwargs: Any) -> Context:
        """With a new report, or the reason why there is none."""
        return super().get_context_data(**_gathered(), **kwargs)


def _gathered() -> Context:
    house = running()
    if house is None:
        return {"why": "The world is still starting.", "next": "timmy status"}
    fresh = _asking.acquire(blocking=False)
    try:
        return on_the_worlds_thread(lambda: _asked(house, fresh))
    finally:
        if fresh:
            _asking.release()


def _asked(house: House, fresh: bool) -> Deferred[Context]:
    asked: Deferred[Any] = house.need(Monitor).ask() if fresh else succeed(house.need(Monitor).latest)
    return asked.addCallback(lambda seen: _told(house, seen))


def _told(house: House, seen: Seen | None) -> Context:
    if seen is None:
        return {"why": "Others are reading the state just now.", "next": "load this page again"}
    if seen.report is None:
        return {"why": _said(seen.why), "next": seen.next, "at": seen.at}
    report, names = seen.report, {slug: one.name for slug, one in house.roster.items()}
    return {
        "at": seen.at,
        "summary": _said(showing.summary(report)),
        "score": showing.score(report),
        "share": report.sovereignty.score,
        "strategy": _strategy(report),
        "providers": [_provider(one, house) for one in report.providers if one.enabled],
        "off": [{"name": _said(one.name), "why": _said(one.why)} for one in report.providers if not one.enabled],
        "days": [
            {
                "day": day.day,
                "score": sovereignty.percent(day.score),
                "share": day.score,
                "local": f"{day.tokens_local:,}",
                "all": f"{day.tokens_all:,}",
            }
            for day in reversed(report.sovereignty.history)
        ],
        "raises": [_raise(one) for one in sovereignty.raises(report, independence.wishes(house))],
        "agents": [_agent(one, report, house) for one in sovereignty.gaps(report, independence.wishes(house))],
        "calls": [_call(call, names) for call in report.recent],
    }


def _said(text: str) -> str:
    return visible(shorten(text, LONGEST))


def _strategy(report: Report) -> Context:
    return {"state": _said(report.strategy.state), "since": report.strategy.since, "why": _said(report.strategy.why)}


def _provider(one: ProviderTold, house: House) -> Context:
    return {
        "name": _said(one.name),
        "state": showing.condition(one),
        "here": one.local,
        "where": _said(one.where),
        "breaker": _said(showing.breaker(one, house.runtime.clock.now())),
        "models": [_said(model.name) for model in one.models],
        "queue": showing.queue(one),
        "latency": showing.latency(one),
        "traffic": _said(showing.traffic(one)),
        "used": showing.used(one),
    }


def _raise(one: sovereignty.Raise) -> Context:
    return {
        "said": _said(one.said),
        "do": _said(one.do),
        "score": sovereignty.percent(one.score) if one.score is not None else "",
    }


def _agent(one: sovereignty.Gap, report: Report, house: House) -> Context:
    told: Context = {
        "name": _said(one.wish.name),
        "score": sovereignty.percent(one.score),
        "local": f"{one.tokens_local:,}",
        "all": f"{one.tokens_all:,}",
        "remote": [_said(name) for name in one.wish.remote],
    }
    if one.wish.slug in house.roster:
        having = independence.having(house, one.wish.slug, report)
        stands = tiers.grown(having)
        told |= {
            "model": _said(having.model),
            "tier": stands.tier.name if stands.tier else "none yet",
            "next": stands.next.name if stands.next else "",
            "lacking": [f"{need.what} ({_said(need.has(having))})" for need in stands.lacking],
        }
    if used := report.agent(one.wish.slug):
        told["cost"] = showing.money(used.cost)
    return told


def _call(call: CallTold, names: dict[str, str]) -> Context:
    return {
        "at": call.at,
        "whose": begun(_said(showing.whose(call, names))),
        "outcome": _said(showing.outcome(call)),
        "way": _said(showing.way(call)),
    }

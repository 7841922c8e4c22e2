"""The state of the cascade as plain data, as in `/status`.

Owns its form. Stores nothing: it reads roster, health and store.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from agents.cascade.roster import Entry, Missing
from agents.cascade.store import percentile

if TYPE_CHECKING:
    from agents.cascade.cascade import Cascade


def status(cascade: Cascade) -> dict[str, Any]:
    """Everything, in JSON types."""
    store, health = cascade.store, cascade.health
    used, faults, running = store.by_provider(), store.faults(), cascade.route.running()
    providers = [
        _missing(one) if isinstance(one, Missing) else _provider(cascade, one, used, faults, running)
        for one in cascade.roster.all
    ]
    state, why = health.strategy
    return {
        "since": instant(cascade.since),
        "providers": providers,
        "calls": dated(store.calls()),
        "models": store.by_model(),
        "agents": _agents(cascade),
        "sovereignty": _sovereignty(cascade),
        "strategy": {
            "state": state.value,
            "since": instant(health.since),
            "why": why,
            "history": [{**row, "at": instant(row["at"])} for row in store.strategies()],
        },
    }


def dated(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with their times as text."""
    return [{**row, "at": instant(row["at"])} for row in rows]


def sent(rows: list[dict[str, Any]], longest: int) -> list[dict[str, Any]]:
    """What left the machine, with at most `longest` characters of each message, and their total number."""
    return [
        {
            **row,
            "size": sum(len(words) for _, words in row["messages"]),
            "messages": [[role, words[:longest]] for role, words in row["messages"]],
        }
        for row in dated(rows)
    ]


def instant(seconds: float | None) -> str | None:
    """The time as text, in UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _provider(
    cascade: Cascade,
    entry: Entry,
    used: dict[str, dict[str, Any]],
    faults: dict[str, dict[str, int]],
    running: dict[str, tuple[int, int]],
) -> dict[str, Any]:
    breaker = cascade.health.breaker(entry.name)
    models = entry.fixed if entry.fixed is not None else entry.models or ()
    first, whole = cascade.store.milliseconds(entry.name)
    by_model = cascade.store.first_by_model(entry.name)
    sums, busy = used.get(entry.name, {}), running.get(entry.name, (0, 0))
    return {
        "name": entry.name,
        "kind": entry.kind,
        "local": entry.local,
        "enabled": True,
        "where": entry.where,
        "why": entry.why,
        "abilities": asdict(entry.provider.abilities),
        "breaker": _breaker(breaker),
        "models": [
            {
                **asdict(model),
                "breaker": _breaker(cascade.health.breaker(entry.name, model.name)),
                "first_ms": percentile(by_model.get(model.name, ()), 0.5),
                "answers": len(by_model.get(model.name, ())),
            }
            for model in models
        ],
        "default": entry.default,
        "queue": {"slots": cascade.health.width(entry.name), "running": busy[0], "waiting": busy[1]},
        "latency_ms": {"first": _shares(first), "whole": _shares(whole)},
        "requests": sums.get("requests", 0),
        "faults": faults.get(entry.name, {}),
        "tokens_in": sums.get("tokens_in", 0),
        "tokens_out": sums.get("tokens_out", 0),
        "cost": round(sums.get("cost", 0.0), 6),
    }


def _missing(one: Missing) -> dict[str, Any]:
    """A provider that the settings name and that is unavailable: in the same form, with the reason."""
    nothing = {"p50": None, "p95": None}
    return {
        "name": one.name,
        "kind": one.name,
        "local": False,
        "enabled": False,
        "where": "",
        "why": one.why,
        "abilities": {},
        "breaker": {"state": "closed", "failures": 0, "again_at": None, "last_fault": "", "last_said": ""},
        "models": [],
        "default": "",
        "queue": {"slots": 0, "running": 0, "waiting": 0},
        "latency_ms": {"first": nothing, "whole": nothing},
        "requests": 0,
        "faults": {},
        "tokens_in": 0,
        "tokens_out": 0,
        "cost": 0.0,
    }


def _breaker(breaker: Any) -> dict[str, Any]:
    return {
        "state": breaker.state.value,
        "failures": breaker.failures,
        "again_at": instant(breaker.again_at or None),
        "last_fault": breaker.last_fault,
        "last_said": breaker.last_said,
    }


def _shares(values: list[float]) -> dict[str, float | None]:
    return {"p50": percentile(values, 0.5), "p95": percentile(values, 0.95)}


def _agents(cascade: Cascade) -> list[dict[str, Any]]:
    rows = []
    for row in cascade.store.by_agent():
        limit, used = cascade.purse.limit(row["agent"]), cascade.store.used(cascade.purse.today, row["agent"])
        rows.append(
            {
                **row,
                "cost": round(row["cost"], 6),
                "budget": {
                    "tokens": limit.tokens,
                    "money": limit.money,
                    "spent_tokens": used.tokens,
                    "spent_money": round(used.money, 6),
                },
            }
        )
    return rows


def _sovereignty(cascade: Cascade) -> dict[str, Any]:
    local, every = cascade.store.tokens()
    days = [{**day, "score": _score(day["tokens_local"], day["tokens_all"])} for day in cascade.store.by_day()]
    return {"score": _score(local, every), "tokens_local": local, "tokens_all": every, "days": days}


def _score(local: int, every: int) -> float | None:
    """The share of tokens made on this machine; None if there are none."""
    return round(local / every, 4) if every else None

"""The cascade's figures for Prometheus.

Owns their names. Counts nothing itself: the figures come from the tables, so they survive a restart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from agents.cascade.breaker import State

if TYPE_CHECKING:
    from agents.cascade.cascade import Cascade

_STATES = {State.CLOSED: 0, State.HALF_OPEN: 1, State.OPEN: 2}


def text(cascade: Cascade) -> bytes:
    """All figures, in Prometheus's format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(cascade))
    return generate_latest(registry)


class _Figures:
    def __init__(self, cascade: Cascade) -> None:
        self._cascade = cascade

    def collect(self) -> Iterable[Metric]:
        """One family after the other."""
        cascade = self._cascade
        requests = CounterMetricFamily(
            "timmy_cascade_requests", "questions answered", labels=("provider", "model", "local")
        )
        tokens = CounterMetricFamily(
            "timmy_cascade_tokens", "tokens shown and made", labels=("provider", "model", "way")
        )
        cost = CounterMetricFamily("timmy_cascade_cost", "money spent", labels=("provider", "model"))
        for row in cascade.store.by_model():
            key = (row["provider"], row["model"])
            requests.add_metric((*key, str(bool(row["local"])).lower()), row["requests"])
            tokens.add_metric((*key, "in"), row["tokens_in"])
            tokens.add_metric((*key, "out"), row["tokens_out"])
            cost.add_metric(key, row["cost"])
        agents = CounterMetricFamily("timmy_cascade_agent_tokens", "tokens made for an agent", labels=("agent",))
        for row in cascade.store.by_agent():
            agents.add_metric((row["agent"],), row["tokens_out"])
        faults = CounterMetricFamily("timmy_cascade_faults", "failures by kind", labels=("provider", "kind"))
        for provider, kinds in cascade.store.faults().items():
            for kind, times in kinds.items():
                faults.add_metric((provider, kind), times)
        breakers = GaugeMetricFamily("timmy_cascade_breaker", "0 closed, 1 half-open, 2 open", labels=("provider",))
        queues = GaugeMetricFamily(
            "timmy_cascade_queue", "questions with a provider, and waiting for it", labels=("provider", "state")
        )
        running = cascade.route.running()
        for name in cascade.roster.entries:
            breakers.add_metric((name,), _STATES[cascade.health.breaker(name).state])
            for state, number in zip(("running", "waiting"), running.get(name, (0, 0)), strict=True):
                queues.add_metric((name, state), number)
        return requests, tokens, cost, agents, faults, breakers, queues

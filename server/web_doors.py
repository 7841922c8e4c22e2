"""Endpoints on the web port for machines: /health for anybody, /metrics and /metrics-portal for the owner's
monitoring.

Owns who may read them and what they answer. /health is the Portal's, so that it answers while the Server is down,
and says only ok or not; /metrics-portal has what the Portal knows about itself and the wire. Only this machine gets
the metrics or, if a token is set, only requests with that token.
"""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import Any

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from twisted.web.resource import Resource

from agents.kernel.settings import current
from server.settings import ServerSettings


class Health(Resource):
    """200 `ok` while the world is ready, otherwise 503 `not ok`."""

    isLeaf = True

    def render_GET(self, request: Any) -> bytes:
        """Ask the Portal's guard."""
        from server.portal_guard import GUARD

        request.setHeader(b"content-type", b"text/plain; charset=utf-8")
        request.setHeader(b"cache-control", b"no-store")
        ready = bool(GUARD.status()["ready"])
        request.setResponseCode(200 if ready else 503)
        return b"ok\n" if ready else b"not ok\n"


class Metrics(Resource):
    """One process's figures in Prometheus's format."""

    isLeaf = True

    def __init__(self, figures: Any) -> None:
        """`figures` collects what there is in addition to memory, processor and files."""
        super().__init__()
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._registry.register(figures)

    def render_GET(self, request: Any) -> bytes:
        """The figures, or 403 for those who may not read them."""
        if not admitted(
            request.getClientAddress().host,
            request.getHeader(b"authorization") or b"",
            current().of(ServerSettings).metrics_token,
        ):
            request.setResponseCode(403)
            request.setHeader(b"content-type", b"text/plain; charset=utf-8")
            return b"not for you\n"
        request.setHeader(b"content-type", CONTENT_TYPE_LATEST.encode())
        return generate_latest(self._registry)


def admitted(address: str, authorization: bytes | str, token: str) -> bool:
    """Whether the metrics may be read: with the token if one is set, otherwise only from this machine."""
    if token:
        given = authorization.encode() if isinstance(authorization, str) else authorization
        return hmac.compare_digest(given, f"Bearer {token}".encode())
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


class Figures:
    """A collector over `server.vitals`; it runs on the Server's thread."""

    def describe(self) -> list[Metric]:
        """Nothing in advance: the figures are gathered on request."""
        return []

    def collect(self) -> list[Metric]:
        """All current figures; only `timmy_up` while the world is not composed."""
        from server import composition, vitals

        running = composition.running()
        up = GaugeMetricFamily("timmy_up", "1 while the world is composed", value=float(running is not None))
        if running is None or running.house is None:
            return [up]
        return [up, *families(vitals.inside(running.house, running.records))]


class WireFigures:
    """A collector of what the Portal knows about the wire."""

    def describe(self) -> list[Metric]:
        """Nothing in advance."""
        return []

    def collect(self) -> list[Metric]:
        """All current figures."""
        from server.wire.admission import GATES, REFUSALS

        refused = CounterMetricFamily("timmy_refused", "What was refused on the wire", labels=["what"])
        for what, count in REFUSALS.counts.items():
            refused.add_metric([what], count)
        return [
            GaugeMetricFamily(
                "timmy_connections",
                "Open connections by telnet, websocket and web",
                value=sum(gate.here.total() for gate in GATES.values()),
            ),
            refused,
        ]


def families(now: dict[str, Any]) -> list[Metric]:
    """The figures of `server.vitals` in Prometheus's units: seconds and bytes."""

    def by(name: str, help: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
        made = GaugeMetricFamily(name, help, labels=[label])
        for key, value in values.items():
            made.add_metric([key], value)
        return made

    def one(name: str, help: str, value: float) -> GaugeMetricFamily:
        return GaugeMetricFamily(name, help, value=value)

    minds = now["minds"]
    return [
        one("timmy_records_writable", "1 while the database can be written", float(now["records"]["ok"])),
        by(
            "timmy_reactor_lag_seconds",
            "How late the Server's thread was in the last two minutes",
            "quantile",
            {name: ms / 1000 for name, ms in now["lag_ms"].items()},
        ),
        by(
            "timmy_minds",
            "Minds by state",
            "state",
            {key: minds[key] for key in ("seated", "awake", "paused", "aside", "failing")},
        ),
        one("timmy_longest_visit_seconds", "The longest visit of a mind since the start", minds["longest_ms"] / 1000),
        CounterMetricFamily("timmy_visits", "Visits of minds", value=minds["visits"]),
        CounterMetricFamily("timmy_late_visits", "Visits of minds that came over a second late", value=minds["late"]),
        by("timmy_tasks", "Tasks by status", "status", now["tasks"]),
        one("timmy_approvals_waiting", "Approvals without a verdict", now["approvals_waiting"]),
        one("timmy_logins_waiting", "Passwords waiting to be checked", now["logins_waiting"]),
        by("timmy_bytes", "Disk space that files take", "what", now["bytes"]),
        CounterMetricFamily("timmy_errors", "Errors caught, of all kinds on record", value=now["errors_total"]),
        _beats(now["parts"]),
        _figures(now["parts"]),
        CounterMetricFamily("timmy_clock_jumps", "Jumps of the machine's clock", value=now["clock"]["jumps"]),
    ]


def _beats(parts: dict[str, Any]) -> Metric:
    made = GaugeMetricFamily("timmy_beat_seconds", "How long the beats of a part take", labels=["part", "quantile"])
    for name, one in parts.items():
        for quantile, ms in one["beat_ms"].items():
            made.add_metric([name, quantile], ms / 1000)
    return made


def _figures(parts: dict[str, Any]) -> Metric:
    made = GaugeMetricFamily("timmy_part", "Figures from the parts of the house", labels=["part", "what"])
    for part, one in parts.items():
        for what, value in one["figures"].items():
            if isinstance(value, (int, float)):
                made.add_metric([part, what], value)
    return made


def at_webproxy_root_creation(root: Any) -> Any:
    """Called by the engine in the Portal."""
    root.putChild(b"health", Health())
    root.putChild(b"metrics-portal", Metrics(WireFigures()))
    return root


def at_webserver_root_creation(root: Any) -> Any:
    """Called by the engine in the Server."""
    from server.wire import http
    from server.wire.proxy import PassedRequest

    http.bound(http.BoundedChannel, PassedRequest)
    root.putChild(b"metrics", Metrics(Figures()))
    return root

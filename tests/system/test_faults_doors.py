"""/health and /metrics on the web port: what monitoring reads of a running world."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable

from prometheus_client.parser import text_string_to_metric_families

from tests.system.harness import World, until


def fetch(world: World, path: str, **headers: str) -> tuple[int, str]:
    """The status and text of a page; 0 when nobody answers."""
    asked = urllib.request.Request(f"http://127.0.0.1:{world.ports['web']}{path}", headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return 0, ""


def test_metrics_are_prometheus_and_tell_the_truth(world: World) -> None:
    assert fetch(world, "/health") == (200, "ok\n")
    code, text = fetch(world, "/metrics")
    assert code == 200
    found = {(s.name, *s.labels.values()): s.value for f in text_string_to_metric_families(text) for s in f.samples}
    assert found[("timmy_up",)] == 1
    assert found[("timmy_minds", "seated")] == len(world.status()["agents"])
    assert found[("timmy_records_writable",)] == 1
    assert found[("timmy_reactor_lag_seconds", "p99")] >= 0
    assert found[("timmy_bytes", "database")] > 0
    assert ("timmy_late_visits_total",) in found
    told = fetch(world, "/metrics", **{"X-Forwarded-For": "192.0.2.1"})
    assert told[0] == 200, "who asks is told by the Portal, not by himself"
    code, text = fetch(world, "/metrics-portal", **{"X-Forwarded-For": "192.0.2.1"})
    assert code == 200, "the Portal knows by the connection who asks"
    assert "timmy_connections " in text and "process_resident_memory_bytes" in text


def test_with_a_token_only_who_has_it_reads_and_health_tells_of_an_outage(fresh_world: Callable[..., World]) -> None:
    world = fresh_world(metrics_token="s3cret-of-the-owner")
    assert fetch(world, "/metrics")[0] == 403
    assert fetch(world, "/metrics", Authorization="Bearer wrong")[0] == 403
    assert fetch(world, "/metrics", Authorization="Bearer s3cret-of-the-owner")[0] == 200
    assert fetch(world, "/metrics-portal")[0] == 403
    assert fetch(world, "/metrics-portal", Authorization="Bearer s3cret-of-the-owner")[0] == 200
    old = world.kill("server")
    until(lambda: fetch(world, "/health") == (503, "not ok\n"), "an outage is told")
    world.back("server", old)
    until(lambda: fetch(world, "/health") == (200, "ok\n"), "it is over")

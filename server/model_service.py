"""What `timmy doctor` finds about the model service: asked over its own HTTP, and each problem with its remedy.

Owns the request from outside the world, and the findings. Uses the standard library for HTTP. Does not guess: a
service that does not answer, or answers in another form, is reported as such; whether it runs at all is checked
with the processes.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from agents.cascade import showing, told
from agents.cascade.told import ProviderTold, Report
from agents.kernel import location
from agents.kernel.errors import Unavailable
from agents.kernel.text import shorten, visible
from server import cascading, locks, ports
from server.finding import Finding

SECONDS, MOST_BYTES, LONGEST = 5.0, 8_000_000, 200
RESTART = "timmy stop; timmy run"
PROBE = "timmy cascade probe"


def findings() -> Iterator[Finding]:
    """The state of this world's service; nothing while the world is down, because then it is not supposed to run."""
    if locks.holder(location.run_dir(), "supervisor") is None:
        return
    port = ports.of(ports.base())["cascade"]
    try:
        report = told.read(status(port, cascading.token(port, location.state_dir())))
    except Unavailable as error:
        log = location.log_dir() / "cascade.log"
        yield Finding(
            "model service",
            "note",
            f"{error.message} Until then everyone answers by reflex.",
            f"read {log}; {error.next or RESTART}",
        )
        return
    yield Finding("model service", "ok", f"127.0.0.1:{port}, {_said(showing.summary(report))}")
    yield from of(report)


def status(port: int, token: str) -> Any:
    """What the service on `port` reports. Raises Unavailable, which says why there is no report."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/status", headers={"Authorization": f"Bearer {token}"})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(asked, timeout=SECONDS) as answer:
            return json.loads(answer.read(MOST_BYTES))
    except urllib.error.HTTPError as error:
        error.close()
        why = "it rejects this world's token" if error.code in (401, 403) else f"it answered with status {error.code}"
    except (OSError, http.client.HTTPException) as error:
        why = str(getattr(error, "reason", "") or error or type(error).__name__)
    except (ValueError, RecursionError):
        why = "its answer is not JSON"
    raise Unavailable(
        f"The model service at 127.0.0.1:{port} gives no status: {visible(shorten(why, LONGEST))}.",
        next=RESTART,
    )


def listens(port: int) -> bool:
    """Whether the service on `port` answers."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        link.request("GET", "/healthz")
        return link.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def of(report: Report) -> Iterator[Finding]:
    """The findings for each provider."""
    off = [f"{one.name} ({one.why or 'not enabled'})" for one in report.providers if not one.enabled]
    for one in report.providers:
        if one.enabled and (found := _of(one)) is not None:
            yield found
    if off:
        yield Finding("models off", "ok", _said("; ".join(off), 600))


def _of(one: ProviderTold) -> Finding | None:
    what, state = f"models {_said(one.name, 40)}", showing.condition(one)
    if state == "ready":
        return Finding(what, "ok", f"{_said(showing.models(one))}; {_said(showing.traffic(one))}")
    last = one.breaker.last_said or one.breaker.last_fault
    if one.breaker.last_fault == "denied":
        return Finding(
            what,
            "note",
            f"left alone: it rejects the key ({_said(last)})",
            f"set TIMMY_{one.name.upper()}_KEY again; {RESTART}",
        )
    if state == "no model" and one.local and not one.why:
        return Finding(what, "note", "it runs but has no model", f"ollama pull qwen2.5:1.5b; {PROBE}")
    by_hand = one.breaker.state == "open" and one.breaker.again_at is None
    mend = (
        f"timmy cascade close {one.name}"
        if by_hand
        else f"make sure {one.name} is running; {PROBE}"
        if one.local
        else PROBE
    )
    why = "its breaker was opened by hand" if by_hand else one.why or last or "its models are left alone"
    return Finding(what, "note", f"{state}: {_said(why)}", visible(mend))


def _said(text: str, most: int = LONGEST) -> str:
    return visible(shorten(text, most))

"""The cascade as the world sees it: a report as `/status` tells it, a language that hands it out, and a small
server that speaks that part of its HTTP.
"""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed

from agents.kernel.errors import Unavailable

TOKEN = "a-token-for-tests"


def provider(name: str, **more: Any) -> dict[str, Any]:
    """One provider's part of a report: ready, on this machine, not asked yet."""
    told = {
        "name": name,
        "kind": name,
        "local": True,
        "enabled": True,
        "where": "http://127.0.0.1:11434",
        "abilities": {"chat": True, "embed": True, "json": True},
        "breaker": {"state": "closed", "failures": 0, "again_at": None, "last_fault": "", "last_said": ""},
        "models": [{"name": "qwen2.5:1.5b", "local": True, "context": 32768, "size": 986_061_892, "family": "qwen2"}],
        "queue": {"slots": 4, "running": 0, "waiting": 0},
        "latency_ms": {"first": {"p50": None, "p95": None}, "whole": {"p50": None, "p95": None}},
        "requests": 0,
        "faults": {},
        "tokens_in": 0,
        "tokens_out": 0,
        "cost": 0.0,
    }
    return told | more


def broken(name: str, **more: Any) -> dict[str, Any]:
    """A provider whose breaker is open."""
    breaker = {
        "state": "open",
        "failures": 5,
        "again_at": "2026-04-01T12:00:40Z",
        "last_fault": "dead",
        "last_said": "nothing listens at 127.0.0.1:11434",
    }
    return provider(name, breaker=breaker, **more)


def call(agent: str, provider: str, at: str, **more: Any) -> dict[str, Any]:
    """One call that was answered."""
    told = {
        "at": at,
        "id": f"{agent}-{at}",
        "agent": agent,
        "purpose": "thought",
        "provider": provider,
        "model": "qwen2.5:1.5b",
        "local": True,
        "ms": 2100.0,
        "tokens_in": 310,
        "tokens_out": 88,
        "fault": "",
        "way": [{"provider": provider, "said": "taken", "fault": ""}],
    }
    return told | more


def agent(slug: str, local: int, elsewhere: int, **more: Any) -> dict[str, Any]:
    """What one agent used: tokens made here, and elsewhere."""
    budget = {"tokens": 20000, "money": None, "spent_tokens": elsewhere, "spent_money": 0.02}
    return {
        "agent": slug,
        "requests": 3,
        "tokens_in": 700,
        "tokens_out": local + elsewhere,
        "tokens_local": local,
        "cost": 0.02,
        "budget": budget,
        **more,
    }


def quiet() -> dict[str, Any]:
    """A cascade that was never asked: one provider, ready."""
    return {
        "since": "2026-04-01T11:00:00Z",
        "providers": [provider("ollama")],
        "calls": [],
        "agents": [],
        "sovereignty": {"score": None, "tokens_local": 0, "tokens_all": 0, "days": []},
        "strategy": {"state": "acceleration", "since": "2026-04-01T11:00:00Z", "why": "", "history": []},
    }


def busy() -> dict[str, Any]:
    """A cascade in the midst of things: Ollama down, a cloud that answers for Ezra, one provider off."""
    cloud = provider(
        "kimi",
        kind="openai",
        local=False,
        where="https://models.example/v1",
        models=[{"name": "moonshot-v1-32k", "local": False, "context": 32768, "size": 0, "family": ""}],
        queue={"slots": 2, "running": 1, "waiting": 3},
        requests=120,
        faults={"limited": 2, "silent": 1},
        tokens_in=9000,
        tokens_out=3400,
        cost=0.1234,
        latency_ms={"first": {"p50": 320.0, "p95": 1240.0}, "whole": {"p50": 2100.0, "p95": 61000.0}},
    )
    file = provider(
        "llamacpp",
        models=[{"name": "phi3:3.8b", "local": True, "context": 4096, "size": 2_300_000_000, "family": "phi3"}],
    )
    off = provider(
        "claude", kind="openai", local=False, enabled=False, models=[], where="", why="TIMMY_CLAUDE_KEY is not set"
    )
    way = [
        {"provider": "ollama", "said": "left alone: its breaker is open", "fault": "dead"},
        {"provider": "llamacpp", "said": "does not hold answers to a schema", "fault": ""},
        {"provider": "kimi", "said": "taken", "fault": ""},
    ]
    return quiet() | {
        "providers": [broken("ollama", requests=40, faults={"dead": 5}), file, cloud, off],
        "calls": [
            call("timmy", "llamacpp", "2026-04-01T11:58:00Z", model="phi3:3.8b"),
            call("ezra", "kimi", "2026-04-01T11:59:00Z", local=False, model="moonshot-v1-32k", purpose="talk", way=way),
            call(
                "timmy",
                "",
                "2026-04-01T11:57:00Z",
                model="",
                fault="busy",
                ms=12.0,
                local=False,
                tokens_in=0,
                tokens_out=0,
                way=[{"provider": "llamacpp", "said": "has no place now", "fault": "busy"}],
            ),
        ],
        "agents": [agent("timmy", 3000, 0), agent("ezra", 1000, 4000)],
        "sovereignty": {
            "score": 0.5,
            "tokens_local": 4000,
            "tokens_all": 8000,
            "days": [
                {"day": "2026-04-01", "score": 0.46667, "tokens_local": 3500, "tokens_all": 7500},
                {"day": "2026-03-31", "score": 1.0, "tokens_local": 500, "tokens_all": 500},
            ],
        },
        "strategy": {
            "state": "fallback",
            "since": "2026-04-01T11:30:00Z",
            "why": "kimi asked to wait",
            "history": [{"n": 2, "at": "2026-04-01T11:30:00Z", "state": "fallback", "why": "kimi asked to wait"}],
        },
        "models": [
            {
                "provider": "kimi",
                "model": "moonshot-v1-32k",
                "local": 0,
                "requests": 120,
                "tokens_in": 9000,
                "tokens_out": 3400,
                "cost": 0.1234,
            }
        ],
    }


class Told:
    """A language that can be asked for its report alone, and counts how often it was. `say` may be an error; with
    `held` its answers wait until `answer` is called.
    """

    def __init__(self, say: object, held: bool = False) -> None:
        self.say, self.held, self.asked = say, held, 0
        self._waiting: list[Deferred[Any]] = []

    def status(self) -> Deferred[dict[str, Any]]:
        self.asked += 1
        if self.held:
            self._waiting.append(Deferred())
            return self._waiting[-1]
        return fail(self.say) if isinstance(self.say, Exception) else succeed(copy.deepcopy(self.say))

    def answer(self) -> None:
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.errback(self.say) if isinstance(self.say, Exception) else one.callback(copy.deepcopy(self.say))


DOWN = Unavailable("The model service does not answer.", next="timmy doctor")


class Handler(BaseHTTPRequestHandler):
    """Answers `/status` to who has the token."""

    def do_GET(self) -> None:
        said: Any = self.server.say  # type: ignore[attr-defined]
        self.server.asked.append((self.path, self.headers.get("Authorization")))  # type: ignore[attr-defined]
        right = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        code = 200 if right and self.path == "/status" else 404 if right else 401
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        body = body if code == 200 else b'{"error": "no"}'
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def stand_in(port: int, say: object) -> Iterator[ThreadingHTTPServer]:
    """A service on `port` that tells `say` (JSON, or bytes as they are) to whoever has the token."""
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.say, server.asked = say, []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

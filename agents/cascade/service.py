"""The cascade over HTTP, on loopback: the OpenAI protocol, its state, and what its owner may do to it.

Owns the routes, who may use them and the size of requests. Refuses requests without the token before reading
anything else of them; decides nothing about questions.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agents.cascade import metrics, report, wire
from agents.cascade.cascade import Cascade
from agents.cascade.stream import Telling
from agents.kernel import ids
from agents.kernel.errors import BadInput, NotFound, TimmyError
from agents.kernel.randomness import system

_log = logging.getLogger("timmy.cascade")
LARGEST_BODY = 1_000_000
DRAINED, DRAIN_SECONDS = 256_000_000, 10.0
"""How much of an oversized body is read and discarded, and for how long, so that its sender gets the reason."""
ATTEND_SECONDS = 5.0
Handler = Callable[[Request], Awaitable[ASGIApp]]


class Gone(Exception):
    """The asker has disconnected."""


def app(cascade: Cascade, token: str, metrics_token: str = "") -> ASGIApp:
    """The ASGI application. `metrics_token`: whoever has it may read the metrics, and nothing else."""
    service = Service(cascade)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        attending = asyncio.create_task(service.attend())
        yield
        attending.cancel()
        with suppress(asyncio.CancelledError):
            await attending
        await cascade.close()

    def route(path: str, handler: Handler, *methods: str) -> Route:
        return Route(path, _answering(handler), methods=list(methods) or ["GET"])

    routes = [
        route("/healthz", service.healthz),
        route("/metrics", service.metrics),
        route("/status", service.status),
        route("/v1/models", service.models),
        route("/v1/models/{name:path}", service.model),
        route("/v1/chat/completions", service.chat, "POST"),
        route("/v1/embeddings", service.embeddings, "POST"),
        route("/v1/running/{id}", service.running),
        route("/v1/running/{id}", service.cancel, "DELETE"),
        route("/probe", service.probe, "POST"),
        route("/breakers/{name}/{do}", service.breaker, "POST"),
        route("/sent", service.sent),
        route("/calls", service.calls),
    ]
    made = Starlette(routes=routes, lifespan=lifespan, exception_handlers={404: _no_such, 405: _no_such})
    return Guarded(Bounded(made), token, metrics_token)  # who shows no token is told so before his size is looked at


class Service:
    """The handlers of the routes."""

    def __init__(self, cascade: Cascade) -> None:
        self.cascade = cascade
        self._random = system()

    async def attend(self) -> None:
        """Look for providers that appear or return, and delete old records, as long as the service runs."""
        while True:
            try:
                self.cascade.attend()
            except Exception:  # noqa: BLE001  the next look may do
                _log.exception("looking after the providers failed")
            await asyncio.sleep(ATTEND_SECONDS)

    async def healthz(self, request: Request) -> Response:
        """Whether the service is up."""
        return JSONResponse({"ok": True})

    async def metrics(self, request: Request) -> Response:
        """Figures for Prometheus."""
        return Response(metrics.text(self.cascade), media_type="text/plain; version=0.0.4")

    async def status(self, request: Request) -> Response:
        """The whole state."""
        return JSONResponse(report.status(self.cascade))

    async def sent(self, request: Request) -> Response:
        """What left this machine, newest first:
        `?agent=timmy&before=number&most=20&longest=characters`, all optional.
        """
        asked = wire.asked(wire.Sent, request.query_params)
        rows, left = self.cascade.store.sent(asked.agent, asked.before, asked.most)
        return JSONResponse({"sent": report.sent(rows, asked.longest), "left": left})

    async def calls(self, request: Request) -> Response:
        """One agent's questions within a span of time: `?agent=timmy&since=…&until=…`, in seconds since 1970."""
        asked = wire.asked(wire.Stretch, request.query_params)
        return JSONResponse(
            {"calls": report.dated(self.cascade.store.calls_of(asked.agent, asked.since, asked.until, asked.most))}
        )

    async def models(self, request: Request) -> Response:
        """Every model of every provider; `timmy` is whichever the cascade chooses."""
        return JSONResponse({"object": "list", "data": await self._models()})

    async def model(self, request: Request) -> Response:
        """One of them."""
        name = request.path_params["name"]
        for model in await self._models():
            if model["id"] == name:
                return JSONResponse(model)
        raise NotFound(f"There is no model {name}.")

    async def _models(self) -> list[dict[str, Any]]:
        await self.cascade.roster.all_met()
        rows = [{"id": wire.OURS, "object": "model", "created": 0, "owned_by": "cascade", "local": True}]
        for entry in self.cascade.roster.entries.values():
            rows += [
                {
                    "id": f"{entry.name}/{model.name}",
                    "object": "model",
                    "created": 0,
                    "owned_by": entry.name,
                    "local": model.local,
                }
                for model in entry.fixed or entry.models or ()
            ]
        return rows

    async def chat(self, request: Request) -> ASGIApp:
        """A question, answered whole or streamed. A question that the asker has numbered continues
        after a disconnect.
        """
        asked = wire.chat(wire.read(await request.body()), self._new_id())
        id = asked.question.id
        run = self.cascade.ask(asked.question, asked.sampling)
        left = _nothing if asked.numbered else lambda: self.cascade.cancel(id)
        return Telling(run, id, self._now(), stream=asked.stream, usage=asked.usage, left=left)

    async def running(self, request: Request) -> ASGIApp:
        """The answer with an id: what there is of it, and the rest as it arrives."""
        id = request.path_params["id"]
        return Telling(self.cascade.find(id), id, self._now(), stream=True, usage=False, left=_nothing)

    async def cancel(self, request: Request) -> Response:
        """The answer is no longer wanted."""
        self.cascade.cancel(request.path_params["id"])
        return Response(status_code=204)

    async def embeddings(self, request: Request) -> Response:
        """Vectors of texts."""
        question, texts, encoding = wire.embed(wire.read(await request.body()), self._new_id())
        found, choice = await _unless_gone(request, self.cascade.embed(question, texts))
        encode = _base64 if encoding == "base64" else list
        return JSONResponse(wire.vectors(found, choice.model.name, encode))

    async def probe(self, request: Request) -> Response:
        """Query every provider's models now."""
        await self.cascade.roster.probe()
        return JSONResponse(report.status(self.cascade))

    async def breaker(self, request: Request) -> Response:
        """Open or close a provider's breaker by hand."""
        name, do = request.path_params["name"], request.path_params["do"]
        if name not in self.cascade.roster.entries:
            raise NotFound(
                f"There is no provider {name}; there are: {', '.join(self.cascade.roster.entries) or 'none'}."
            )
        if do not in ("open", "close"):
            raise BadInput("A breaker is opened or closed: /breakers/<provider>/open or …/close.")
        self.cascade.health.by_hand(name, open=do == "open")
        return JSONResponse(report.status(self.cascade))

    def _now(self) -> int:
        return int(self.cascade.clock.now().timestamp())

    def _new_id(self) -> str:
        return ids.new_id(self.cascade.clock, self._random)


def _nothing() -> None:
    """Keep the connection."""


def _base64(row: tuple[float, ...]) -> str:
    return base64.b64encode(struct.pack(f"<{len(row)}f", *row)).decode()


async def _unless_gone[T](request: Request, wanted: Coroutine[Any, Any, T]) -> T:
    """The result of `wanted`; if the asker disconnects first, it is cancelled and Gone raised."""

    async def hung_up() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    doing, watching = asyncio.create_task(wanted), asyncio.create_task(hung_up())
    try:
        await asyncio.wait({doing, watching}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            raise Gone
        return doing.result()
    finally:
        for task in (doing, watching):
            task.cancel()
        await asyncio.gather(doing, watching, return_exceptions=True)


def _answering(handler: Handler) -> Handler:
    """A handler whose refusals become responses."""

    async def answer(request: Request) -> ASGIApp:
        try:
            return await handler(request)
        except Gone:
            return Response(status_code=499)  # nobody reads it
        except TooLarge:
            return _too_large()
        except TimmyError as error:
            status, body = wire.failure(error)
            return JSONResponse(body, status)
        except Exception as error:  # noqa: BLE001  a fault of ours: whoever asked hears of it in the words that he reads
            _log.exception("%s %s failed", request.method, request.url.path)
            return JSONResponse(wire.failure(TimmyError(f"the cascade failed: {type(error).__name__}"))[1], 500)

    return answer


async def _no_such(request: Request, error: Exception) -> Response:
    return _refusal(
        getattr(error, "status_code", 404), f"There is no {request.method} {request.url.path} here.", "not_found"
    )


def _refusal(status: int, message: str, code: str) -> Response:
    kind = "authentication_error" if status == 401 else "invalid_request_error"
    return JSONResponse({"error": {"message": message, "type": kind, "param": None, "code": code}}, status)


# -- access and limits ---------------------------------------------------------------------------


class Guarded:
    """Admits requests with the token."""

    def __init__(self, inner: ASGIApp, token: str, metrics_token: str) -> None:
        self._inner, self._tokens = inner, (token, metrics_token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and not self._may(scope):
            refusal = _refusal(
                401,
                "Show the token of this world's cascade: Authorization: Bearer <token>; it is in the file "
                "cascade-token in the state folder.",
                "invalid_api_key",
            )
            refusal.headers["WWW-Authenticate"] = "Bearer"
            refusal.headers["Connection"] = "close"  # otherwise whatever else is sent would be read and discarded
            return await refusal(scope, receive, send)
        return await self._inner(scope, receive, send)

    def _may(self, scope: Scope) -> bool:
        if scope["path"] == "/healthz":
            return True
        shown = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        kind, _, value = shown.partition(b" ")
        known = self._tokens if scope["path"] == "/metrics" else self._tokens[:1]
        return kind.lower() == b"bearer" and any(
            one and hmac.compare_digest(value.strip(), one.encode()) for one in known
        )


class TooLarge(Exception):
    """A request exceeds the size limit."""


class Bounded:
    """Refuses bodies that are too large: at once where that is announced, else when more has come."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return await self._inner(scope, receive, send)
        if any(name == b"content-length" and int(value) > LARGEST_BODY for name, value in scope["headers"]):
            return await _refuse_at_once(receive, send)
        size = 0

        async def bounded() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > LARGEST_BODY:
                await _drain(receive, message)
                raise TooLarge
            return message

        return await self._inner(scope, bounded, send)


def _too_large() -> Response:
    return _refusal(413, f"A request has at most {LARGEST_BODY:,} bytes.", "too_large")


async def _refuse_at_once(receive: Receive, send: Send) -> None:
    """Send all of the answer before reading any of the body, so that the client may stop sending. The connection stays
    open for a client that reads nothing until it has sent everything: closed with bytes unread, it would be reset, and
    the answer lost (RFC 9112, 9.6).
    """
    told = _too_large()
    headers = [*told.raw_headers, (b"connection", b"close")]
    await send({"type": "http.response.start", "status": told.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": told.body, "more_body": True})
    await _drain(receive, await receive())
    await send({"type": "http.response.body", "body": b""})


async def _drain(receive: Receive, message: Message) -> None:
    left = DRAINED
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while message.get("more_body") and left > 0:
                message = await receive()
                left -= len(message.get("body", b""))

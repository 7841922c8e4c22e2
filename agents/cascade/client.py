"""How the world queries the cascade: over HTTP on loopback, with answers as they arrive.

Owns the port `Language` and its one real implementation. Never answers itself: if the cascade is not running, is
silent or says that nobody can answer, the asker is told at once. An answer whose connection is lost continues in
the cascade, and can be found again by its id.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlencode

from pydantic import BaseModel
from treq.client import HTTPClient
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectError, ConnectionLost
from twisted.internet.protocol import Protocol as Receiver
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.client import Agent, HTTPConnectionPool, ResponseDone, ResponseFailed

from agents.cascade import wire
from agents.cascade.ports import Answer, Question
from agents.cascade.refusal import NoAnswer
from agents.cascade.told import Calls, Sent, read_as
from agents.kernel.errors import BadInput, Conflict, NotFound, TimmyError

LARGEST = 8_000_000
"""Maximum number of bytes read of one answer."""
CONNECT_SECONDS = 2.0
ANSWER_SECONDS, TELL_SECONDS, RECORD_SECONDS = 900.0, 30.0, 5.0
"""How long the service may be silent, in seconds: during an answer (see `patience`), when it reports its state or
cancels an answer, and when somebody waits to read its records.
"""
IDLE_SECONDS = 4
"""How long a connection is kept for the next question, in seconds: the service closes its own after five."""
Heard = Callable[[str], None]


class Language(Protocol):
    """The world's access to models. Errors: `NoAnswer` (an `Unavailable`) if nobody can answer, with the `way`;
    NotFound if the cascade does not know an id.
    """

    def ask(self, question: Question, heard: Heard) -> Deferred[Answer]:
        """The answer; `heard` gets its text as it arrives. Cancelling the Deferred ends the
        listening, not the answer.
        """
        ...

    def resume(self, id: str, heard: Heard) -> Deferred[Answer]:
        """The running or finished answer with this id; `heard` gets all of its text from the beginning."""
        ...

    def cancel(self, id: str) -> Deferred[None]:
        """The answer with this id is no longer wanted; succeeds even if there is none."""
        ...

    def status(self) -> Deferred[dict[str, Any]]:
        """The state of the cascade, as given by `/status`."""
        ...

    def calls(self, agent: str, since: datetime, until: datetime, most: int) -> Deferred[Calls]:
        """The first `most` questions of an agent that ended within a span of time."""
        ...

    def sent(self, agent: str, before: int | None, most: int, longest: int) -> Deferred[Sent]:
        """What last left the machine, for an agent ('': for all), before the entry with that number; so many
        characters of each message.
        """
        ...


class CascadeClient:
    """This world's cascade. One reactor, whose thread calls everything."""

    def __init__(self, port: int, token: Callable[[], str], reactor: Any, patience: float = ANSWER_SECONDS) -> None:
        """`token`: reads it again at each request, because the cascade creates it when it first starts. `patience`:
        seconds for which an answer may be silent, before its first byte or later; longer than the service waits for
        a turn and for all providers.
        """
        self._base, self._token, self._reactor, self._patience = f"http://127.0.0.1:{port}", token, reactor, patience
        self._pool: Any = HTTPConnectionPool(reactor, persistent=True)  # type: ignore[no-untyped-call]
        self._pool.cachedConnectionTimeout = IDLE_SECONDS
        agent: Any = Agent(reactor, connectTimeout=CONNECT_SECONDS, pool=self._pool)  # type: ignore[no-untyped-call]
        self._http = HTTPClient(agent)

    def ask(self, question: Question, heard: Heard) -> Deferred[Answer]:
        """See `Language`."""
        return Deferred.fromCoroutine(
            self._stream("POST", "/v1/chat/completions", question.id, heard, wire.told(question))
        )

    def resume(self, id: str, heard: Heard) -> Deferred[Answer]:
        """See `Language`."""
        return Deferred.fromCoroutine(self._stream("GET", f"/v1/running/{id}", id, heard))

    def cancel(self, id: str) -> Deferred[None]:
        """See `Language`."""
        return Deferred.fromCoroutine(self._cancel(id))

    def status(self) -> Deferred[dict[str, Any]]:
        """See `Language`."""
        return Deferred.fromCoroutine(self._status())

    def calls(self, agent: str, since: datetime, until: datetime, most: int) -> Deferred[Calls]:
        """See `Language`."""
        return Deferred.fromCoroutine(
            self._told(Calls, "/calls", agent=agent, since=since.timestamp(), until=until.timestamp(), most=most)
        )

    def sent(self, agent: str, before: int | None, most: int, longest: int) -> Deferred[Sent]:
        """See `Language`."""
        only = {"before": before} if before is not None else {}
        return Deferred.fromCoroutine(self._told(Sent, "/sent", agent=agent, most=most, longest=longest, **only))

    def close(self) -> Deferred[None]:
        """Close idle connections."""
        closed: Deferred[None] = self._pool.closeCachedConnections()
        return closed

    async def _cancel(self, id: str) -> None:
        with suppress(NotFound):
            await self._request("DELETE", f"/v1/running/{id}", _Whole)

    async def _status(self) -> dict[str, Any]:
        return _object(await self._request("GET", "/status", _Whole))

    async def _told[T: BaseModel](self, form: type[T], path: str, **query: object) -> T:
        return read_as(
            form, _object(await self._request("GET", f"{path}?{urlencode(query)}", _Whole, patience=RECORD_SECONDS))
        )

    async def _stream(
        self, method: str, path: str, id: str, heard: Heard, body: Mapping[str, Any] | None = None
    ) -> Answer:
        answer: Answer = await self._request(method, path, lambda done: _Events(id, heard, done), body, self._patience)
        return answer

    async def _request(
        self,
        method: str,
        path: str,
        receiver: Callable[[Deferred[Any]], _Body],
        body: Mapping[str, Any] | None = None,
        patience: float = TELL_SECONDS,
    ) -> Any:
        """What `receiver` makes of a successful response; otherwise raises the refusal. After `patience` seconds
        without a byte the connection is closed, and the caller is told.
        """
        headers: dict[bytes | str, bytes | str] = {
            "Authorization": f"Bearer {self._token()}",
            "Content-Type": "application/json",
        }
        data = None if body is None else json.dumps(body).encode()
        asking: Deferred[Any] = self._http.request(
            method, self._base + path, headers=headers, data=data, unbuffered=True
        )
        with self._limit(patience, asking.cancel) as limit:
            try:
                response = await asking
            except (ConnectError, ConnectionLost, ResponseFailed, CancelledError) as error:
                if not limit.active():
                    raise _silent(patience) from None
                if isinstance(error, CancelledError):
                    raise
                raise NoAnswer("This world's model service is not running or does not answer.", fault="dead") from None
            good = 200 <= response.code < 300
            done: Deferred[Any] = Deferred(lambda _: reading.hang_up())
            reading = (receiver if good else _Whole)(done)
            reading.alive = lambda: limit.reset(patience)
        with self._limit(patience, lambda: reading.fail(_silent(patience))) as limit:
            response.deliverBody(reading)
            found = await done
        if good:
            return found
        raise _refusal(response.code, _object(found))

    @contextmanager
    def _limit(self, seconds: float, then: Callable[[], object]) -> Iterator[Any]:
        """Call `then` unless the block ends first."""
        limit = self._reactor.callLater(seconds, then)
        try:
            yield limit
        finally:
            if limit.active():
                limit.cancel()


class _Body(Receiver):
    """Receives a body within its limit; `done` fires at its end."""

    def __init__(self, done: Deferred[Any]) -> None:
        self.done, self.size = done, 0
        self.alive: Callable[[], None] = lambda: None
        """Called whenever more arrives."""

    def dataReceived(self, data: bytes) -> None:
        """More data."""
        self.size += len(data)
        if self.done.called:
            return None
        self.alive()
        if self.size > LARGEST:
            return self.fail(NoAnswer(f"the model service sent more than {LARGEST:,} bytes"))
        try:
            self.take(data)
        except Exception as error:  # noqa: BLE001  whoever listens failed, or what was sent is not its protocol
            self.fail(error)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """No more data."""
        if not self.done.called:
            if isinstance(reason.value, ResponseDone):
                self.ended()
            else:
                self.done.errback(
                    NoAnswer("The connection to the model service was lost in the middle of an answer.", fault="cut")
                )

    def fail(self, why: Exception) -> None:
        """Stop reading."""
        if not self.done.called:
            self.done.errback(why)
        self.hang_up()

    def hang_up(self) -> None:
        """Close the connection."""
        transport: Any = self.transport
        if transport is not None:
            (getattr(transport, "abortConnection", None) or transport.loseConnection)()

    def take(self, data: bytes) -> None:
        """A part of the body."""
        raise NotImplementedError

    def ended(self) -> None:
        """The body is complete."""
        raise NotImplementedError


class _Whole(_Body):
    def __init__(self, done: Deferred[bytes]) -> None:
        super().__init__(done)
        self._parts: list[bytes] = []

    def take(self, data: bytes) -> None:
        self._parts.append(data)

    def ended(self) -> None:
        self.done.callback(b"".join(self._parts))


class _Events(_Body):
    """Reads an answer from server-sent events."""

    def __init__(self, id: str, heard: Heard, done: Deferred[Answer]) -> None:
        super().__init__(done)
        self._id, self._heard = id, heard
        self._rest = b""
        self._text: list[str] = []
        self._answer: Answer | None = None

    def take(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b"data: ") and line != b"data: [DONE]":
                self._event(json.loads(line[6:]))

    def _event(self, event: Any) -> None:
        if "error" in event:
            raise NoAnswer(
                str(event["error"]["message"]),
                wire.steps(event.get("timmy", {}).get("way")),
                fault=str(event["error"].get("code", "")),
            )
        for choice in event["choices"]:
            if text := choice["delta"].get("content"):
                self._text.append(text)
                self._heard(text)
        if (told := event.get("timmy")) is not None:
            self._answer = Answer(
                self._id,
                "".join(self._text),
                told["provider"],
                told["model"],
                told["local"],
                told["tokens_in"],
                told["tokens_out"],
                told["cut"],
                wire.steps(told["way"]),
            )

    def ended(self) -> None:
        if self._answer is not None:
            self.done.callback(self._answer)
        else:
            self.done.errback(NoAnswer("The model service cut an answer off before its end.", fault="cut"))


def _silent(seconds: float) -> NoAnswer:
    return NoAnswer(
        f"This world's model service is running but has said nothing for {seconds:g} seconds.", fault="silent"
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise NoAnswer("The model service answered in an unknown protocol.")
    return value


def _refusal(code: int, told: Mapping[str, Any]) -> TimmyError:
    """The error for an unsuccessful response."""
    error = told.get("error") or {}
    message, way = (
        str(error.get("message", f"the model service answered with {code}")),
        wire.steps(told.get("timmy", {}).get("way")),
    )
    kind: type[TimmyError] | None = {404: NotFound, 409: Conflict, 413: BadInput, 400: None if way else BadInput}.get(
        code
    )
    return kind(message) if kind is not None else NoAnswer(message, way, status=code, fault=str(error.get("code", "")))

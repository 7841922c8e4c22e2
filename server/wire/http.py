"""Requests within limits: the largest body, the time for a request to arrive, and its required form.

Owns the channel and request of both web servers, the Portal's (`server.wire.web`), which reads a request completely
before it passes it on, and the Server's (`server.wire.proxy`), and the words of a refusal. A refused request is
answered and closed, and nothing more of it is read. Twisted itself limits the size of headers.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from evennia.server import webserver
from twisted.internet import reactor
from twisted.web.http import HTTPChannel
from twisted.web.server import Request

from agents.kernel.settings import current
from server.settings import ServerSettings
from server.wire import requests
from web.hosts import ours

LENGTH_HEADER = 60  # bytes that a Content-Length may take with its name
WORDS = {
    400: b"This is no request that can be answered here.\n",
    405: b"There is nothing here that is done by this method.\n",
    408: b"The request took too long to come.\n",
    431: b"The head of the request is too large.\n",
}


def answer(status: bytes, text: bytes) -> bytes:
    """A complete plain-text response that ends its connection."""
    return b"HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n%s" % (status, text)


def unavailable(text: bytes) -> bytes:
    """503, for a newcomer when there is no room."""
    return answer(b"503 Service Unavailable", text)


class BoundedRequest(Request):
    """A request whose body stops at the limit, and which is checked before it is processed."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.room = current().of(ServerSettings).web_body_kb * 1000

    def gotLength(self, length: int | None) -> None:
        """The length that the client announced, if it did."""
        super().gotLength(length)
        if length is not None and length > self.room:
            self._too_large()

    def handleContentChunk(self, data: bytes) -> None:
        """Part of the body."""
        self.room -= len(data)
        if self.room >= 0:
            super().handleContentChunk(data)
        else:
            self._too_large()

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """It is complete. Twisted would also parse forms, which is up to the pages."""
        self.content.seek(0, 0)
        self.args: dict[bytes, list[bytes]] = {}
        self.method, self.uri, self.clientproto, self.path = command, path, version, path.partition(b"?")[0]
        status, what = requests.wrong(command, path, self.stated(), ours)
        if status:
            self.channel.refuse(status, what)
        else:
            self.process()

    def stated(self) -> requests.Headers:
        """Its headers, by lower-case name."""
        return {name.lower(): values for name, values in self.requestHeaders.getAllRawHeaders()}

    def _too_large(self) -> None:
        text = b"A request has at most %d kB.\n" % current().of(ServerSettings).web_body_kb
        self.channel.refuse(413, "web body too large", text)


class BoundedChannel(HTTPChannel):
    """A connection of a web port."""

    stranger = True  # while no request is being answered
    refused = False
    _begun = False  # whether part of the next request is here
    _timer: Any = None

    # -- in time ---------------------------------------------------------------------------
    def connectionMade(self) -> None:
        """A new connection: its first request is awaited."""
        self.timeOut = None  # Twisted's own, which each byte would extend
        super().connectionMade()
        self._await(current().of(ServerSettings).web_head_seconds)

    def allHeadersReceived(self) -> None:
        """The head is complete: its body is awaited."""
        self._await(current().of(ServerSettings).web_body_seconds)
        super().allHeadersReceived()

    def allContentReceived(self) -> None:
        """The request is complete, and will be answered."""
        self._await(0)
        self.stranger = False
        super().allContentReceived()

    def requestDone(self, request: Any) -> None:
        """It has been answered: the next one is awaited. A request sent earlier is not: pipelined requests, which no
        browser sends, would be answered without regard to the allowance.
        """
        if any(self._dataBuffer):
            self.persistent = False
        self.stranger, self._begun = True, False
        self._await(current().of(ServerSettings).web_head_seconds)
        super().requestDone(request)

    def connectionLost(self, reason: Any) -> None:
        """The connection is gone."""
        self._await(0)
        super().connectionLost(reason)

    def _await(self, seconds: float) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = reactor.callLater(seconds, self._late) if seconds else None

    def _late(self) -> None:
        if self._begun:
            self.refuse(408, "slow request")
        else:  # nothing was requested, so nothing is answered
            self.refused = True
            self.loseConnection()

    # -- what is refused -------------------------------------------------------------------
    def refuse(self, status: int, what: str, text: bytes = b"") -> None:
        """Answer, count, close, and read no more."""
        if self.refused:
            return
        self.refused = True
        self._await(0)
        self.note(what)
        self.transport.write(answer(f"{status} {HTTPStatus(status).phrase}".encode(), text or WORDS.get(status, b"")))
        self.loseConnection()

    def note(self, what: str) -> None:
        """Count a refusal, if they are counted."""

    def give_way(self, why: str) -> None:
        """Close, so that a newcomer has room."""
        self.refuse(503, "too many connections", f"{why}\n".encode())

    def dataReceived(self, data: bytes) -> None:
        """Bytes of any kind."""
        if not self.refused:
            self._begun = True
            super().dataReceived(data)

    def lineReceived(self, line: bytes) -> None:
        """A line of the head. Twisted would continue with a request after it has refused it."""
        if not self.refused:
            super().lineReceived(line)

    def rawDataReceived(self, data: bytes) -> None:
        """Part of the body, or of what follows it."""
        if not self.refused:
            super().rawDataReceived(data)

    def lineLengthExceeded(self, line: bytes) -> None:
        """A line without an end."""
        self.refuse(431, requests.MALFORMED)

    def headerReceived(self, line: bytes) -> bool:
        """One header: a length of thousands of digits, which Python would not parse, is answered as malformed."""
        endless = len(line) > LENGTH_HEADER and line.lower().startswith(b"content-length")
        return bool(super().headerReceived(b"" if endless else line))

    def _respondToBadRequestAndDisconnect(self) -> None:
        self.refuse(400, requests.MALFORMED)


def bound(channel: type[BoundedChannel], request: type[BoundedRequest] = BoundedRequest) -> None:
    """Make this process's web server use this channel."""
    webserver.Website.protocol, webserver.Website.requestFactory = channel, request

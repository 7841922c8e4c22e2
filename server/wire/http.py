"""The web port's requests, bounded: the largest body, and the words of a refusal.

Owns the request and channel classes of both web servers, the Portal's (which reads a request whole before it passes it
on) and the Server's. Headers are bounded by Twisted itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evennia.server import webserver
from twisted.web.server import Request

from agents.kernel.settings import current

LENGTH_HEADER = 60  # bytes that a Content-Length may take with its name


def answer(status: bytes, text: bytes) -> bytes:
    """A whole response of plain text that ends its connection."""
    return b"HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n%s" % (status, text)


def unavailable(text: bytes) -> bytes:
    """503, for a newcomer when there is no room."""
    return answer(b"503 Service Unavailable", text)


class BoundedRequest(Request):
    """A request whose body ends at the limit."""

    note: Callable[[str, str], None] = staticmethod(lambda what, address: None)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.room = current().web_body_kb * 1000

    def gotLength(self, length: int | None) -> None:
        """The length the client announced, if it did."""
        super().gotLength(length)
        if length is not None and length > self.room:
            self._too_large()

    def handleContentChunk(self, data: bytes) -> None:
        """A piece of the body."""
        self.room -= len(data)
        if self.room >= 0:
            super().handleContentChunk(data)
        else:
            self._too_large()

    def _too_large(self) -> None:
        if self.channel.transport.disconnecting:
            return
        self.note("web body too large", self.channel.transport.getPeer().host)
        text = b"A request has at most %d kB.\n" % current().web_body_kb
        self.channel.transport.write(answer(b"413 Content Too Large", text))
        self.channel.loseConnection()


class BoundedChannel(webserver.HTTPChannelWithXForwardedFor):  # type: ignore[misc]
    """A connection of the web port."""

    def headerReceived(self, line: bytes) -> bool:
        """One header: a length of thousands of digits is answered as malformed; Python would not read it."""
        endless = len(line) > LENGTH_HEADER and line.lower().startswith(b"content-length")
        return bool(super().headerReceived(b"" if endless else line))


def bound(note: Callable[[str, str], None] | None = None) -> None:
    """Have this process's web server be so; `note` counts what is refused, and from where."""
    webserver.Website.requestFactory = BoundedRequest
    webserver.Website.protocol = BoundedChannel
    if note:
        BoundedRequest.note = staticmethod(note)

"""HTTP/1.1 to model servers, under httpx: one exchange at a time on each connection, parsed by llhttp.

Owns connections, their reuse, and the time limits for connecting and reading. Leaves out what model servers do not
need: HTTP/2, proxies, upgrades, pipelining. Half of what a question cost the cascade was httpx's own transport.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from functools import cached_property
from typing import Any

import certifi
import httptools
import httpx

IDLE_SECONDS = 4.0
"""How long a connection is kept for the next request, in seconds: less than servers keep theirs,
usually at least 5 s.
"""
MOST_HEAD, MOST_WAITING = 65_536, 262_144
"""Maximum bytes of a response before its body, and unread bytes of its body before the server is made to wait."""
_Place = tuple[str, str, int]


class Transport(httpx.AsyncBaseTransport):
    """For any number of servers, in one event loop."""

    def __init__(self) -> None:
        """Connects at the first request."""
        self._idle: dict[_Place, list[_Connection]] = {}
        self._all: set[_Connection] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; the response's body arrives as it is read."""
        url, limits = request.url, request.extensions.get("timeout", {})
        place = (url.scheme, url.host, url.port or {"https": 443}.get(url.scheme, 80))
        head, body = _head(request), b"".join([part async for part in _stream(request)])
        if (link := self._kept(place)) is not None:
            try:
                return await link.exchange(head + body, limits.get("read"), request)
            except (httpx.RemoteProtocolError, httpx.ReadError):
                if link.heard:
                    raise  # otherwise it was closed while idle, as the request was sent: send it again
        link = await self._connected(place, limits.get("connect"))
        return await link.exchange(head + body, limits.get("read"), request)

    async def aclose(self) -> None:
        """Close all connections."""
        for link in tuple(self._all):
            link.abort()

    def _kept(self, place: _Place) -> _Connection | None:
        idle = self._idle.get(place, [])
        while idle:
            if (link := idle.pop()).begin():
                return link
        return None

    async def _connected(self, place: _Place, seconds: float | None) -> _Connection:
        """A new connection to the first address of the host that accepts one; each gets an equal share of the time."""
        scheme, host, port = place
        loop, failure = asyncio.get_running_loop(), OSError("it has no address")
        try:
            async with asyncio.timeout(seconds):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                for *_, address in found:
                    try:
                        async with asyncio.timeout(seconds and seconds / len(found)):
                            _, link = await loop.create_connection(
                                lambda: _Connection(self._all, self._idle.setdefault(place, [])),
                                str(address[0]),
                                port,
                                ssl=self._context if scheme == "https" else None,
                                server_hostname=host if scheme == "https" else None,
                            )
                            return link
                    except OSError as error:
                        failure = error
                raise failure
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time") from error
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Python's own context would write the keys of every connection to a file named by the environment."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        made.load_verify_locations(certifi.where())
        return made


class _Connection(asyncio.Protocol):
    """One connection: what has arrived of the response that is being read. Its parser calls the
    methods named `on_…`.
    """

    def __init__(self, all: set[_Connection], idle: list[_Connection]) -> None:
        self._all, self._idle = all, idle
        self._transport: Any = None
        self._waiter: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._ended: httpx.TransportError | None = None
        """Why nothing more arrives."""
        self._held = False
        self.begin()

    # -- for the transport ---------------------------------------------------------------------------
    def begin(self) -> bool:
        """Prepare for the next exchange; returns whether that is possible."""
        if self._timer is not None:
            self._timer.cancel()
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []
        self._size = self._before = 0
        self._told = self._whole = self._keeps = False
        return self._ended is None

    async def exchange(self, data: bytes, seconds: float | None, request: httpx.Request) -> httpx.Response:
        """Send a request; returns its response as soon as the headers have arrived."""
        self._transport.write(data)
        try:
            while not self._told:
                await self._more(seconds)
        except BaseException:
            self.abort()
            raise
        return httpx.Response(
            self._parser.get_status_code(), headers=self._headers, stream=_Body(self, seconds), request=request
        )

    @property
    def heard(self) -> bool:
        """Whether anything of the response has arrived."""
        return self._told or self._before > 0

    async def body(self, seconds: float | None) -> AsyncIterator[bytes]:
        """The response's body as it arrives."""
        while True:
            if self._parts:
                data, self._parts, self._size = b"".join(self._parts), [], 0
                self._hold(False)
                yield data
            elif self._whole:
                return
            else:
                await self._more(seconds)

    def release(self) -> None:
        """The response has been read as far as wanted: if it was complete, the connection is kept for a while,
        otherwise closed.
        """
        if self._keeps and self._ended is None:
            self._timer = asyncio.get_running_loop().call_later(IDLE_SECONDS, self.abort)
            self._idle.append(self)
        else:
            self.abort()

    def abort(self) -> None:
        """Close it now."""
        self._fail(httpx.CloseError("the connection was dropped"))

    async def _more(self, seconds: float | None) -> None:
        """Wait until something has arrived. Raises the reason if nothing does."""
        if self._ended is not None:
            raise self._ended
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await self._waiter
        except TimeoutError:
            raise httpx.ReadTimeout("nothing came in time") from None
        finally:
            self._waiter = None

    def _fail(self, why: httpx.TransportError) -> None:
        self._ended = self._ended or why
        if self._timer is not None:
            self._timer.cancel()
        if self in self._idle:
            self._idle.remove(self)
        self._transport.abort()
        self._wake()

    def _hold(self, held: bool) -> None:
        """Make the server wait, or let it continue."""
        if held is not self._held and self._ended is None:
            self._held = held
            (self._transport.pause_reading if held else self._transport.resume_reading)()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    # -- from the socket -----------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._all.add(self)

    def data_received(self, data: bytes) -> None:
        if self._whole:
            return self._fail(httpx.RemoteProtocolError("it sent more than its answer"))
        self._before += 0 if self._told else len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            return self._fail(httpx.RemoteProtocolError(str(error)))
        if not self._told and self._before > MOST_HEAD:
            return self._fail(httpx.RemoteProtocolError("its headers have no end"))
        self._hold(self._size > MOST_WAITING)
        return self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        self._all.discard(self)
        sized = any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in self._headers)
        if self._told and not sized and error is None:
            self._whole = True  # it ends where the connection does
        words = (
            "incomplete body: it closed connection" if self._told else "Server disconnected without sending a response"
        )
        self._fail(httpx.RemoteProtocolError(words) if error is None else httpx.ReadError(str(error)))

    # -- from the parser -----------------------------------------------------------------------------
    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self._parser.get_status_code() < 200:
            self._headers = []  # an interim response
        else:
            self._told = True

    def on_body(self, data: bytes) -> None:
        self._parts.append(data)
        self._size += len(data)

    def on_message_complete(self) -> None:
        self._whole, self._keeps = self._told, self._told and self._parser.should_keep_alive()


class _Body(httpx.AsyncByteStream):
    def __init__(self, link: _Connection, seconds: float | None) -> None:
        self._link, self._seconds, self._open = link, seconds, True

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._link.body(self._seconds)

    async def aclose(self) -> None:
        if self._open:
            self._open = False
            self._link.release()


def _stream(request: httpx.Request) -> AsyncIterator[bytes]:
    assert isinstance(request.stream, httpx.AsyncByteStream)
    return aiter(request.stream)


def _head(request: httpx.Request) -> bytes:
    lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [b"%s: %s" % pair for pair in request.headers.raw]
    if any(b"\r" in line or b"\n" in line for line in lines):
        raise httpx.LocalProtocolError("a header holds the end of a line")
    return b"\r\n".join(lines) + b"\r\n\r\n"

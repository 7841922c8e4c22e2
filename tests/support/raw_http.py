"""HTTP by hand: a request read from a socket, and an answer that may be cut, reset or never end.

Owns one exchange: what was asked, what became of it, whether the client is still there. Refuses to know what
servers say; `model_server` does. Also the two ports where nobody answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any


@dataclass
class Seen:
    """One request, and what became of it."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    behaviour: str = ""
    pieces: int = 0
    bytes: int = 0
    ended: str = ""
    """`whole` when all was sent, `left` when the client went away before, empty while it goes on."""


class Left(Exception):
    """The client has gone."""


@dataclass
class Reply:
    """One answer on its way to the client."""

    seen: Seen
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    ending: asyncio.Future[None]
    _watch: asyncio.Task[bytes] | None = None

    async def send(self, data: bytes) -> None:
        """Bytes as they are."""
        self.watch()
        try:
            self.writer.write(data)
            await self.writer.drain()
        except ConnectionError as error:
            raise Left from error
        self.seen.bytes += len(data)
        if self._gone():
            raise Left

    async def whole(
        self, status: int, value: Any, headers: dict[str, str] | None = None, kind: str = "application/json"
    ) -> None:
        """A whole answer at once; `value` is JSON, or bytes as they are."""
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        more = "".join(f"{name}: {text}\r\n" for name, text in (headers or {}).items())
        await self.send(
            f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n{more}\r\n".encode() + data
        )

    async def begin(self, kind: str) -> None:
        """The headers of an answer in chunks."""
        await self.send(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())

    async def chunk(self, data: bytes) -> None:
        """A part of the body."""
        await self.send(b"%x\r\n%b\r\n" % (len(data), data))

    async def finish(self) -> None:
        """The body's end."""
        await self.send(b"0\r\n\r\n")

    async def pause(self, seconds: float | None) -> None:
        """Wait (None: for ever), unless the client goes or the stand-in ends."""
        watch = self.watch()
        await asyncio.wait({watch, self.ending}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if self._gone() or self.ending.done():
            raise Left

    def reset(self) -> None:
        """End the connection so that the client sees it was cut."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def watch(self) -> asyncio.Task[bytes]:
        """A look-out for the client's leaving."""
        if self._watch is None:
            self._watch = asyncio.create_task(self.reader.read(1))
        return self._watch

    def _gone(self) -> bool:
        watch = self.watch()
        return watch.done() and (watch.cancelled() or watch.exception() is not None or not watch.result())

    async def close(self) -> None:
        """End the look-out."""
        if self._watch:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)


async def request(reader: asyncio.StreamReader) -> Seen | None:
    line = await reader.readline()
    if not line.strip():
        return None
    method, path, _ = line.decode("latin-1").split()
    headers = {}
    while header := (await reader.readline()).decode("latin-1").strip():
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Seen(method, path, headers, json.loads(body) if body else {})


@contextlib.asynccontextmanager
async def silent_port() -> AsyncIterator[int]:
    """A port on which connections are neither taken nor refused: its queue is full."""
    with socket.socket() as listener, contextlib.ExitStack() as held:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for _ in range(4):
            one = held.enter_context(socket.socket())
            one.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                one.connect(("127.0.0.1", port))
        await asyncio.sleep(0.05)
        yield port


def dead_port() -> int:
    """A port where nothing listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port

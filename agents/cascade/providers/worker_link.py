"""The near end of a worker process in which a model runs.

Owns the process, its socket, and its last error output. Does not wait long for a worker that was told to stop:
after `PATIENCE` it is killed. `worker` defines the protocol.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import sys
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from agents.cascade.ports import Fault, ProviderFault
from agents.cascade.providers import http
from agents.cascade.providers.worker import LONGEST_LINE

PATIENCE = 0.4
"""Seconds within which an answer must stop once nobody wants it."""
KEPT_LINES = 5


class Link:
    """One worker, from its start to its end."""

    context = 0

    def __init__(
        self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Use `start`."""
        self._process, self._reader, self._writer = process, reader, writer
        self._complaints: deque[str] = deque(maxlen=KEPT_LINES)
        self._listening = asyncio.create_task(self._listen(), name="complaints of a worker")
        self._number = 0

    @classmethod
    async def start(cls) -> Link:
        """Start a worker. It does not load anything yet."""
        near, far = socket.socketpair()
        with far:
            try:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "agents.cascade.providers.worker",
                    str(far.fileno()),
                    pass_fds=(far.fileno(),),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.PIPE,
                )
            except OSError as error:
                near.close()
                raise ProviderFault(Fault.DEAD, f"its process cannot be started ({error.strerror})") from None
        reader, writer = await asyncio.open_connection(sock=near, limit=LONGEST_LINE)
        return cls(process, reader, writer)

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can take requests."""
        return self._process.returncode is None and not self._reader.at_eof()

    async def load(self, wanted: Mapping[str, Any]) -> int:
        """Load a model; returns how many tokens it can be shown."""
        await self._send({"load": wanted})
        return int((await self._next())["ready"])

    async def ask(self, what: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """Its replies to a request, up to its `end`. Leaving early makes it stop, or kills it."""
        self._number += 1
        number, ended = self._number, False
        try:
            await self._send({"n": number, **what})
            while not ended:
                told = await self._next()
                ended = "end" in told
                yield told
        except ProviderFault:
            ended = True  # it said so itself, or it is dead
            raise
        finally:
            if not ended:
                await self._halt(number)

    async def end(self) -> None:
        """End the process and wait for it."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()
        await self._process.wait()
        await self._listening

    async def _halt(self, number: int) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._send({"halt": number})
                while "end" not in await self._next():
                    pass
        except (TimeoutError, ProviderFault):
            await self.end()

    async def _send(self, value: Mapping[str, Any]) -> None:
        try:
            self._writer.write(json.dumps(value).encode() + b"\n")
            await self._writer.drain()
        except ConnectionError:
            raise await self._dead() from None

    async def _next(self) -> dict[str, Any]:
        try:
            line = await self._reader.readline()
        except ValueError:
            await self.end()
            raise ProviderFault(Fault.TOO_MUCH, "its worker sent a line without an end") from None
        except ConnectionError:
            line = b""
        if not line.endswith(b"\n"):
            raise await self._dead()
        told: dict[str, Any] = json.loads(line)
        if "fault" in told:
            said = http.said(told["said"])
            raise ProviderFault(
                Fault(told["fault"]),
                f"{said} ({last})" if (last := self._last()) and "llama.cpp cannot" in said else said,
            )
        return told

    async def _dead(self) -> ProviderFault:
        """What to say about a worker that is gone. One that has just died is left to the event loop, which otherwise
        never learns how it ended.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._process.wait()
        await self.end()
        code = self._process.returncode or 0
        how = signal.Signals(-code).name if code < 0 else f"status {code}"
        last = self._last()
        return ProviderFault(Fault.BROKEN, f"its worker ended by {how}" + (f": {last}" if last else ""))

    def _last(self) -> str:
        return http.said(self._complaints[-1]) if self._complaints else ""

    async def _listen(self) -> None:
        """Keep the last lines of its error output; a long line in parts, so that nothing grows."""
        assert self._process.stderr is not None
        while data := await self._process.stderr.read(65536):
            self._complaints.extend(line for line in data.decode(errors="replace").splitlines() if line.strip())

"""One answer as an HTTP response, whole or streamed, as long as somebody reads it.

Owns what is said if nobody can answer (a refusal before the first piece; an event in the stream after it) and what
happens when the reader disconnects. Does not buffer: a slow reader is waited for, and delays nobody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from agents.cascade import wire
from agents.cascade.run import Run
from agents.kernel.errors import TimmyError

_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]


class Telling:
    """Sends the answer of a run. `left` is called if its reader disconnects before the end."""

    def __init__(self, run: Run, id: str, created: int, *, stream: bool, usage: bool, left: Callable[[], None]) -> None:
        """`id`: under which this reader asked; `usage`: whether tokens are sent as a separate chunk."""
        self._run, self._id, self._created = run, id, created
        self._stream, self._usage, self._left = stream, usage, left
        self._begun = self._ended = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The response."""
        me, gone = asyncio.current_task(), False

        async def watch() -> None:
            nonlocal gone
            while (await receive())["type"] != "http.disconnect":
                pass
            if me is not None and not self._ended:
                gone = True
                me.cancel()

        watching = asyncio.create_task(watch())
        try:
            if self._stream:
                await self._pieces(scope, receive, send)
            else:
                await self._whole(scope, receive, send)
        except asyncio.CancelledError:
            if not gone or me is None:
                raise
            me.uncancel()
        finally:
            watching.cancel()
            if not self._ended:
                self._left()

    async def _whole(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._run.whole()
        except TimmyError as error:
            return await self._refuse(error, scope, receive, send)
        self._ended = True
        return await JSONResponse(wire.whole(self._id, answer, self._created))(scope, receive, send)

    async def _pieces(self, scope: Scope, receive: Receive, send: Send) -> None:
        chunks = wire.Chunks(self._id, self._created, wire.OURS)
        try:
            async for piece in self._run.follow():
                await self._begin(send)
                await send({"type": "http.response.body", "body": chunks.piece(piece), "more_body": True})
            assert self._run.answer is not None
            last = chunks.end(self._run.answer, with_usage=self._usage)
        except TimmyError as error:
            if not self._begun:
                return await self._refuse(error, scope, receive, send)
            last = wire.event(wire.failure(error)[1])
        await self._begin(send)
        self._ended = True
        return await send({"type": "http.response.body", "body": last})

    async def _begin(self, send: Send) -> None:
        if not self._begun:
            self._begun = True
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})

    async def _refuse(self, error: TimmyError, scope: Scope, receive: Receive, send: Send) -> None:
        self._ended = True
        status, body = wire.failure(error)
        await JSONResponse(body, status)(scope, receive, send)

"""Turns at one model of one server: the queue of `fair`, for coroutines.

Owns who waits for a turn and who is woken. Raises `Full` if the queue refuses, and `Stale` for what nobody needs
any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agents.cascade.fair import Queue, Ticket
from agents.cascade.run import Run
from agents.kernel.clock import Clock


class Full(Exception):
    """There is no room left in the queue."""


class Stale(Exception):
    """It waited for longer than anybody needs the answer."""


class Turns:
    """Those who wait for one model of one server."""

    def __init__(self, width: int, clock: Clock) -> None:
        """`width`: how many may be served at a time."""
        self.queue, self._clock = Queue(width), clock
        self._woken: dict[Ticket, asyncio.Future[None]] = {}
        self._waiting: dict[Run, Ticket] = {}
        self._usual = 0.1
        """Seconds a turn takes, judging by previous ones."""

    def widen(self, width: int) -> None:
        """Serve so many at a time from now on."""
        if width != self.queue.width:
            self.queue.width = width
            self._pump()

    def joined(self, run: Run) -> None:
        """Somebody else waits for the run's answer, too: if it is queued here, it gets the place it would have if they
        had asked first.
        """
        if (ticket := self._waiting.get(run)) is not None:
            ticket.stale_at = self._stale_at(run)
            if run.person:
                self.queue.hurry(ticket)

    def _stale_at(self, run: Run) -> float | None:
        return None if run.stale_after is None else self._clock.monotonic() + run.stale_after

    @asynccontextmanager
    async def turn(self, run: Run) -> AsyncIterator[None]:
        """Wait for a turn and hold it. Its duration is charged to the agent's share."""
        ticket = Ticket(run.question.agent, run.person, self._stale_at(run), self._usual)
        if why := self.queue.join(ticket):
            raise Full(why)
        woken = self._woken[ticket] = asyncio.get_running_loop().create_future()
        self._waiting[run] = ticket
        self._pump()
        try:
            await woken
        except asyncio.CancelledError:
            if woken.done() and not woken.cancelled() and woken.exception() is None:
                self.queue.done(ticket, 0.0)  # it was woken and cancelled at the same moment
            else:
                self._woken.pop(ticket, None)
                self.queue.leave(ticket)
            self._pump()
            raise
        finally:
            del self._waiting[run]
        begun = self._clock.monotonic()
        try:
            yield
        finally:
            took = self._clock.monotonic() - begun
            self._usual += (took - self._usual) * 0.1
            self.queue.done(ticket, took)
            self._pump()

    def _pump(self) -> None:
        while True:
            ticket, stale = self.queue.next(self._clock.monotonic())
            for one in stale:
                self._wake(one, Stale("nobody needs the answer any longer"))
            if ticket is None:
                return
            self._wake(ticket, None)

    def _wake(self, ticket: Ticket, error: Exception | None) -> None:
        woken = self._woken.pop(ticket)
        if woken.done():
            return
        if error is None:
            woken.set_result(None)
        else:
            woken.set_exception(error)

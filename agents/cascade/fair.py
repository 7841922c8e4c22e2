"""The order in which a server with limited capacity serves questions. Pure: no loop, no clock.

Owns one queue for one model of one server: people go before ticks, and within each the agent that has had the least
work goes first, however many questions it has waiting. A new agent starts level with the least of those who are
waiting or being served, so idleness saves up nothing. Stale entries are dropped when it is their turn. Refuses what
does not fit: a full queue says so at once.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

MOST, MOST_OF_ONE = 1000, 100
"""How many may wait in one queue, in total and for one agent."""


@dataclass(eq=False)
class Ticket:
    """One waiting question. `stale_at`: when nobody needs it any more, in the queue's time; `work`: its estimated
    cost.
    """

    agent: str
    person: bool = False
    stale_at: float | None = None
    work: float = 1.0


@dataclass
class _Share:
    done: float = 0.0
    running: int = 0
    waiting: dict[bool, deque[Ticket]] = field(default_factory=lambda: {True: deque(), False: deque()})

    @property
    def idle(self) -> bool:
        return not self.running and not any(self.waiting.values())


class Queue:
    """Tickets in, tickets out. `width` may be changed at any time."""

    def __init__(self, width: int, most: int = MOST, most_of_one: int = MOST_OF_ONE) -> None:
        """`width`: how many may be served at a time."""
        self.width, self.most, self.most_of_one = width, most, most_of_one
        self.running = self.waiting = 0
        self._shares: dict[str, _Share] = {}
        self._floor = 0.0
        """The least work of those present at the last turn, where newcomers begin."""

    def join(self, ticket: Ticket) -> str:
        """Accept the ticket, or return why it is refused. People may use the quarter that ticks may not."""
        if self.waiting >= (self.most if ticket.person else self.most * 3 // 4):
            return f"{self.waiting} questions wait already"
        share = self._shares.get(ticket.agent)
        if share is None:
            share = self._shares[ticket.agent] = _Share(self._floor)
        if sum(map(len, share.waiting.values())) >= self.most_of_one:
            return f"{self.most_of_one} questions of {ticket.agent} wait already"
        if share.idle:
            share.done = max(share.done, self._floor)
        share.waiting[ticket.person].append(ticket)
        self.waiting += 1
        return ""

    def next(self, now: float) -> tuple[Ticket | None, list[Ticket]]:
        """The ticket to serve now (None if there is none), and which entries were stale."""
        stale: list[Ticket] = []
        while self.running < self.width and self.waiting:
            person = any(share.waiting[True] for share in self._shares.values())
            name, share = min(
                ((name, share) for name, share in self._shares.items() if share.waiting[person]),
                key=lambda row: row[1].done,
            )
            ticket = share.waiting[person].popleft()
            self.waiting -= 1
            if ticket.stale_at is not None and ticket.stale_at <= now:
                stale.append(ticket)
                self._forget(name)
                continue
            self._floor = max(
                self._floor,
                min(one.done for one in self._shares.values() if one.running or one is share or not one.idle),
            )
            share.done += ticket.work
            share.running += 1
            self.running += 1
            return ticket, stale
        return None, stale

    def leave(self, ticket: Ticket) -> None:
        """This ticket no longer waits."""
        share = self._shares.get(ticket.agent)
        if share is not None and ticket in share.waiting[ticket.person]:
            share.waiting[ticket.person].remove(ticket)
            self.waiting -= 1
            self._forget(ticket.agent)

    def hurry(self, ticket: Ticket) -> None:
        """A person now waits for it: it goes behind those questions of the agent for which people already wait."""
        share = self._shares.get(ticket.agent)
        if share is not None and ticket in share.waiting[False]:
            share.waiting[False].remove(ticket)
            share.waiting[True].append(ticket)
            ticket.person = True

    def done(self, ticket: Ticket, work: float) -> None:
        """This ticket has been served; `work` is its actual cost."""
        share = self._shares[ticket.agent]
        share.done += work - ticket.work
        share.running -= 1
        self.running -= 1
        self._forget(ticket.agent)

    def _forget(self, name: str) -> None:
        """An agent that has nothing here and is not ahead of the others needs no memory."""
        share = self._shares[name]
        if share.idle and share.done <= self._floor:
            del self._shares[name]
        elif len(self._shares) > 4 * self.most:
            for other in [n for n, s in self._shares.items() if s.idle]:
                del self._shares[other]

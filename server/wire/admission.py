"""Who is connected, from where, and what strangers may still send.

Owns the counts and allowances of one Portal, and its count of refusals. Refuses to touch a connection:
the gate does, and the sessions.
"""

from __future__ import annotations

from collections import Counter

from agents.kernel.clock import SystemClock
from agents.kernel.settings import Settings, current
from server.wire.allowance import Bucket
from server.wire.refusals import Refusals

ADDRESSES = 10_000  # whose allowances are remembered

clock = SystemClock()


class Gate:
    """One a Portal."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.here: Counter[str] = Counter()
        self.refusals = Refusals(clock.monotonic())
        self._bytes: dict[str, Bucket] = {}
        self._lines: dict[str, Bucket] = {}
        self._comings: dict[str, Bucket] = {}

    def full(self, address: str) -> str:
        """Why nobody more may come in from `address`, in words; empty while there is room."""
        if self.here.total() >= self.settings.connections:
            return f"There is no room: {self.settings.connections} connections are open. Try again later."
        if self.here[address] >= self.settings.connections_address:
            return f"There are {self.settings.connections_address} connections from your address already. Close some first."
        comings = self._shared(self._comings, address, self.settings.connections_address / 2)
        return "" if comings.spare(1, clock.monotonic()) else "Too many connections at once from your address. Wait a moment."

    def leave(self, address: str) -> None:
        """A connection from `address` has ended."""
        self.here[address] -= 1
        if not self.here[address]:
            del self.here[address]

    def bytes_of(self, address: str) -> Bucket:
        """What the strangers at `address` may send together."""
        return self._shared(self._bytes, address, self.settings.stranger_kb * 1000)

    def lines_of(self, address: str) -> Bucket:
        """How many messages the strangers at `address` may send together."""
        return self._shared(self._lines, address, self.settings.stranger_lines, 5 * self.settings.stranger_lines)

    def note(self, what: str, address: str) -> None:
        """Count a refusal."""
        self.refusals.note(what, address, clock.monotonic())

    def _shared(self, kept: dict[str, Bucket], address: str, rate: float, burst: float = 0) -> Bucket:
        if address not in kept:
            now = clock.monotonic()
            if len(kept) >= ADDRESSES:
                for key in [key for key, bucket in kept.items() if bucket.full(now)]:
                    del kept[key]
            kept[address] = Bucket(rate, now, burst)
        return kept[address]


GATE = Gate(current())

"""Connections by address, and what strangers may still send, separately for each port.

Owns the counts and allowances of one Portal's three ports, and its one count of refusals. A full port does not
affect the others. Never touches a connection: the gate and the sessions do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Protocol

from agents.kernel.addresses import neighbourhood
from agents.kernel.clock import SystemClock
from agents.kernel.settings import Settings, current
from server.settings import ServerSettings
from server.wire.allowance import Bucket
from server.wire.refusals import Refusals

ADDRESSES = 10_000  # whose allowances are remembered
GRACE = {"telnet": 10.0, "websocket": 10.0, "web": 1.0}
"""The ports, and the seconds for which a stranger keeps a place before others from the same address: long enough to
type a name, or for a browser to send a request.
"""

clock = SystemClock()


class Guest(Protocol):
    """A connection, as seen here."""

    @property
    def stranger(self) -> bool:
        """Whether it has not logged in, and no request of it is being answered."""

    def give_way(self, why: str) -> None:
        """Make room for a newcomer."""


class Gate:
    """One for each port."""

    def __init__(self, settings: Settings, refusals: Refusals | None = None, grace: float = 0) -> None:
        self.settings, self.grace = settings.of(ServerSettings), grace
        self.here: Counter[str] = Counter()
        self.refusals = refusals or Refusals(clock.monotonic())
        self._guests: dict[str, dict[Guest, float]] = {}
        self._bytes: dict[str, Bucket] = {}
        self._lines: dict[str, Bucket] = {}
        self._comings: dict[str, Bucket] = {}

    def full(self, address: str) -> str:
        """Why nobody else may connect from `address`, in words; empty if there is room."""
        return self.crowded(address) or self.hasty(address)

    def hasty(self, address: str) -> str:
        """Why a newcomer comes too soon after others from the same address; empty if not. Counts it."""
        comings = self._shared(self._comings, neighbourhood(address), self.settings.connections_address / 2)
        return (
            ""
            if comings.spare(1, clock.monotonic())
            else "Too many connections at once from your address. Wait a moment."
        )

    def crowded(self, address: str) -> str:
        """Why there is no room for one more from `address`; empty if there is."""
        if self.here[neighbourhood(address)] >= self.settings.connections_address:
            return (
                f"There are {self.settings.connections_address} connections from your address already. Close "
                f"some first."
            )
        if self.here.total() >= self.settings.connections:
            return f"There is no room: {self.settings.connections} connections are open. Try again later."
        return ""

    def enter(self, address: str, guest: Guest) -> None:
        """A connection from `address` begins."""
        place = neighbourhood(address)
        self.here[place] += 1
        self._guests.setdefault(place, {})[guest] = clock.monotonic()

    def leave(self, address: str, guest: Guest | None = None) -> None:
        """One has ended, or has been asked to make room; reported twice, it counts once."""
        place = neighbourhood(address)
        guests = self._guests.get(place, {})
        if guest is not None and guest not in guests:
            return
        guests.pop(guest, None)  # type: ignore[arg-type]
        self.here[place] -= 1
        if self.here[place] <= 0:
            del self.here[place]
            self._guests.pop(place, None)

    def gives_way(self, address: str) -> Guest | None:
        """Who makes room for a newcomer: one from the same address if that is full (after a grace time), otherwise the
        oldest stranger of the address that has the most. Never anybody who is logged in.
        """
        place = neighbourhood(address)
        if self.here[place] >= self.settings.connections_address:
            guests = self._guests.get(place, {})
            first = next(_strangers(guests), None)
            return first if first is not None and clock.monotonic() - guests[first] >= self.grace else None
        waiting = [[*_strangers(guests)] for guests in self._guests.values()]
        most = max(waiting, key=len, default=[])
        return most[0] if most else None

    def bytes_of(self, address: str) -> Bucket:
        """What the strangers at `address` may send together."""
        return self._shared(self._bytes, neighbourhood(address), self.settings.stranger_kb * 1000)

    def lines_of(self, address: str) -> Bucket:
        """How many messages the strangers at `address` may send together."""
        return self._shared(
            self._lines, neighbourhood(address), self.settings.stranger_lines, 5 * self.settings.stranger_lines
        )

    def note(self, what: str, address: str) -> None:
        """Count a refusal."""
        self.refusals.note(what, neighbourhood(address), clock.monotonic())

    def _shared(self, kept: dict[str, Bucket], address: str, rate: float, burst: float = 0) -> Bucket:
        if address not in kept:
            now = clock.monotonic()
            if len(kept) >= ADDRESSES:
                for key in [key for key, bucket in kept.items() if bucket.full(now)]:
                    del kept[key]
            kept[address] = Bucket(rate, now, burst)
        return kept[address]


def _strangers[G: Guest](guests: Iterable[G]) -> Iterator[G]:
    return (one for one in guests if one.stranger)


SETTINGS = current()
REFUSALS = Refusals(clock.monotonic())
GATES = {door: Gate(SETTINGS, REFUSALS, grace) for door, grace in GRACE.items()}

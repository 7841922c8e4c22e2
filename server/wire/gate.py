"""The gate before telnet, websocket and web port: how many connect, how fast they send, whether they read.

Owns the counts of connections, the allowances of bytes and lines, and the one place where a connection
is paused or cut for them: it wraps the factory of each port. What comes too fast is not thrown away, it is
not read, so that TCP holds the sender up. Refuses to know what is said; those who are logged in share no
allowance with anybody. The engine starts it as a plugin of the Portal.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from twisted.internet import protocol, reactor
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory

from agents.kernel.clock import SystemClock
from agents.kernel.settings import Settings, current
from server.wire import http
from server.wire.allowance import Bucket
from server.wire.refusals import Refusals

AT_ONCE = 4096  # bytes read before the allowances are asked again; also how much may lie unsent before it counts
UNREAD_BYTES = 1 << 20  # that a client may leave unread before it is cut off
GOODBYE_SECONDS = 1.0  # for the words of a refusal to arrive before the connection is closed
FLUSH_SECONDS = 10.0  # for a closing connection to take what is left for it
ADDRESSES = 10_000  # whose allowances are remembered

DOORS = {
    "EvenniaTelnet": b"%s\r\n",
    "EvenniaWebSocket": http.unavailable(b"%s\n"),
    "EvenniaWebProxy": http.unavailable(b"%s\n"),
}
"""The engine's service, by the beginning of its name, and how to tell a newcomer that there is no room."""

clock = SystemClock()


class Gate:
    """Who is connected, from where, and what strangers may still send. One a Portal."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.here: Counter[str] = Counter()
        self.refusals = Refusals(clock.monotonic())
        self._bytes: dict[str, Bucket] = {}
        self._lines: dict[str, Bucket] = {}

    def full(self, address: str) -> str:
        """Why nobody more may come in from `address`, in words; empty while there is room."""
        if self.here.total() >= self.settings.connections:
            return f"There is no room: {self.settings.connections} connections are open. Try again later."
        if self.here[address] >= self.settings.connections_address:
            return f"There are {self.settings.connections_address} connections from your address already. Close some first."
        return ""

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
        return self._shared(self._lines, address, self.settings.stranger_lines)

    def note(self, what: str, address: str) -> None:
        """Count a refusal."""
        self.refusals.note(what, address, clock.monotonic())

    def _shared(self, kept: dict[str, Bucket], address: str, rate: float) -> Bucket:
        if address not in kept:
            now = clock.monotonic()
            if len(kept) >= ADDRESSES:
                for key in [key for key, bucket in kept.items() if bucket.full(now)]:
                    del kept[key]
            kept[address] = Bucket(rate, now)
        return kept[address]


class Visitor(ProtocolWrapper):
    """One connection. The engine's protocol believes it to be its transport."""

    def makeConnection(self, transport: Any) -> None:
        """Let the protocol begin, and watch whether what it sends is read."""
        self.address = transport.getPeer().host
        self.gate: Gate = self.factory.gate
        self.own = Bucket(self.gate.settings.session_kb * 1000, clock.monotonic())
        self.unread = 0
        self.clogged = self.dismissed = self.held = self.paused = False
        transport.bufferSize = AT_ONCE
        if self.factory.chatters:
            transport.registerProducer(self.Outlet(self), True)
        super().makeConnection(transport)

    # -- what comes in ---------------------------------------------------------------------
    def dataReceived(self, data: bytes) -> None:
        """Pass it on, then read no more for as long as it was too much."""
        if self.dismissed:
            return
        now = clock.monotonic()
        wait = self.own.take(len(data), now)
        if not getattr(self.wrappedProtocol, "logged_in", False):
            wait = max(wait, self.gate.bytes_of(self.address).take(len(data), now))
        if wait:
            self.held = True
            self._reading()
            reactor.callLater(wait, self._release)
        super().dataReceived(data)

    def pauseProducing(self) -> None:
        """The protocol wants nothing more for now."""
        self.paused = True
        self._reading()

    def resumeProducing(self) -> None:
        """The protocol wants more."""
        self.paused = False
        self._reading()

    def _release(self) -> None:
        self.held = False
        self._reading()

    def _reading(self) -> None:
        if self.transport.disconnecting or not self.transport.connected:
            return
        if self.held or self.paused or self.clogged:
            self.transport.pauseProducing()
        else:
            self.transport.resumeProducing()

    # -- what goes out ---------------------------------------------------------------------
    def write(self, data: bytes) -> None:
        """Send, unless too much lies unread already: then cut the connection."""
        if self.dismissed:
            return
        if self.clogged:
            self.unread += len(data)
            if self.unread > UNREAD_BYTES:
                self.gate.note("does not read", self.address)
                self.dismissed = True
                self.transport.abortConnection()
                return
        super().write(data)

    def dismiss(self) -> None:
        """Close, when what was sent has had time to arrive; what still comes is thrown away."""
        self.dismissed = True
        reactor.callLater(GOODBYE_SECONDS, self.loseConnection)

    def loseConnection(self) -> None:
        """Close when all has been sent, or when a client that does not read has had time enough."""
        super().loseConnection()
        if self.factory.chatters:
            reactor.callLater(FLUSH_SECONDS, self.abortConnection)

    def abortConnection(self) -> None:
        """Close at once."""
        self.transport.abortConnection()

    def connectionLost(self, reason: Any) -> None:
        """Make room for another."""
        self.gate.leave(self.address)
        super().connectionLost(reason)

    class Outlet:
        """What the transport tells of its buffer: full, or empty again."""

        def __init__(self, visitor: Visitor) -> None:
            self.visitor = visitor

        def pauseProducing(self) -> None:
            """There is more to send than the client takes: it need not ask for more meanwhile."""
            self.visitor.clogged, self.visitor.unread = True, 0
            self.visitor._reading()

        def resumeProducing(self) -> None:
            """All has been taken."""
            self.visitor.clogged = False
            if self.visitor.transport.disconnecting:
                self.visitor.transport.unregisterProducer()  # which the transport waits for
            self.visitor._reading()

        def stopProducing(self) -> None:
            """The connection has ended."""


class Full(protocol.Protocol):
    """Tells a newcomer that there is no room."""

    def __init__(self, told: bytes) -> None:
        self.told = told

    def connectionMade(self) -> None:
        """Say so and close."""
        self.transport.write(self.told)
        self.transport.loseConnection()


class Door(WrappingFactory):
    """One port's factory behind the gate."""

    protocol = Visitor
    noisy = False

    def __init__(self, gate: Gate, inner: Any, full: bytes, chatters: bool) -> None:
        """`chatters`: whether its protocol leaves it to us to see that what it sends is read."""
        super().__init__(inner)
        self.gate, self.told, self.chatters = gate, full, chatters

    def buildProtocol(self, addr: Any) -> Any:
        """A newcomer: let in, or told why not."""
        if why := self.gate.full(addr.host):
            self.gate.note("too many connections", addr.host)
            return Full(self.told % why.encode())
        self.gate.here[addr.host] += 1
        return super().buildProtocol(addr)


class Figures:
    """A collector of the gate's figures, for Prometheus."""

    def describe(self) -> list[Metric]:
        """Nothing beforehand."""
        return []

    def collect(self) -> list[Metric]:
        """Every figure now."""
        refused = CounterMetricFamily("timmy_refused", "What was refused on the wire", labels=["what"])
        for what, count in GATE.refusals.counts.items():
            refused.add_metric([what], count)
        return [GaugeMetricFamily("timmy_connections", "Open connections by telnet, websocket and web", value=GATE.here.total()), refused]


GATE = Gate(current())


def start_plugin_services(portal: Any) -> None:
    """Called by the engine when the Portal's ports are made and not yet open: stand before them."""
    for service in portal:
        for beginning, told in DOORS.items():
            if service.name and service.name.startswith(beginning):
                port, factory = service.args
                if beginning == "EvenniaWebSocket":
                    from server.wire.websocket import OPTIONS

                    factory.setProtocolOptions(**OPTIONS)
                service.args = (port, Door(GATE, factory, told, beginning != "EvenniaWebProxy"))
    http.bound(GATE.note)

"""The gate before telnet, websocket and web port: how many connect, how fast they send, whether they read.

Owns the one place where a connection is let in, paused or cut: it wraps the factory of each port. What
comes too fast is not thrown away, it is not read, so that TCP holds the sender up. Refuses to know what is
said; those who are logged in share no allowance with anybody. The engine starts it as a plugin of the Portal.
"""

from __future__ import annotations

from typing import Any

from twisted.internet import protocol, reactor
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory

from server.wire import http
from server.wire.admission import GATE, clock
from server.wire.allowance import Bucket

AT_ONCE = 4096  # bytes read before the allowances are asked again; also how much may lie unsent before it counts
UNREAD_BYTES = 1 << 20  # that a client may leave unread before it is cut off
GOODBYE_SECONDS = 1.0  # for the words of a refusal to arrive before the connection is closed
FLUSH_SECONDS = 10.0  # for a closing connection to take what is left for it

DOORS = {
    "EvenniaTelnet": b"%s\r\n",
    "EvenniaWebSocket": http.unavailable(b"%s\n"),
    "EvenniaWebProxy": http.unavailable(b"%s\n"),
}
"""The engine's service, by the beginning of its name, and how to tell a newcomer that there is no room."""


class Visitor(ProtocolWrapper):
    """One connection. The engine's protocol believes it to be its transport."""

    def makeConnection(self, transport: Any) -> None:
        """Let the protocol begin, and watch whether what it sends is read."""
        self.address = transport.getPeer().host
        self.own = Bucket(GATE.settings.session_kb * 1000, clock.monotonic())
        self.unread = 0
        self.clogged = self.dismissed = self.held = self.paused = self.gone = False
        transport.bufferSize = AT_ONCE
        if self.factory.chatters:
            transport.registerProducer(self.Outlet(self), True)
        super().makeConnection(transport)

    # -- what comes in ---------------------------------------------------------------------
    def dataReceived(self, data: bytes) -> None:
        """Pass it on, then read no more for as long as it was too much."""
        if self.dismissed:
            return
        super().dataReceived(data)
        wait = self.charge(len(data))
        if wait and not self.held:
            self.held = True
            self._reading()
            reactor.callLater(wait, self._release)

    def charge(self, amount: float) -> float:
        """Take so many bytes, or work worth so many, from the allowances; the seconds to wait."""
        now = clock.monotonic()
        wait = self.own.take(amount, now)
        if not getattr(self.wrappedProtocol, "logged_in", False):
            wait = max(wait, GATE.bytes_of(self.address).take(amount, now))
        return wait

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
                GATE.note("does not read", self.address)
                self.dismissed = True
                self.transport.abortConnection()
                return
        super().write(data)

    def dismiss(self) -> None:
        """Close, when what was sent has had time to arrive; nothing more is read."""
        self.dismissed = True
        self.pauseProducing()
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
        self.gone = True
        GATE.leave(self.address)
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

    def __init__(self, inner: Any, full: bytes, chatters: bool) -> None:
        """`chatters`: whether its protocol leaves it to us to see that what it sends is read."""
        super().__init__(inner)
        self.told, self.chatters = full, chatters

    def buildProtocol(self, addr: Any) -> Any:
        """A newcomer: let in, or told why not."""
        if why := GATE.full(addr.host):
            GATE.note("too many connections", addr.host)
            return Full(self.told % why.encode())
        GATE.here[addr.host] += 1
        return super().buildProtocol(addr)


def start_plugin_services(portal: Any) -> None:
    """Called by the engine when the Portal's ports are made and not yet open: stand before them."""
    for service in portal:
        for beginning, told in DOORS.items():
            if service.name and service.name.startswith(beginning):
                port, factory = service.args
                if beginning == "EvenniaWebSocket":
                    from server.wire.websocket import OPTIONS

                    factory.setProtocolOptions(**OPTIONS)
                service.args = (port, Door(factory, told, beginning != "EvenniaWebProxy"))
    http.bound(GATE.note)

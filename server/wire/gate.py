"""The gate before telnet, websocket and web port: how many connect, how fast they send, whether they read.

Owns the one place where a connection is admitted, paused or cut: it wraps the factory of each port. What arrives
too fast is not thrown away but left unread, so that TCP slows the sender down. If a port is full, the stranger who
has waited longest makes room for a newcomer. Does not look at what is said; people who are logged in share their
allowance with nobody. The engine starts it as a plugin of the Portal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from twisted.internet import protocol, reactor
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory

from server.wire import http
from server.wire.admission import GATES, SETTINGS, Gate, clock
from server.wire.allowance import Bucket
from server.wire.web import DoorChannel

AT_ONCE = 4096  # bytes read before the allowances are checked again; also how much may remain unsent before it counts
UNREAD_BYTES = 1 << 20  # that a client may leave unread before it is disconnected
GOODBYE_SECONDS = 1.0  # for the words of a refusal to arrive before the connection is closed
FLUSH_SECONDS = 10.0  # for a closing connection to take what is left for it

TAKEN_SECONDS = 60.0  # for the last answer of the web port to be taken


@dataclass(frozen=True)
class Kind:
    """One kind of port: its gate, how a newcomer is told that there is no room, and whether we must make sure that its
    output is read.
    """

    gate: Gate
    full: bytes
    chatters: bool = True


KINDS = {
    "EvenniaTelnet": Kind(GATES["telnet"], b"%s\r\n"),
    "EvenniaWebSocket": Kind(GATES["websocket"], http.unavailable(b"%s\n")),
    "EvenniaWebProxy": Kind(GATES["web"], http.unavailable(b"%s\n"), chatters=False),
}
"""By the beginning of the engine's name for the service."""


class Visitor(ProtocolWrapper):
    """One connection, which the engine's protocol uses as its transport."""

    def makeConnection(self, transport: Any) -> None:
        """Start the protocol, and watch whether its output is read."""
        self.address, self.gate = transport.getPeer().host, self.factory.kind.gate
        self.gate.enter(self.address, self)
        self.own = Bucket(SETTINGS.session_kb * 1000, clock.monotonic())
        self.unread = 0
        self.ending: Any = None
        self.clogged = self.dismissed = self.held = self.paused = self.gone = False
        transport.bufferSize = AT_ONCE
        if self.factory.kind.chatters:
            transport.registerProducer(self.Outlet(self), True)
        super().makeConnection(transport)

    # -- what comes in ---------------------------------------------------------------------
    def dataReceived(self, data: bytes) -> None:
        """Pass it on, then stop reading for as long as it was too much."""
        if self.dismissed:
            return
        super().dataReceived(data)
        wait = self.charge(len(data))
        if wait and not self.held:
            self.held = True
            self._reading()
            reactor.callLater(wait, self._release)

    def charge(self, amount: float) -> float:
        """Take so many bytes, or equivalent work, from the allowances; returns the seconds to wait."""
        now = clock.monotonic()
        wait = self.own.take(amount, now)
        if not getattr(self.wrappedProtocol, "logged_in", False):
            wait = max(wait, self.gate.bytes_of(self.address).take(amount, now))
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
        """Send, unless too much is unread already: then disconnect."""
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
        """Close when what was sent has had time to arrive; nothing more is read."""
        self.dismissed = True
        self.pauseProducing()
        reactor.callLater(GOODBYE_SECONDS, self.loseConnection)

    def loseConnection(self) -> None:
        """Close when everything has been sent, or when a client that does not read has had enough time."""
        super().loseConnection()
        if self.ending is None and not self.gone:
            self.ending = reactor.callLater(
                FLUSH_SECONDS if self.factory.kind.chatters else TAKEN_SECONDS, self.abortConnection
            )

    def abortConnection(self) -> None:
        """Close at once."""
        self.transport.abortConnection()

    def connectionLost(self, reason: Any) -> None:
        """Make room for another."""
        self.gone = True
        if self.ending is not None and self.ending.active():
            self.ending.cancel()
        self.gate.leave(self.address, self)
        super().connectionLost(reason)

    # -- where there is no room ------------------------------------------------------------
    @property
    def stranger(self) -> bool:
        """Whether nobody is logged in, and no request is being answered."""
        return bool(self.wrappedProtocol.stranger)

    def give_way(self, why: str) -> None:
        """Make room for a newcomer, and be told so."""
        self.gate.leave(self.address, self)
        self.wrappedProtocol.give_way(f"Closed to make room for others. {why}")

    class Outlet:
        """What the transport reports about its buffer: full, or empty again."""

        def __init__(self, visitor: Visitor) -> None:
            self.visitor = visitor

        def pauseProducing(self) -> None:
            """There is more to send than the client takes, so it need not ask for more in the meantime."""
            self.visitor.clogged, self.visitor.unread = True, 0
            self.visitor._reading()

        def resumeProducing(self) -> None:
            """Everything has been taken."""
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

    def __init__(self, inner: Any, kind: Kind) -> None:
        super().__init__(inner)
        self.kind = kind

    def buildProtocol(self, addr: Any) -> Any:
        """A newcomer: admitted, or told why not."""
        gate, address = self.kind.gate, addr.host
        crowded = gate.crowded(address)
        other = gate.gives_way(address) if crowded else None
        if why := crowded if crowded and other is None else gate.hasty(address):
            gate.note("too many connections", address)
            return Full(self.kind.full % why.encode())
        if other is not None:
            other.give_way(crowded)
        return super().buildProtocol(addr)


def start_plugin_services(portal: Any) -> None:
    """Called by the engine when the Portal's ports are created but not yet open: puts the gate in front of them."""
    for service in portal:
        for beginning, kind in KINDS.items():
            if service.name and service.name.startswith(beginning):
                port, factory = service.args
                if beginning == "EvenniaWebSocket":
                    from server.wire.websocket import OPTIONS

                    factory.setProtocolOptions(**OPTIONS)
                service.args = (port, Door(factory, kind))
    http.bound(DoorChannel)

"""The Portal's half of supervision: it runs the Server as its child and tells the players.

Owns the Server's process (start, death, hang, restart with back-off), what players see and may type while it is
down, and the answers on `run/portal.sock`. The engine knows it by three settings: a Portal plugin, the link's
protocol class, the session handler class. Never writes players' input anywhere: a held line may be a password.
"""

from __future__ import annotations

import json
import os
import socket
from enum import StrEnum
from typing import Any

import evennia
from evennia.commands.cmdhandler import CMD_LOGINSTART
from evennia.server.portal import amp
from evennia.server.portal.amp_server import AMPServerFactory, AMPServerProtocol
from evennia.server.portal.portalsessionhandler import DUMMYSESSION, PortalSessionHandler
from twisted.internet import defer, error, protocol, reactor, task
from twisted.logger import Logger
from twisted.protocols.basic import LineOnlyReceiver

from agents.kernel import location
from agents.kernel.clock import SystemClock
from agents.kernel.settings import current
from server import ends, link, process, unix
from server.backoff import Backoff, Patience
from server.settings import ServerSettings
from server.wire.admission import REFUSALS

PING_SECONDS = 2.0
STOP_SECONDS = 15.0
HELD_LINES, HELD_BYTES = 3, 2000  # a session, during one outage

DOWN = "|yThe world has stumbled and is restarting. You stay connected; please wait a moment.|n"
RELOAD = "|yThe world is reloading. You stay connected; please wait a moment.|n"
BACK = "|gThe world is back.|n"
HELD = "(held until the world is back)"
REFUSED = "(not accepted: the world is down; type it again when it is back)"

log = Logger()
clock = SystemClock()


class Phase(StrEnum):
    """The Server's state, as the Portal sees it."""

    DOWN = "down"
    BOOTING = "booting"
    READY = "ready"
    LEAVING = "leaving"
    WAITING = "waiting"  # for the back-off to pass


class Child(protocol.ProcessProtocol):
    """The Server's process; its end is known at once."""

    def processEnded(self, reason: Any) -> None:
        """The process has been reaped."""
        GUARD.ended(reason.value)


class Guard:
    """Keeps one Server running. Every method runs on the Portal's reactor."""

    def __init__(self) -> None:
        self.portal: Any = None
        self.links: Any = None
        self.child: Child | None = None
        self.phase = Phase.DOWN
        self.backoff, self.patience = Backoff(), Patience()
        self.restarts = 0
        self.crashes = 0
        self.born = self.answered = clock.monotonic()
        self.answers = False  # whether this child has ever answered
        self.stopping: defer.Deferred[None] | None = None

    # -- life ------------------------------------------------------------------------------
    def start(self) -> None:
        """Start a Server unless one is running, or the Portal is ending."""
        if self.child or self.stopping:
            return
        self.child, self.phase, self.answers = Child(), Phase.BOOTING, False
        self.born = clock.monotonic()
        try:
            out, (ours, theirs) = process.first_output("server").open("wb"), socket.socketpair()
        except OSError as error:  # the folder cannot be written: nothing could be started, but that may pass
            log.error("The Server cannot be started: {error}", error=error)
            self.child, self.phase = None, Phase.WAITING
            reactor.callLater(PING_SECONDS, self.start)
            return
        with out, theirs:
            fds = {0: "w", 1: out.fileno(), 2: out.fileno(), link.DESCRIPTOR: theirs.fileno()}
            command = process.command("server")
            reactor.spawnProcess(
                self.child, command[0], command, process.environment(), str(location.PROJECT), childFDs=fds
            )
        link.attach(ours, self.links)
        log.info("Server starting, pid {pid}", pid=self.child.transport.pid)

    def ended(self, status: Exception) -> None:
        """The Server is gone: start another, at once after a reload, with back-off after a crash."""
        lived = clock.monotonic() - self.born
        self.child = None
        mode, asked = self.portal.server_restart_mode, self.answers
        log.info("Server ended after {lived:.1f} s: {status}", lived=lived, status=status)
        if self.stopping or (mode == "shutdown" and asked):
            self.phase = Phase.DOWN
            if self.stopping:
                self.stopping.callback(None)
            return
        self.restarts += 1
        if mode in ("reload", "reset"):
            self.backoff.forgive()
            delay = 0.0
        else:
            self.crashes += 1
            ends.note("server", words(status), lived)
            # The sessions live on in the Portal, so the next Server takes them over as after a reload.
            self.portal.server_restart_mode = mode or "reload"
            delay = self.backoff.died(lived, self.answers)
        self.phase = Phase.WAITING
        reactor.callLater(delay, self.start)

    def stop(self) -> defer.Deferred[None] | None:
        """The Portal is ending: the Deferred fires when the Server has gone."""
        if self.child is None:
            self.stopping = defer.Deferred()
            return None
        self.stopping, self.phase = defer.Deferred(), Phase.LEAVING
        if not self.answers:
            self.signal("INT")  # still booting: there is no link to ask it over
        force = reactor.callLater(STOP_SECONDS, self.signal, "KILL")
        self.stopping.addCallback(lambda _: force.cancel() if force.active() else None)
        return self.stopping

    def reload(self) -> str:
        """Restart the Server, keeping connections; returns what was started, in words."""
        if self.child is None:
            self.start()
            return "starting"
        if self.phase is Phase.READY:
            self.portal.amp_protocol.stop_server(mode="reload")
            return "reloading"
        if self.phase is Phase.BOOTING:
            return "already starting"
        self.portal.server_restart_mode = "reload"
        self.signal("KILL")
        return "forced"

    def signal(self, name: str) -> None:
        """Send the signal `name` to the Server, if it is still running."""
        try:
            if self.child:
                self.child.transport.signalProcess(name)
        except error.ProcessExitedAlready:
            log.debug("Server had ended before signal {name}", name=name)

    # -- is it alive? ------------------------------------------------------------------------
    def ping(self) -> None:
        """Ask for a sign of life: a running reactor answers a message for no session."""
        if self.phase is Phase.READY:
            self.portal.amp_protocol.send_MsgPortal2Server(DUMMYSESSION).addCallback(self.pong)
        ours, lived = current().of(ServerSettings), clock.monotonic() - self.born
        limit, since = (ours.hang_seconds, self.answered) if self.answers else (ours.boot_seconds, self.born)
        limit *= self.patience.times(lived)
        if self.child and clock.monotonic() - since > limit:
            log.error("Server has not answered for {limit} s; it is killed", limit=limit)
            self.patience.lost(lived)
            self.answered = self.born = clock.monotonic()
            self.signal("KILL")

    def pong(self, answer: Any) -> None:
        """The link turns a failed answer into None."""
        if answer == {}:
            self.answered = clock.monotonic()

    def synced(self, answer: Any) -> None:
        """The Server has run its start hooks and taken over the sessions: it is ready."""
        if answer == {}:
            self.answers, self.answered, self.phase = True, clock.monotonic(), Phase.READY
            ends.forget("server")
            sessions().server_back()
            log.info("Server ready after {lived:.1f} s", lived=clock.monotonic() - self.born)
        elif self.child:
            log.error("Server failed in its start hooks or in taking over the sessions; it is killed")
            self.signal("KILL")

    def status(self) -> dict[str, Any]:
        """What `timmy status` shows about the two processes. Times in seconds."""
        return {
            "phase": self.phase.value,
            "ready": self.phase is Phase.READY,
            "portal": {"pid": os.getpid(), "uptime": round(clock.monotonic() - PORTAL_BORN, 1)},
            "server": {
                "pid": self.child.transport.pid if self.child else None,
                "uptime": round(clock.monotonic() - self.born, 1) if self.child else None,
                "restarts": self.restarts,
                "crashes": self.crashes,
            },
            "sessions": len(sessions()),
            "refused": REFUSALS.counts,
        }


def words(status: Exception) -> str:
    """How a process has ended, according to Twisted."""
    if (sign := getattr(status, "signal", None)) is not None:
        return f"ended by signal {sign}"
    return f"ended with code {getattr(status, 'exitCode', None)}"


PORTAL_BORN = clock.monotonic()
GUARD = Guard()


def sessions() -> GuardedSessions:
    """The Portal's session handler."""
    return evennia.PORTAL_SESSION_HANDLER


class GuardedLink(link.Sturdy, AMPServerProtocol):
    """The Portal's end of the link to the Server."""

    def connectionMade(self) -> None:
        """The engine's own would tell a Server about sessions before it has asked for them."""

    def start_server(self, server_twistd_cmd: Any) -> None:
        """Every start comes here (launcher, reload). The engine's own would block the reactor."""
        GUARD.start()

    def stop_server(self, mode: str = "shutdown") -> None:
        """The Server is asked to end; from here on what players type waits for the next one."""
        super().stop_server(mode)
        if mode != "shutdown":
            GUARD.phase = Phase.LEAVING
            sessions().announce_all(RELOAD)

    def send_AdminPortal2Server(self, session: Any, operation: str = "", **kwargs: Any) -> Any:
        """Watch two messages: the hand-over of sessions, and new ones, of which a Server may not live to hear."""
        sent = super().send_AdminPortal2Server(session, operation, **kwargs)
        if operation == amp.PCONN:
            session.unheard = True
            sent.addCallback(heard, session)
        if operation == amp.PSYNC:
            sent.addCallback(GUARD.synced)
        return sent

    def connectionLost(self, reason: Any) -> None:
        """The Server is gone; nobody misses one that had not spoken yet."""
        was_server = self.factory.server_connection is self
        super().connectionLost(reason)
        if was_server:
            sessions().server_lost()


def heard(answer: Any, session: Any) -> Any:
    """A Server has confirmed a new session, unless the link has ended or there was none."""
    if answer == {}:
        session.__dict__.pop("unheard", None)
    return answer


class GuardedSessions(PortalSessionHandler):
    """Players' sessions, which outlive the Server."""

    def server_lost(self) -> None:
        """Tell everybody at once, unless the Server's end was intended and already announced."""
        if GUARD.phase is Phase.READY:
            GUARD.phase = Phase.LEAVING
            if GUARD.portal.server_restart_mode != "shutdown":
                self.announce_all(DOWN)

    def server_back(self) -> None:
        """Tell everybody, show newcomers the login screen, pass on what was held."""
        for session in list(self.values()):
            held = session.__dict__.pop("held", [])
            unheard = session.__dict__.pop("unheard", False)
            if held or session.logged_in or unheard:
                self.data_out(session, text=[[BACK], {}])
            if unheard and not session.logged_in:
                self.data_in(session, text=[[CMD_LOGINSTART], {}])
            for kwargs in held:
                self.data_in(session, **kwargs)

    def connect(self, session: Any) -> None:
        """A newcomer; during an outage they are told why the screen stays empty."""
        if session and GUARD.phase is not Phase.READY:
            self.data_out(session, text=[[DOWN], {}])
        super().connect(session)

    def data_in(self, session: Any, **kwargs: Any) -> None:
        """A player's input: passed on, or during an outage held within limits, or refused."""
        if GUARD.phase is Phase.READY or not session:
            super().data_in(session, **kwargs)
        elif "text" in kwargs:
            held = session.__dict__.setdefault("held", [])
            room = sum(len(str(k["text"])) for k in (*held, kwargs)) <= HELD_BYTES and len(held) < HELD_LINES
            if room:
                held.append(kwargs)
            self.data_out(session, text=[[HELD if room else REFUSED], {}])


class Answers(LineOnlyReceiver):
    """One request a line on `run/portal.sock`: {"do": "status"} or {"do": "reload"}."""

    delimiter = b"\n"
    MAX_LENGTH = 1000

    def lineReceived(self, line: bytes) -> None:
        """Answer with one line of JSON."""
        try:
            ask = json.loads(line).get("do")
        except (ValueError, AttributeError):
            ask = None
        answer: dict[str, Any] = {"error": "ask for status or reload"}
        if ask == "status":
            answer = GUARD.status()
        elif ask == "reload":
            answer = {"begun": GUARD.reload(), **GUARD.status()}
        self.sendLine(json.dumps(answer).encode())


def start_plugin_services(portal: Any) -> None:
    """Called by the engine when the Portal is set up: the Portal brings up the whole world."""
    GUARD.portal, GUARD.links = portal, AMPServerFactory(portal)
    reactor.callWhenRunning(GUARD.start)
    reactor.addSystemEventTrigger("before", "shutdown", GUARD.stop)
    task.LoopingCall(GUARD.ping).start(PING_SECONDS, now=False)
    unix.listen(location.run_dir() / "portal.sock", protocol.Factory.forProtocol(Answers))

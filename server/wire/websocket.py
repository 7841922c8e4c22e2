"""A player's websocket: the one of `web.socket`, within limits.

Owns the largest message and handshake, the time a handshake may take, and what is kept of a broken connection.
Tells the Server which browser session the browser's cookie names; the Server judges whether that one is logged in
(`server.browsers`). Keeps nothing of a stranger's, and does not read the tables: the engine would write a row for
each browser session that a stranger names.
"""

from __future__ import annotations

from typing import Any

from autobahn.websocket.types import ConnectionDeny, ConnectionRequest
from django.conf import settings
from django.http import parse_cookie
from evennia.server.portal.webclient import CLOSE_NORMAL, GOING_AWAY
from twisted.internet import reactor
from twisted.logger import Logger

from server.wire import http, inputs
from server.wire.admission import SETTINGS
from server.wire.session import Bounded
from web.socket import GuardedSocket

HANDSHAKE, TOO_LONG = 16_384, 431  # bytes of a request that opens a socket; the status of a longer one
REFUSED_CODE = 4000  # of a close; the web client then shows why and waits
RETURN_SECONDS = 60.0  # in which a browser that lost its connection finds its session unchanged
PING_COST = 50  # bytes that a ping takes from the allowance in addition to its own
LARGEST = 4 * SETTINGS.line_chars + 1000  # bytes: a character has up to four, and there is JSON around the line

OPTIONS = {
    "maxFramePayloadSize": LARGEST,
    "maxMessagePayloadSize": LARGEST,
    "openHandshakeTimeout": SETTINGS.web_head_seconds,
    "closeHandshakeTimeout": 2,
    "failByDrop": False,
    "webStatus": False,
    "allowNullOrigin": True,  # `web.socket` judges all origins
}
"""For autobahn's factory."""


class Quiet:
    """Autobahn's logger, without the peers' errors in the peers' words: those are counted."""

    log = Logger(namespace="websocket")

    def debug(self, *args: Any, **more: Any) -> None:
        """Nothing."""

    trace = info = debug

    def warn(self, text: str, **more: Any) -> None:
        """Errors that are not the peer's, if there are any."""
        if "reason" not in more:
            self.log.warn(text, **more)

    def __getattr__(self, name: str) -> Any:
        """Anything worse than a warning."""
        return getattr(self.log, name)


class BoundedSocket(Bounded, GuardedSocket):  # type: ignore[misc]
    """A session by websocket."""

    log = Quiet()
    size: dict[str, int]
    """Columns and rows of its page, as far as the handshake named them."""

    def dataReceived(self, data: bytes) -> None:
        """Bytes of any kind."""
        if self.ended:
            return
        if self.state == self.STATE_CONNECTING and len(self.data) + len(data) > HANDSHAKE:
            self.failHandshake(f"the request has more than {HANDSHAKE} bytes", TOO_LONG)
        elif self.state != self.STATE_CLOSED:
            super().dataReceived(data)

    def onConnect(self, request: ConnectionRequest) -> str | None:
        """A handshake; the connection says who is asking, whatever the request claims."""
        self.http_headers.pop("x-forwarded-for", None)
        self.http_request_uri, self.size = inputs.of_address(self.http_request_uri)
        try:
            return super().onConnect(request)
        except ConnectionDeny:
            self.refuse("page of another site")
            raise

    def init_session(self, protocol_key: str, address: Any, sessionhandler: Any) -> None:
        """The session begins, with the size of its page."""
        super().init_session(protocol_key, address, sessionhandler)
        self.protocol_flags.update({key.upper(): {0: value} for key, value in self.size.items()})

    def failHandshake(self, reason: str, code: int = 400, responseHeaders: Any = None) -> None:
        """An invalid handshake. Autobahn's reasons, which repeat what the client said, are not passed on."""
        told = reason if code in (ConnectionDeny.FORBIDDEN, TOO_LONG) else "Bad Request"
        if code != ConnectionDeny.FORBIDDEN:
            self.refuse("malformed handshake")
        self.wasNotCleanReason = told
        self.sendHttpErrorResponse(code, told, responseHeaders)
        self.dropConnection(abort=False)

    def onOpenHandshakeTimeout(self) -> None:
        """Autobahn's: the handshake has taken too long, or is over."""
        self.openHandshakeTimeoutCall = None
        if self.state == self.STATE_CONNECTING and not self.ended:
            self._close("slow request", http.answer(b"408 Request Timeout", http.WORDS[408]))

    def give_way(self, why: str) -> None:
        """Close, so that a newcomer has room."""
        if self.state == self.STATE_CONNECTING:
            self._close("too many connections", http.unavailable(f"{why}\n".encode()))
        else:
            super().give_way(why)

    def _close(self, what: str, told: bytes) -> None:
        self.refuse(what)
        self.ended = True
        self.transport.write(told)
        self.dropConnection(abort=False)

    def _fail_connection(self, code: int = 1001, reason: str = "going away") -> None:
        """Autobahn's: the peer violated the protocol, or a message is too large."""
        if not self.failedByMe:
            self.refuse(
                "message too large" if code == self.CLOSE_STATUS_CODE_MESSAGE_TOO_BIG else "malformed websocket"
            )
        super()._fail_connection(code, reason)

    def onOpen(self) -> None:
        """The socket is open. What is left of a broken connection of the same browser is removed."""
        super().onOpen()
        self.begin()
        for old in self.sessionhandler.sessions_from_csessid(self.csessid):
            if old is not self and getattr(old, "websocket_close_code", CLOSE_NORMAL) != CLOSE_NORMAL:
                self.sessionhandler.disconnect(old)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """One message."""
        self.take(lambda: inputs.of_json(payload, SETTINGS.line_chars))

    def sendMessage(self, *args: Any, **more: Any) -> None:
        """To the client. Autobahn applies the limit to our own messages, too, and drops those beyond it."""
        bound, self.maxMessagePayloadSize = self.maxMessagePayloadSize, 0
        try:
            super().sendMessage(*args, **more)
        finally:
            self.maxMessagePayloadSize = bound

    def onPing(self, payload: bytes) -> None:
        """Answered, which is more work than its six bytes."""
        self.transport.charge(PING_COST)
        super().onPing(payload)

    def hang_up(self, words: str) -> None:
        """Close with a reason."""
        self.sendClose(REFUSED_CODE, words.encode()[:120].decode("utf-8", "ignore"))

    def disconnect(self, reason: str | None = None) -> None:
        """The Server closes a session, or the connection has ended: ending the browser's own session is up to the
        Server.
        """
        self.sessionhandler.disconnect(self)
        if self.state == self.STATE_OPEN:
            self.hang_up(reason) if reason else self.sendClose(CLOSE_NORMAL)

    def onClose(self, wasClean: bool, code: int | None = None, reason: str | None = None) -> None:
        """The connection is gone: forget a stranger, wait a while for a player's browser to return."""
        self.end()
        super().onClose(wasClean, code, reason)
        if code not in (CLOSE_NORMAL, GOING_AWAY) and getattr(self, "sessid", 0):  # which the engine keeps
            reactor.callLater(RETURN_SECONDS if self.logged_in else 0, self._forget)

    def _forget(self) -> None:
        if self.sessionhandler.get(self.sessid) is self or not self.server_connected:
            self.sessionhandler.disconnect(self)

    def get_client_session(self) -> None:
        """The browser's session, by its cookie: only named here, and looked up by the Server."""
        self.csessid = parse_cookie(self.http_headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME, "")[:40]

    def at_login(self) -> None:
        """Somebody has logged in: the Server ties the browser to that."""

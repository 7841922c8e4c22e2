"""The web client's socket: the engine's own, closed to pages of other sites.

Owns the one form of messages that is spoken over it, and that no other site opens it: a page that its reader merely
visits could knock here with passwords, or come in by his cookie; but it cannot hide where it comes from (`web.hosts`).
"""

from __future__ import annotations

from autobahn.websocket.types import ConnectionDeny, ConnectionRequest
from evennia.server.portal.webclient import WebSocketClient
from evennia.server.portal.wire_formats import EvenniaV1Format

from web.hosts import welcome

FORM = EvenniaV1Format()
"""Of messages: JSON, text as HTML."""


class GuardedSocket(WebSocketClient):
    """A player's socket."""

    def onConnect(self, request: ConnectionRequest) -> str | None:
        """Called for each handshake; the name of the form of messages, where the client asked for this one by its name.
        Raises ConnectionDeny (403) for pages of other sites. The engine's own would log whatever names it is asked for.
        """
        if not welcome(request.headers.get("origin"), request.headers.get("host", "")):
            raise ConnectionDeny(ConnectionDeny.FORBIDDEN, "pages of other sites may not connect")
        self.wire_format = FORM
        return FORM.name if FORM.name in request.protocols else None

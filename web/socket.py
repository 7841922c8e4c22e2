"""The web client's socket: the engine's own, closed to pages of other sites.

Owns the one message format that is spoken over it, and that no other site opens it: a page that somebody merely
visits could try passwords here, or use its visitor's cookie; but it cannot hide its origin (`web.hosts`).
"""

from __future__ import annotations

from autobahn.websocket.types import ConnectionDeny, ConnectionRequest
from evennia.server.portal.webclient import WebSocketClient
from evennia.server.portal.wire_formats import EvenniaV1Format

from web.hosts import welcome

FORM = EvenniaV1Format()
"""The message format: JSON, with text as HTML."""


class GuardedSocket(WebSocketClient):
    """A player's socket."""

    def onConnect(self, request: ConnectionRequest) -> str | None:
        """Called for each handshake; returns the name of the message format, if the client asked for this one by name.
        Raises ConnectionDeny (403) for pages of other sites. The engine's own would log whatever names it is asked
        for.
        """
        if not welcome(request.headers.get("origin"), request.headers.get("host", "")):
            raise ConnectionDeny(ConnectionDeny.FORBIDDEN, "pages of other sites may not connect")
        self.wire_format = FORM
        return FORM.name if FORM.name in request.protocols else None

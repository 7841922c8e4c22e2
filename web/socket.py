"""The web client's socket: the engine's own, closed to pages of other sites.

Owns who may open it. A browser lets any page on any site open a socket to this machine, so a page
that its reader merely visits could knock here with passwords; but it cannot hide where it comes from.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from autobahn.websocket.types import ConnectionDeny, ConnectionRequest
from django.conf import settings
from evennia.server.portal.webclient import WebSocketClient


def welcome(origin: str | None, host: str) -> bool:
    """Whether a page from `origin` may open a socket that it reaches as `host` (a Host header).

    Programs that are no browsers send no origin. The page is served on another port of the same
    host; other origins are those Django trusts to send forms (behind a proxy, for instance).
    """
    if origin is None or origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        return urlsplit(origin).hostname is not None and urlsplit(origin).hostname == urlsplit(f"//{host}").hostname
    except ValueError:
        return False


class GuardedSocket(WebSocketClient):
    """A player's socket."""

    def onConnect(self, request: ConnectionRequest) -> None:
        """Called for each handshake. Raises ConnectionDeny (403) for pages of other sites."""
        if not welcome(request.headers.get("origin"), request.headers.get("host", "")):
            raise ConnectionDeny(ConnectionDeny.FORBIDDEN, "pages of other sites may not connect")
        super().onConnect(request)

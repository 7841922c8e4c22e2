"""The engine's Server without ports: its link to the Portal, and the web server behind it.

Owns what the engine would open as ports of this machine: its end of the link, and the Unix socket on which its web
server listens to the Portal. Does not outlive the Portal, without which nobody reaches it.
"""

from __future__ import annotations

import socket
from functools import partial
from typing import Any

from evennia.server import amp_client
from evennia.server.service import EvenniaServerService
from twisted.internet import reactor
from twisted.logger import Logger

from server import link, unix

log = Logger()


class Link(link.Sturdy, amp_client.AMPServerClientProtocol):  # type: ignore[misc]
    """The Server's end of the link to the Portal."""

    def connectionLost(self, reason: Any) -> None:
        """The Portal has ended, unless this process is ending."""
        super().connectionLost(reason)
        if reactor.stop():
            log.warn("The Portal is gone, so the Server ends")


class Links(amp_client.AMPClientFactory):  # type: ignore[misc]
    """Creates the one link; the engine's own knows no other class for it."""

    def buildProtocol(self, addr: Any) -> Link:
        """The Server's end."""
        self.server.amp_protocol = Link()
        self.server.amp_protocol.factory = self
        return self.server.amp_protocol


class Service(EvenniaServerService):  # type: ignore[misc]
    """What `EVENNIA_SERVER_SERVICE_CLASS` names."""

    def register_amp(self) -> None:
        """Speak to the Portal over the descriptor it gave us."""
        end = socket.socket(fileno=link.DESCRIPTOR)
        reactor.callWhenRunning(link.attach, end, Links(self))

    def at_post_portal_sync(self, mode: str) -> None:
        """The engine restarts its scripts; those that it forgets are started, too."""
        from typeclasses.scripts import revive

        super().at_post_portal_sync(mode)
        if revived := revive():
            log.warn("{count} scripts had no timer and were started", count=len(revived))

    def register_webserver(self) -> None:
        """Listen to nobody but the Portal."""
        from evennia.server.webserver import WSGIWebServer

        super().register_webserver()
        for service in self:
            if isinstance(service, WSGIWebServer):
                service._getPort = partial(unix.listen, unix.web(), service.args[1])

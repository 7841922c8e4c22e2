"""Unix sockets through which this user's processes, and nobody else's, speak to each other.

Owns their files (0600 in a 0700 folder) and the check, at both ends, of the other's user before a byte is read.
Refuses processes of other users, except root.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from pathlib import Path
from typing import Any

from twisted.internet import reactor
from twisted.internet.interfaces import IListeningPort
from twisted.logger import Logger
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory

from agents.kernel import location

log = Logger()


def peer_uid(peer: socket.socket) -> int:
    """The user id of the process at the other end."""
    if sys.platform == "darwin":
        # struct xucred: version, uid, group count, groups
        return int(struct.unpack("2I", peer.getsockopt(0, 0x001, 76)[:8])[1])
    return int(struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1])


class Known(ProtocolWrapper):
    """A connection with somebody who is allowed."""

    def makeConnection(self, transport: Any) -> None:
        """Begin, or disconnect."""
        uid = peer_uid(transport.socket)
        if uid in (0, os.getuid()):
            super().makeConnection(transport)
        else:
            log.warn("A process of user {uid} was refused at {path}", uid=uid, path=self.factory.path)
            transport.abortConnection()

    def connectionLost(self, reason: Any) -> None:
        """It has ended, if it had begun."""
        if self in self.factory.protocols:
            super().connectionLost(reason)


class Own(WrappingFactory):
    """Wraps a factory, for connections with our own processes only."""

    protocol = Known
    noisy = False

    def __init__(self, inner: Any, path: Path) -> None:
        super().__init__(inner)
        self.path = str(path)


def web() -> Path:
    """Where the Server's web server listens to the Portal."""
    return location.run_dir() / "web.sock"


def listen(path: Path, factory: Any) -> IListeningPort:
    """Listen on `path`. The caller holds its process's lock, so nobody uses an old file."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    return reactor.listenUNIX(str(path), Own(factory, path), mode=0o600)


def connect(path: Path, factory: Any) -> Any:
    """Connect to our process that listens on `path`."""
    return reactor.connectUNIX(str(path), Own(factory, path))

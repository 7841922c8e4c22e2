"""A Unix socket that only this user's processes may speak to.

Owns its file (0600 in a 0700 folder) and the check of who connects. Refuses peers of
another user, root excepted, and lines longer than the protocol says.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from pathlib import Path
from typing import Any

from twisted.internet import protocol, reactor
from twisted.internet.interfaces import IListeningPort
from twisted.logger import Logger
from twisted.protocols.basic import LineOnlyReceiver

log = Logger()


def peer_uid(peer: socket.socket) -> int:
    """The user id of the process at the other end."""
    if sys.platform == "darwin":
        # struct xucred: version, uid, group count, groups
        return int(struct.unpack("2I", peer.getsockopt(0, 0x001, 76)[:8])[1])
    return int(struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[1])


def listen(path: Path, receiver: type[LineOnlyReceiver]) -> IListeningPort:
    """Listen on `path`. The caller holds its process's lock, so an old file is nobody's."""

    class Own(receiver):  # type: ignore[valid-type, misc]
        def makeConnection(self, transport: Any) -> None:
            uid = peer_uid(transport.socket)
            if uid in (0, os.getuid()):
                super().makeConnection(transport)
            else:
                log.warn("A process of user {uid} was refused at {path}", uid=uid, path=str(path))
                transport.abortConnection()

    factory = protocol.Factory.forProtocol(Own)
    factory.noisy = False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    return reactor.listenUNIX(str(path), factory, mode=0o600)

"""The link between Portal and Server: an unnamed pair of sockets.

What arrives over the link is unpickled, so whoever can write to it runs code as the owner. The Portal creates the
pair and hands one end to the Server that it starts: nothing listens, nothing connects, and there is no door to
guard. Owns the two ends and how boxes are read from them. Never drops the link because of one malformed box, and
never runs a Server that no Portal has started.
"""

from __future__ import annotations

import os
import socket
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.protocols import amp
from twisted.python.failure import Failure

from agents.kernel.errors import Unavailable

DESCRIPTOR = 3
"""The descriptor of the Server's end."""

log = Logger()


def claim() -> None:
    """Keep this process's end from its child processes. Raises Unavailable if the Portal has given none."""
    try:
        end = socket.socket(fileno=DESCRIPTOR)
        ours = (end.family, end.type) == (socket.AF_UNIX, socket.SOCK_STREAM)
        end.detach()
    except OSError:
        ours = False
    if not ours:
        raise Unavailable(
            "The Server has its link from the Portal, which starts it; by itself it has none.", next="timmy run"
        )
    os.set_inheritable(DESCRIPTOR, False)


def attach(end: socket.socket, factory: Any) -> None:
    """Let a protocol of `factory` speak over `end`, which belongs to the reactor from now on."""
    from twisted.internet import reactor

    end.setblocking(False)
    reactor.adoptStreamConnection(end.fileno(), socket.AF_UNIX, factory)  # type: ignore[attr-defined]  it has its own copy
    end.close()


class Sturdy(amp.AMP):  # type: ignore[misc]
    """Mixed in before the engine's protocol at either end. The engine's own takes a box that begins oddly for a
    browser, and one that cannot be used for a reason to disconnect or to accept no other.
    """

    def dataReceived(self, data: bytes) -> None:
        """Part of a box, or of many."""
        amp.AMP.dataReceived(self, data)

    def ampBoxReceived(self, box: amp.AmpBox) -> None:
        """A whole box: a command, or the answer to one."""
        try:
            super().ampBoxReceived(box)
        except (KeyError, amp.NoEmptyBoxes) as error:
            log.error(
                "A box on the link was dropped: neither a command nor an answer that anybody waits for ({kind})",
                kind=type(error).__name__,
            )

    def dispatchCommand(self, box: amp.AmpBox) -> Deferred[Any]:
        """Do what a box says; errors become the answer."""
        done: Deferred[Any] = super().dispatchCommand(box)
        return done.addErrback(_told)

    def unhandledError(self, failure: Failure) -> None:
        """An answer that nobody waits for."""
        log.failure("a command on the link failed", failure)


def _told(failure: Failure) -> Failure:
    if failure.check(amp.RemoteAmpError):
        return failure
    raise amp.RemoteAmpError(amp.UNKNOWN_ERROR_CODE, failure.getErrorMessage(), fatal=False, local=failure)

"""The Server's half of supervision: the Portal always knows who stands in which body.

Owns the mirroring of each session's account and character into the Portal as they change,
so that a Server that died gives them back exactly as after a reload. Refuses to let one
stale character silence everybody: a session whose body is gone comes back without one.
"""

from __future__ import annotations

from typing import Any

import evennia
from evennia.server import signals
from evennia.server.serversession import ServerSession


class GuardedSession(ServerSession):
    """A session that survives the loss of its body."""

    def at_sync(self) -> None:
        """Take over from the Portal. The engine's own fails for all when one body is missing."""
        if self.puid and not evennia.ObjectDB.objects.filter(id=self.puid).exists():
            self.puid = None
        super().at_sync()

    def at_disconnect(self, reason: Any = None) -> None:
        """As the engine does; a password of its that still waits to be checked (`commands.entering`) is
        not any more.
        """
        if (asked := self.ndb.at_the_doors) is not None:
            asked.cancel()
        super().at_disconnect(reason)


def _mirror(sender: Any = None, session: Any = None, **kwargs: Any) -> None:
    """Send the whole session: logging in alone tells the Portal little more than the account."""
    if session and session.sessid in evennia.SESSION_HANDLER:
        evennia.SESSION_HANDLER.session_portal_sync(session)


def _unmirror(sender: Any = None, session: Any = None, **kwargs: Any) -> None:
    """The signal comes before the session itself has forgotten its body."""
    if session:
        evennia.SESSION_HANDLER.session_portal_partial_sync({session.sessid: {"puid": None}})


def at_server_init() -> None:
    """Called by the engine first of all at each start."""
    signals.SIGNAL_ACCOUNT_POST_LOGIN.connect(_mirror, dispatch_uid="mirror-login")
    signals.SIGNAL_OBJECT_POST_PUPPET.connect(_mirror, dispatch_uid="mirror-puppet")
    signals.SIGNAL_OBJECT_POST_UNPUPPET.connect(_unmirror, dispatch_uid="mirror-unpuppet")

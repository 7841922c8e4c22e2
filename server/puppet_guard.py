"""The Server's half of supervision: the Portal always knows who is in which body.

Owns the mirroring of each session's account and character to the Portal as they change, so that a Server that died
gives them back exactly as after a reload. One stale character cannot silence everybody: a session whose body is
gone comes back without one.
"""

from __future__ import annotations

from typing import Any

import evennia
from evennia.server import signals
from evennia.server.serversession import ServerSession


class GuardedSession(ServerSession):
    """A session that survives the loss of its body."""

    def at_sync(self) -> None:
        """Take over from the Portal. The engine's own fails for everybody if one body is missing."""
        if self.puid and not evennia.ObjectDB.objects.filter(id=self.puid).exists():
            self.puid = None
        super().at_sync()

    def at_disconnect(self, reason: Any = None) -> None:
        """Like the engine's; also cancels a password check of this session that is still waiting
        (`commands.entering`).
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
    """Called by the engine first at each start."""
    signals.SIGNAL_ACCOUNT_POST_LOGIN.connect(_mirror, dispatch_uid="mirror-login")
    signals.SIGNAL_OBJECT_POST_PUPPET.connect(_mirror, dispatch_uid="mirror-puppet")
    signals.SIGNAL_OBJECT_POST_UNPUPPET.connect(_unmirror, dispatch_uid="mirror-unpuppet")

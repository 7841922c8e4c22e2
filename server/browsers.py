"""Connections as browsers have them: whoever comes with a session is logged in at once, and leaving ends the session.

Owns what the Server's sessions do about `web.standing`. Does not trust the Portal to say who somebody is: it passes
on the cookie's content, which is looked up here.
"""

from __future__ import annotations

from typing import Any

from server.outgoing import RenderingSessions
from web import standing

BROWSER = "websocket"
LEFT = {"quit": "You have left.", "quit/all": "You have left.", "": "You were disconnected."}
"""What a browser is told, by the engine's reason; any other reason is passed on unchanged."""


class BrowserSessions(RenderingSessions):
    """The Server's sessions."""

    def portal_connect(self, portalsessiondata: dict[str, Any]) -> None:
        """A new connection."""
        told = portalsessiondata
        if told.get("protocol_key") == BROWSER:
            account = standing.account_of(told.get("csessid") or "", str(told.get("address")))
            told = {
                **told,
                "csessid": told["csessid"] if account else None,
                "uid": account and account.pk,
                "logged_in": account is not None,
            }
        super().portal_connect(told)
        if told["csessid"] != portalsessiondata["csessid"]:  # the Portal keeps it for a Server that starts later
            self.session_portal_partial_sync({told["sessid"]: {"csessid": None}})

    def portal_sessions_sync(self, portalsessionsdata: dict[int, dict[str, Any]]) -> None:
        """The connections that the Portal kept. The Server that died may have issued a ticket, so there is another.
        Whoever connected while there was no Server is judged now.
        """
        super().portal_sessions_sync(portalsessionsdata)
        for session in [one for one in self.values() if one.protocol_key == BROWSER]:
            if session.logged_in and not session.csessid:
                standing.offer(session)
            elif session.csessid and not session.logged_in:
                account = standing.account_of(session.csessid, str(session.address))
                if account is not None:
                    self.login(session, account, force=True)
                else:
                    session.csessid = None
                    self.session_portal_partial_sync({session.sessid: {"csessid": None}})

    def login(self, session: Any, account: Any, force: bool = False, testmode: bool = False) -> None:
        """Somebody has logged in; a browser gets a session for it, unless it came with one."""
        super().login(session, account, force, testmode)
        if session.protocol_key == BROWSER and not session.csessid:
            standing.offer(session)

    def disconnect(self, session: Any, reason: str | None = "", sync_portal: bool = True) -> None:
        """A connection ends: if it was left or closed by the Server (`sync_portal`), its browser is logged out; if it
        broke off, it is not.
        """
        key, browser = getattr(session, "csessid", None), getattr(session, "protocol_key", "") == BROWSER
        standing.drop(session)
        super().disconnect(session, LEFT.get(reason or "", reason) if browser else reason, sync_portal)
        if sync_portal and key:
            standing.SessionStore(key).delete()

"""A browser's login: its session, and the web client's sockets that share it.

Owns the one tie between the two. A socket is logged in because the browser's cookie says so, or because somebody
logged in on it; in that case the browser gets a ticket, for which the pages give it a session under a new key. When
that session ends, in whatever way, its sockets end, and when a socket is left for good, the session ends. Keeps
nothing of a browser with which nobody has logged in, and never shows a session's key to a script.

It is Django's SESSION_ENGINE, so every way to end a session goes through it.
"""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import evennia
from django.contrib.auth import get_user
from django.contrib.sessions.backends import db
from twisted.internet import reactor

from agents.kernel import randomness

LOGGED_OUT = "Logged out in this browser."
RENEWED = "Closed: this account has a new password. Log in with it."
KEY = re.compile(r"[a-z0-9]{32}")

_tickets: dict[str, Any] = {}
"""Sockets on which somebody has logged in, and whose browser does not know it yet."""


class SessionStore(db.SessionStore):
    """Sessions in the database, whose end is reported to their sockets."""

    def delete(self, session_key: str | None = None) -> None:
        """Every end of a session: logging out, logging in as another, a changed password."""
        key = session_key or self.session_key
        super().delete(session_key)
        if key:
            _on_the_worlds_thread(_end, key)


def account_of(key: str, address: str) -> Any:
    """The account as which a browser's session is logged in; None if there is none or it may not enter."""
    if not KEY.fullmatch(key):
        return None
    user = get_user(SimpleNamespace(session=SessionStore(key)))  # type: ignore[arg-type]
    if not user.is_authenticated or user.is_banned(username=user.username, ip=address):
        return None
    return user


def offer(session: Any) -> None:
    """Give the browser at the other end of a socket a ticket for a session."""
    drop(session)
    ticket = randomness.secret(32)
    _tickets[ticket] = session
    session.sessionhandler.data_out(session, ticket=[[ticket], {}])


def drop(session: Any) -> None:
    """A socket that has ended, or gets another ticket."""
    for ticket in [ticket for ticket, one in _tickets.items() if one is session]:
        _tickets.pop(ticket, None)


def redeemed(ticket: str) -> Any:
    """The socket to which a ticket was given; None for one that was used or never existed."""
    return _tickets.pop(ticket, None)


def tie(session: Any, key: str) -> None:
    """From now on the socket and the browser's session `key` end together."""
    _on_the_worlds_thread(_tie, session, key)


def renewed(account: Any, keeping: Any) -> None:
    """An account has a new password: whoever logged in with the old one is disconnected, except the connection that
    changed it.
    """
    _on_the_worlds_thread(_renewed, account, keeping)


def _tie(session: Any, key: str) -> None:
    handler = session.sessionhandler
    if handler.get(session.sessid) is not session or not session.logged_in:
        SessionStore(key).delete()
        return
    session.csessid = key
    handler.session_portal_partial_sync({session.sessid: {"csessid": key}})


def _end(key: str) -> None:
    for session in _sessions():
        if session.csessid == key:
            session.csessid = None
            session.sessionhandler.disconnect(session, LOGGED_OUT)


def _renewed(account: Any, keeping: Any) -> None:
    if keeping is not None and keeping.csessid and keeping.uid == account.pk:
        key, keeping.csessid = keeping.csessid, None
        SessionStore(key).delete()
        offer(keeping)
    for session in _sessions():
        if session.logged_in and session.uid == account.pk and session is not keeping:
            session.sessionhandler.disconnect(session, RENEWED)


def _sessions() -> list[Any]:
    return list((evennia.SESSION_HANDLER or {}).values())


def _on_the_worlds_thread(function: Any, *args: Any) -> None:
    reactor.callFromThread(function, *args)  # type: ignore[attr-defined]

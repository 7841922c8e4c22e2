"""What a connection remembers: whom it watches, whether it follows the feed, which task it is shown round by.

Owns where that is kept: with what the Portal knows of the connection, so that it outlasts a reload, a crash of the
Server and no connection else. Refuses to remember for an account: a second client begins with nothing.
"""

from __future__ import annotations

from typing import Any

WATCHING, FEED, GUIDED, TOUR = "watching", "feed", "guided", "tour"
"""Slugs that are watched; whether the feed is followed; the task that is explained as it goes; the stop of the tour."""
KEYS = frozenset({WATCHING, FEED, GUIDED, TOUR})


def recall(session: Any, key: str) -> Any:
    """What it remembers under `key`, or None."""
    return session.protocol_flags.get(_flag(key))


def remember(session: Any, key: str, value: Any) -> None:
    """Keep a plain value."""
    session.update_flags(**{_flag(key): value})


def _flag(key: str) -> str:
    return f"TIMMY_{key.upper()}"

"""Whether the world's records can be written, and what the Server does while they cannot.

Owns how long the Server's own thread waits for a database that another program has locked, and the pause of the
beats until it can be written again. Never waits on that thread otherwise: requests in the meantime are refused at
once, but reading works.
"""

from __future__ import annotations

import threading
from typing import Any

from django.db import Error, connection
from django.db.backends.signals import connection_created
from twisted.logger import Logger

from agents.kernel.clock import Clock
from agents.kernel.errors import Unwritable, unwritable

LOOK_SECONDS = 0.5
"""Seconds after which writing is tried again."""
KNOWN_LOCKED_MS = 20
"""How long a statement waits while the records are known to be locked."""
log = Logger()


class Records:
    """What the beats last found. One in each Server; its main thread calls everything."""

    def __init__(self, clock: Clock, lock_seconds: float) -> None:
        """`lock_seconds`: how long a statement on this thread waits for another program's lock."""
        self._clock, self._patience = clock, round(lock_seconds * 1000)
        self.trouble: Unwritable | None = None
        self.since = self._next = 0.0

    def begin(self) -> None:
        """Shorten this thread's waits, now and for each new connection to the database."""
        connection_created.connect(self._connected, dispatch_uid="timmy-records")
        if connection.connection is not None:
            self._wait_at_most(self._patience)

    def end(self) -> None:
        """Leave the connections alone from now on."""
        connection_created.disconnect(dispatch_uid="timmy-records")

    def writable(self) -> bool:
        """Whether a beat may write: yes unless that failed a moment ago, or a lock is still held."""
        if self.trouble is None:
            return True
        if self._clock.monotonic() < self._next:
            return False
        self._next = self._clock.monotonic() + LOOK_SECONDS
        return self._tried()

    def refused(self, why: Unwritable) -> None:
        """A beat could not write: report it once, and pause the beats for a moment."""
        if self.trouble is None:
            self.since = self._clock.monotonic()
            log.error("The minds are paused: {why}", why=why)
        self.trouble = why
        self._next = self._clock.monotonic() + LOOK_SECONDS
        self._wait_at_most(KNOWN_LOCKED_MS)

    def worked(self) -> None:
        """A beat could write."""
        if self.trouble is not None:
            self.trouble = None
            self._wait_at_most(self._patience)
            log.warn("The records can be written again after {s:.1f} s", s=self._clock.monotonic() - self.since)

    def told(self) -> dict[str, Any]:
        """For `timmy status`: `ok`, and if not, why and for how many seconds."""
        if self.trouble is None:
            return {"ok": True, "why": "", "seconds": 0.0}
        return {"ok": False, "why": self.trouble.message, "seconds": round(self._clock.monotonic() - self.since, 1)}

    def _tried(self) -> bool:
        """Write what is already there, to see whether that works."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA user_version")
                version = int(cursor.fetchone()[0])
                cursor.execute("BEGIN IMMEDIATE")
                try:
                    cursor.execute(f"PRAGMA user_version={version}")
                    cursor.execute("COMMIT")
                except Exception:
                    connection.rollback()
                    raise
        except Error as error:
            if (why := unwritable(error)) is None:
                raise
            self.trouble = why
            return False
        return True

    def _connected(self, sender: object = None, connection: Any = None, **more: object) -> None:
        if connection.vendor == "sqlite" and threading.current_thread() is threading.main_thread():
            self._wait_at_most(self._patience, connection)

    def _wait_at_most(self, milliseconds: int, link: Any = connection) -> None:
        if link.vendor == "sqlite":
            with link.cursor() as cursor:
                cursor.execute(f"PRAGMA busy_timeout={milliseconds}")

"""Moves what was written from the write-ahead log into the database, off the world's thread.

Owns one beat. SQLite's own checkpoint comes with the commit that fills the log, and has the disk write there and
then: 200 ms and more. Here a thread does it while the world goes on (a PASSIVE checkpoint waits for nobody and holds
nobody up; sqlite.org/wal.html). Since commits come in meanwhile, all of the log would never be moved, and it would fill
nevertheless: the little that is left is moved with the log held (RESTART). A commit then waits some 60 ms for the disk,
once in a beat; so the beat is slow, and what it can leave behind is large. Refuses to
report: records that cannot be written are told by `server.records`.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from django.conf import settings
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThread
from twisted.logger import Logger

EVERY = 3.0
"""Seconds from one to the next, after the end of the one before."""
PATIENCE = 0.1
"""Seconds to wait for the log to be free at the end; where it is not, it grows until the next time."""
log = Logger()


def begin() -> LoopingCall:
    """Go on until the loop that is returned is stopped."""
    name = str(settings.DATABASES["default"]["NAME"])
    loop = LoopingCall(lambda: deferToThread(move, name))
    loop.start(EVERY, now=False)
    return loop


def move(name: str) -> None:
    """Move all of it, most without holding anybody up."""
    try:
        with closing(sqlite3.connect(name, timeout=PATIENCE)) as link:
            for kind in ("PASSIVE", "PASSIVE", "RESTART"):
                link.execute(f"PRAGMA wal_checkpoint({kind})")
    except sqlite3.Error as error:  # locked, full or read-only: it stays in the log, where it is safe
        log.debug("Nothing moved into the database: {error}", error=error)

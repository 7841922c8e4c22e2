"""Moves what was written from the write-ahead log into the database, off the world's thread.

Owns one beat. SQLite's own checkpoint runs in the commit that fills the log and makes the disk write there and
then: 200 ms and more. Here a thread does it while the world continues (a PASSIVE checkpoint waits for nobody and
blocks nobody; sqlite.org/wal.html). Since commits arrive in the meantime, it would never move all of the log, which
would fill up after all; so the small remainder is moved with the log locked (RESTART). A commit then waits about 60
ms for the disk, once in a beat, so the beat is slow and may leave a lot behind. Reports nothing: `server.records`
reports records that cannot be written.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from django.conf import settings
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThread
from twisted.logger import Logger

EVERY = 3.0
"""Seconds from the end of one to the start of the next."""
PATIENCE = 0.1
"""Seconds to wait at the end for the log to be unlocked; if it is not, it grows until the next time."""
log = Logger()


def begin() -> LoopingCall:
    """Continue until the returned loop is stopped."""
    name = str(settings.DATABASES["default"]["NAME"])
    loop = LoopingCall(lambda: deferToThread(move, name))
    loop.start(EVERY, now=False)
    return loop


def move(name: str) -> None:
    """Move all of it, most without blocking anybody."""
    try:
        with closing(sqlite3.connect(name, timeout=PATIENCE)) as link:
            for kind in ("PASSIVE", "PASSIVE", "RESTART"):
                link.execute(f"PRAGMA wal_checkpoint({kind})")
    except sqlite3.Error as error:  # locked, full or read-only: it stays in the log, where it is safe
        log.debug("Nothing moved into the database: {error}", error=error)

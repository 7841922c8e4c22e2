"""Moves what was written from the write-ahead log into the database, off the world's thread.

Owns one beat. SQLite's own checkpoint comes with the commit that fills the log, and has the disk write there and
then: with a thousand agents one commit in ten took ten times as long. Here a thread does it while the world
goes on (a PASSIVE checkpoint waits for nobody and holds nobody up; sqlite.org/wal.html); what it left, a commit still
does when the log is full. Refuses to report: records that cannot be written are told by `server.records`.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing

from django.conf import settings
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThread
from twisted.logger import Logger

EVERY = 1.0
"""Seconds from one to the next, after the end of the one before."""
log = Logger()


def begin() -> LoopingCall:
    """Go on until the loop that is returned is stopped."""
    name = str(settings.DATABASES["default"]["NAME"])
    loop = LoopingCall(lambda: deferToThread(move, name))
    loop.start(EVERY, now=False)
    return loop


def move(name: str) -> None:
    """Move what can be moved without waiting for anybody."""
    try:
        with closing(sqlite3.connect(name, timeout=0)) as link:
            link.execute("PRAGMA wal_checkpoint(PASSIVE)")
    except sqlite3.Error as error:  # locked, full or read-only: it stays in the log, where it is safe
        log.debug("Nothing moved into the database: {error}", error=error)

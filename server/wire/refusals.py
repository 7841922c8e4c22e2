"""What was refused on the wire: counted by kind, and logged so that a flood cannot fill the log.

A peer is named in the log once a minute and kind, all peers together at a small rate; the counts are complete.
Never logs what was sent: it may be a password, and is whatever an attacker likes.
"""

from __future__ import annotations

from collections import Counter

from twisted.logger import Logger

from server.wire.allowance import Bucket

AGAIN_SECONDS = 60.0
LINES_A_SECOND = 0.5
REMEMBERED = 1000

log = Logger()


class Refusals:
    """Counts since the Portal's start."""

    def __init__(self, now: float) -> None:
        self.counts: Counter[str] = Counter()
        self._told: dict[tuple[str, str], float] = {}
        self._bucket = Bucket(LINES_A_SECOND, now)
        self._unlogged = 0

    def note(self, what: str, address: str, now: float) -> None:
        """Count one, and log it unless it was logged recently or there is too much to log."""
        self.counts[what] += 1
        if now - self._told.get((what, address), -AGAIN_SECONDS) < AGAIN_SECONDS or not self._bucket.spare(1, now):
            self._unlogged += 1
            return
        if len(self._told) >= REMEMBERED:
            self._told.clear()
        self._told[what, address] = now
        more, self._unlogged = self._unlogged, 0
        log.info(
            "Refused: {what}, from {address} ({more} more since the last such line)",
            what=what,
            address=address,
            more=more,
        )

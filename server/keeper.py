"""Keeps one process running beside others, without waiting for it.

Owns its starts with back-off, its adoption if an earlier supervisor left it running, and its end. Never gives up
and never affects others: whatever happens to it, its neighbours are left alone.
"""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path

from agents.kernel.clock import Clock
from server import ends, locks, process
from server.backoff import Backoff

STABLE = ends.SOON
"""Seconds after which a life resets the count of failures."""
PATIENCE = 10.0
log = logging.getLogger("supervisor")


class Keeper:
    """One process by name."""

    def __init__(self, run: Path, name: str, clock: Clock) -> None:
        self.run, self.name, self.clock = run, name, clock
        self.restarts = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._adopted: int | None = None
        self._born = 0.0
        self._stable = False
        self._due = 0.0
        self._backoff = Backoff(stable=STABLE)

    def tick(self) -> bool:
        """Check once; returns whether something was started or has ended. Called a few times a second."""
        now = self.clock.monotonic()
        if self._child is not None:
            if (code := self._child.poll()) is None:
                self._well(now)
                return False
            self._child = None
            return self._died(f"ended with code {code}", now)
        held = locks.holder(self.run, self.name)
        if self._adopted is not None:
            if held == self._adopted:
                return False
            self._adopted = None
            return self._died("has ended", now)
        if held is not None:
            self._adopted, self._born = held, now
            log.info("Adopting the running %s, pid %d", self.name, held)
            return True
        return now >= self._due and self._start(now)

    def end(self) -> None:
        """Stop it, by force if necessary."""
        if locks.end(self.run, self.name, PATIENCE):
            log.error("The %s did not end and was killed", self.name)
        if self._child is not None:
            self._child.kill()  # it may have been too young to hold its lock
            self._child.wait()

    def _start(self, now: float) -> bool:
        try:
            self._child = process.start(self.name)
        except OSError as error:
            log.error("The %s cannot be started: %s", self.name, error)
            self._due = now + self._backoff.died(0.0)
            return False
        self._born = now
        log.info("%s started, pid %d", self.name, self._child.pid)
        return True

    def _well(self, now: float) -> None:
        """Forget how the previous one ended, once this one has lived longer than that."""
        if not self._stable and now - self._born >= STABLE:
            self._stable = True
            ends.forget(self.name)

    def _died(self, how: str, now: float) -> bool:
        self.restarts += 1
        self._stable = False
        ends.note(self.name, how, now - self._born)
        delay = self._backoff.died(now - self._born)
        self._due = now + delay
        log.warning("The %s %s; next start in %.0f s", self.name, how, delay)
        return True

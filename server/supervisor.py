"""Keeps the Portal running, and the processes that `server.processes` lists beside it; the Portal keeps the Server
running.

Owns `run/supervisor.lock`, the Portal's process, and what a dead Portal leaves behind (its orphaned Server is
stopped before a new Portal starts). Each of the others has a `Keeper`, and no death of one affects another.
Standard library only. Does not try for ever: if a Portal dies three times before the world was ever ready, it gives
up.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

from agents.kernel import location
from agents.kernel.clock import SystemClock
from agents.kernel.errors import Unavailable
from server import client, ends, locks, process, processes, secret
from server.backoff import Backoff
from server.keeper import Keeper

TRIES = 3
log = logging.getLogger("supervisor")
clock = SystemClock()


class Supervisor:
    """One run of the world, from `run` to `stop`."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.stopping = False
        self.backoff = Backoff()
        self.beside = [Keeper(run, one.name, clock) for one in processes.kept_by("supervisor") if not one.vital]
        self.restarts = 0
        self.was_ready = self.ready = False
        """Whether the world has been ready in this run, and in this life of the Portal."""

    def keep(self) -> int:
        """Run until told to stop; returns the exit code: 0 stopped, 1 the world cannot start."""
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._on_stop)
        ends.forget()
        try:
            return self._keep()
        finally:
            for keeper in self.beside:
                keeper.end()

    def _keep(self) -> int:
        while not self.stopping:
            born, self.ready = clock.monotonic(), False
            code = self._portal()
            self._orphans()
            if self.stopping or code == 0:
                log.info("The Portal ended as asked")
                return 0
            ends.note("portal", f"ended with code {code}", clock.monotonic() - born)
            if not self.was_ready and self.backoff.failures + 1 >= TRIES:
                log.error("The Portal could not start %d times; giving up", TRIES)
                return 1
            self.restarts += 1
            self._tell()
            delay = self.backoff.died(clock.monotonic() - born, self.ready)
            log.warning("The Portal ended with code %s; next start in %.0f s", code, delay)
            self._sleep(delay)
        return 0

    def _portal(self) -> int:
        """One life of the Portal, adopted if an earlier supervisor left it running."""
        left = locks.holder(self.run, "portal")
        if left is not None:
            log.info("Adopting the running Portal, pid %d", left)
            self._tell()
            while locks.holder(self.run, "portal") == left and not self.stopping:
                self._note_ready()
                self._look()
                time.sleep(0.1)
            if self.stopping:
                locks.end(self.run, "portal", patience=20.0)
                return 0
            return 1
        self._orphans()
        try:
            portal = process.start("portal")
        except OSError as error:
            log.error("The Portal cannot be started: %s", error)
            return 1
        log.info("Portal started, pid %d", portal.pid)
        self._tell()
        asked = 0.0
        while True:
            try:
                return portal.wait(timeout=0.1)
            except subprocess.TimeoutExpired:
                self._note_ready()
                self._look()
            if self.stopping and not asked:
                asked = clock.monotonic()
                portal.terminate()
            elif asked and clock.monotonic() - asked > 25:
                log.error("The Portal does not end; it is killed")
                portal.kill()

    def _orphans(self) -> None:
        """Stop what a dead Portal has left."""
        for one in processes.kept_by("portal"):
            locks.end(self.run, one.name, patience=3.0)

    def _look(self) -> None:
        """Check the processes beside the Portal."""
        if self.stopping:
            return
        looked = [keeper.tick() for keeper in self.beside]
        if any(looked):
            self._tell()

    def _note_ready(self) -> None:
        """Remember that the world has been ready once in this life of the Portal."""
        if self.ready:
            return
        try:
            self.ready = bool(client.ask(self.run / "portal.sock", {"do": "status"}, 1.0).get("ready"))
        except Unavailable:
            return
        if self.ready:
            self.was_ready = True
            ends.forget("portal")
            log.info("The world is ready")

    def _tell(self) -> None:
        """Write what `timmy status` shows about restarts to a file, if possible."""
        fresh = self.run / "supervisor.json.new"
        restarts = {"portal": self.restarts} | {keeper.name: keeper.restarts for keeper in self.beside}
        try:
            fresh.write_text(json.dumps({"pid": os.getpid(), "restarts": restarts}))
            fresh.replace(self.run / "supervisor.json")
        except OSError as error:
            log.error("The restarts cannot be written down: %s", error)

    def _sleep(self, seconds: float) -> None:
        end = clock.monotonic() + seconds
        while clock.monotonic() < end and not self.stopping:
            self._look()
            time.sleep(0.1)

    def _on_stop(self, sign: int, frame: FrameType | None) -> None:
        self.stopping = True


def main() -> int:
    """Supervise this world; exit code 1 if it is already running or cannot start."""
    secret.keep_to_owner()
    run = location.run_dir()
    location.log_dir().mkdir(parents=True, exist_ok=True, mode=0o700)
    target = logging.handlers.RotatingFileHandler(
        location.log_dir() / "supervisor.log", maxBytes=1_000_000, backupCount=5
    )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", handlers=[target])
    try:
        held = locks.take(run, "supervisor")
    except BlockingIOError:
        log.error("A supervisor of this world runs already")
        return 1
    with held:
        return Supervisor(run).keep()


if __name__ == "__main__":
    sys.exit(main())

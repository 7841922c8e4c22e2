"""Which processes of this world are running: one advisory lock for each, with its id inside.

Owns `run/<name>.lock`. A lock dies with its holder, so no stale file and no reused process id can mislead; waiting
for the lock is waiting for the process. Standard library only. Does not guess: a file that is not locked names
nobody.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from pathlib import Path
from typing import IO

from agents.kernel.clock import SystemClock

clock = SystemClock()


def path(run: Path, name: str) -> Path:
    """The lock file of the process `name`."""
    return run / f"{name}.lock"


def take(run: Path, name: str) -> IO[str]:
    """Hold the lock of `name` until the returned file is closed or the process ends.

    Raises BlockingIOError if another process holds it.
    """
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = path(run, name).open("a+", encoding="ascii")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        raise
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def holder(run: Path, name: str) -> int | None:
    """The process id that holds the lock of `name`; None if it is not running."""
    try:
        with path(run, name).open(encoding="ascii") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(handle.read() or 0) or None
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        pass  # an unusable folder is reported by whoever wants to write there
    return None


def gone(run: Path, name: str, seconds: float) -> bool:
    """Wait up to `seconds` until nobody holds the lock of `name`; returns whether that happened."""
    limit = clock.monotonic() + seconds
    while holder(run, name) is not None:
        if clock.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


def end(run: Path, name: str, patience: float) -> bool:
    """Ask the process `name` to end, force it after `patience` seconds; returns whether it had to be forced."""
    for sign, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
        pid = holder(run, name)
        if pid is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sign)
        if gone(run, name, seconds):
            return sign == signal.SIGKILL
    return True

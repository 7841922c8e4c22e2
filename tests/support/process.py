"""Waiting for what other threads and processes do."""

from __future__ import annotations

import contextlib
import random
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from server import ports


def until(condition: Callable[[], Any], what: str, patience: float = 60.0) -> Any:
    """Wait until `condition` yields something true, and return that; fail naming `what`."""
    end = time.monotonic() + patience
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience:.0f} s in vain: {what}")
        time.sleep(0.02)
    return found


def free_port() -> int:
    """A port that can be bound now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def free_base() -> int:
    """A port base of a world all of whose ports can be bound now."""
    while True:
        base = random.randrange(20000, 31000)
        with contextlib.ExitStack() as held:
            try:
                for port in ports.of(base).values():
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            return base


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent to hear of it does not."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False

"""What a simulated world has in place of a machine: a disk that fills and is cleared, and commits that are never made.

Owns the stand-ins behind the ports `Probe` and `Offload`. Refuses to touch the host: anything that would is an error,
so that a run is the same on every machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from agents.kernel.clock import Clock
from agents.work import artifacts
from agents.work.artifacts import Committed
from agents.work.ports import Machine

DISK_BYTES = 500 * 2**30
FILLS_IN = 30 * 3600.0
"""Seconds in which the disk fills from a third to all but nothing, before it is cleared."""


def machine(clock: Clock) -> Callable[[], Machine]:
    """A probe of a computer whose disk fills steadily and whose load follows the hours of the day."""

    def measured() -> Machine:
        free = 0.66 * (1 - (clock.monotonic() % FILLS_IN) / FILLS_IN)
        busy = 8 <= clock.now().hour < 20
        return Machine(int(DISK_BYTES * free), free, 0.6 if busy else 0.3, 0.2 if busy else 0.0)

    return measured


async def offload(function: Callable[..., Any], *args: Any) -> Any:
    """Do at once what a thread would do, where that is known; raises RuntimeError for anything else."""
    if function is artifacts.commit_files:
        return _committed(*args)
    raise RuntimeError(
        f"{getattr(function, '__qualname__', function)} reaches for the machine, and a simulation has none"
    )


def _committed(
    settings: object, slug: str, files: Mapping[str, bytes], message: str, when: object, key: str
) -> dict[str, Committed]:
    """As `artifacts.commit_files`; the commit is named by what it would hold."""
    mark = hashlib.sha256(f"{slug} {message} {when} {key}".encode())
    for path, content in files.items():
        mark.update(path.encode() + b"\0" + content)
    return {path: Committed(mark.hexdigest()[:40], path, content) for path, content in files.items()}

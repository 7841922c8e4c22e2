"""Which other programs have a file open, according to /proc. Standard library only.

Owns the search. Does not guess what it cannot see: on a system without /proc, and for other users' processes,
nothing is found.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")


def of(path: Path, but: set[int]) -> list[tuple[int, str]]:
    """The id and command of each process that has `path` open, except those in `but`."""
    real = os.path.realpath(path)
    return [(pid, _command(pid)) for pid in _pids() if pid not in but and real in _open(pid)]


def _pids() -> Iterator[int]:
    if PROC.is_dir():
        yield from sorted(int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def _open(pid: int) -> set[str]:
    found = set()
    try:
        for link in (PROC / str(pid) / "fd").iterdir():
            found.add(os.readlink(link))
    except OSError:  # it has ended, or belongs to another user
        return found
    return found


def _command(pid: int) -> str:
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    return " ".join(word.decode(errors="replace") for word in words if word)

"""Which other programs have a file open, by /proc. Standard library only.

Owns the looking. Refuses to guess where it cannot look: on a system without /proc, and of processes of
other users, nothing is found.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc")


def of(path: Path, but: set[int]) -> list[tuple[int, str]]:
    """The id and the command of each process that has `path` open, without those in `but`."""
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
    except OSError:  # it has ended, or is another user's
        return found
    return found


def _command(pid: int) -> str:
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return ""
    return " ".join(word.decode(errors="replace") for word in words if word)

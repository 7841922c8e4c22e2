"""What is requested of a sandbox, and the result. Pure values.

Limits are part of the job, so that a tool declares them and a test reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

WHOLE = 4
"""All files of a job together may be this many times as large as one, and all its processes together use this many
times the memory of one.
"""


@dataclass(frozen=True)
class Limits:
    """Hard limits of one command. Megabytes are 2**20 bytes, kilobytes 2**10."""

    seconds: float = 120
    memory_mb: int = 1024
    processes: int = 128
    file_mb: int = 64
    output_kb: int = 2048


@dataclass(frozen=True)
class Job:
    """A command to run with no network, a read-only system and an empty home.

    `read`: folders mounted read-only at their own paths. `write`: one folder mounted writable at its own path
    (None: only a private temporary folder, which is removed afterwards). `cwd` must be in one of them or None. The
    environment is exactly `env` plus PATH, HOME, LANG, PWD. `places`: what those folders must be, by path (see
    `syscalls.place`); a job whose folder has changed is not started.
    """

    argv: tuple[str, ...]
    read: tuple[Path, ...] = ()
    write: Path | None = None
    cwd: Path | None = None
    env: dict[str, str] = field(default_factory=dict)
    stdin: bytes = b""
    limits: Limits = Limits()
    places: Mapping[Path, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """How the command ended. `ended` is '' if it ended normally, otherwise the limit that stopped it (time, output,
    memory, disk, stop). `cut` says that output beyond the limit was dropped.
    """

    code: int
    out: bytes
    err: bytes
    seconds: float
    ended: str = ""
    cut: bool = False

    @property
    def ok(self) -> bool:
        """Whether it ended normally with code 0."""
        return self.code == 0 and not self.ended


class Sandbox(Protocol):
    """A way to run a job. `name` is shown by `timmy doctor` and `timmy status`."""

    name: str

    def run(self, job: Job) -> Result:
        """Run to the end, blocking (call it through an Offload). Raises Unavailable if the sandbox itself cannot be
        created, never because the command failed.
        """
        ...

    def stop(self) -> None:
        """Stop every running job and start no more; may be called from any thread. The world is shutting down, and its
        threads must not wait for long commands.
        """
        ...

"""A program at a terminal of its own, whose keys mean what they mean to people: Ctrl-C interrupts, Ctrl-D ends.

Owns the terminal and the program's certain end. Refuses to know what the program says.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
from pathlib import Path

from tests.support.process import until


def heed_ctrl_c() -> None:
    """For a child before it begins: tests that were begun in the background ignore SIGINT, and so would it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """A context manager; afterwards the program has ended."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        def begin() -> None:
            heed_ctrl_c()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self._near, far = pty.openpty()
        self.child = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=far,
            stdout=far,
            stderr=far,
            start_new_session=True,
            preexec_fn=begin,
        )
        os.close(far)
        self._shown = b""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *error: object) -> None:
        self.child.kill()  # nothing, where it has ended
        self.child.wait()
        os.close(self._near)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._near, keys.encode())

    def expect(self, words: str) -> str:
        """Wait for words; what was shown before them since the last that were waited for."""
        wanted = words.encode()

        def more() -> bool:
            if wanted not in self._shown and select.select([self._near], [], [], 0.2)[0]:
                self._shown += os.read(self._near, 65536)
            return wanted in self._shown

        until(more, f"{words!r}; shown was {self._shown!r}")
        before, _, self._shown = self._shown.partition(wanted)
        return before.decode(errors="replace")

"""Interrupts a mind that blocks the Server's thread too long: a loop, a sleep, a socket that does not answer.

Owns the timer (SIGALRM) and the rule where code may be interrupted: only while a builder's code itself runs (an
act, a kind, a tool, and what they call). Never interrupts anything else: in the middle of a transaction, of the
engine or of our own code, an error out of nowhere would leave things half done, so there it waits a moment and
checks again. What never returns from there is left to the Portal, which replaces a Server that hangs.
"""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Any

from agents.kernel.guard import Overran
from agents.kernel.parts import folders

AGAIN = 0.05
"""Seconds after which it checks again, if the code may not be interrupted or continued in spite of it."""
PARTS = (
    "agents.work.kinds.",
    "agents.work.tools.",
    *(f"agents.{folder.parent.name}.{name}." for name in ("actions", "kinds", "tools") for folder in folders(name)),
    "_agents_",
)
"""Prefixes of builders' modules: in the standard folders and in those of parts; `_agents_` if they are outside the
project.
"""
OTHERS = frozenset(
    {
        "agents",
        "commands",
        "server",
        "typeclasses",
        "web",
        "world",
        "django",
        "evennia",
        "twisted",
        "sqlite3",
        "contextlib",
        "importlib",
        "logging",
        "threading",
        "asyncio",
    }
)
"""Packages in the middle of which nothing is interrupted."""


def part_of(frame: FrameType | None) -> str:
    """The builder's code that runs in `frame`, `module:function`; '' if something else is working for it."""
    found = ""
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith(PARTS):
            found = f"{module}:{frame.f_code.co_name}"
        elif found or module.partition(".")[0] in OTHERS:
            break
        frame = frame.f_back
    return found


class Watchdog:
    """The guard of one process; only its main thread may use it. It is its own context manager."""

    def __init__(self, seconds: float) -> None:
        """`seconds`: the limit."""
        self.overran: Overran | None = None
        self._seconds, self._depth = seconds, 0

    def begin(self) -> None:
        """Install the SIGALRM handler; without it, code that takes too long would end the process."""
        signal.signal(signal.SIGALRM, self._ring)

    def __call__(self) -> Watchdog:
        """Guard the code inside."""
        return self

    def __enter__(self) -> Watchdog:
        """A guarded run begins, or a nested one."""
        self._depth += 1
        if self._depth == 1:
            self.overran = None
            signal.setitimer(signal.ITIMER_REAL, self._seconds, AGAIN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """It ends."""
        self._depth -= 1
        if self._depth == 0:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _ring(self, number: int, frame: FrameType | Any) -> None:
        if self._depth and (place := part_of(frame)):
            if self.overran is None:
                self.overran = Overran(self._seconds, place)
            raise self.overran

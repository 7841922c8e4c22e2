"""Becomes a process of this world: `python -m server.process NAME`, by its row in `server.processes`.

Owns each one's command line and lock. The process stays in the foreground, a child of whoever started it, and its
output before logging begins goes to that parent's file. Does not start beside another of the same name.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.kernel import location
from agents.kernel.clock import SystemClock
from agents.kernel.errors import Unavailable
from server import locks, processes

# --nodaemon, spelled out, also tells the engine not to open its own log file.
_TWISTD = ["--nodaemon", "--pidfile="]


def command(name: str) -> list[str]:
    """The command that starts the process `name`."""
    return [sys.executable, "-m", "server.process", name]


def environment() -> dict[str, str]:
    """The environment all of them run in."""
    return dict(
        location.child_environment(
            DJANGO_SETTINGS_MODULE="server.conf.settings", PYTHONPATH=str(location.PROJECT), PYTHONUNBUFFERED="1"
        )
    )


def first_output(name: str) -> Path:
    """The file with what the process printed before its log was open; it shows why a start failed."""
    return location.run_dir() / f"{name}.out"


def start(name: str) -> subprocess.Popen[bytes]:
    """Start the process `name` as a child of this one."""
    location.run_dir().mkdir(parents=True, exist_ok=True, mode=0o700)
    with first_output(name).open("wb") as out:
        return subprocess.Popen(
            command(name),
            cwd=location.PROJECT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )


def ending_once(stop: Callable[[], None]) -> Callable[[], bool]:
    """Stops a reactor for callers that may do so twice, such as a signal and the end of a link; returns whether this
    call stops it. Twisted raises at the second call, which for a signal is an error in the log.
    """

    def once() -> bool:
        from twisted.internet.error import ReactorNotRunning

        try:
            stop()
        except ReactorNotRunning:
            return False
        return True

    return once


def main() -> Any:
    """Take the lock and hand over to twistd, or to a separate program."""
    row = processes.named(sys.argv[1])
    if row.kept_by == "portal":
        from server import link  # Twisted, which the supervisor and the cascade would load for nothing

        try:
            link.claim()
        except Unavailable as error:
            sys.exit(str(error))
    held = locks.take(location.run_dir(), row.name)
    if not row.twisted:
        with held:
            return importlib.import_module(row.module).main()
    import evennia
    from twisted.internet import reactor
    from twisted.scripts import twistd

    # Twisted schedules by the wall clock, and would delay everything if the clock is set back.
    reactor.seconds = SystemClock().monotonic  # type: ignore[attr-defined]
    reactor.stop = ending_once(reactor.stop)  # type: ignore[attr-defined]

    program = Path(evennia.__file__).parent.joinpath(*row.module.split(".")[1:]).with_suffix(".py")
    sys.argv = [f"timmy-{row.name}", *_TWISTD, f"--logger=server.logs.{row.name}", f"--python={program}"]
    try:
        return twistd.run()
    finally:
        held.close()


if __name__ == "__main__":
    main()

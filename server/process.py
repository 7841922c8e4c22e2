"""Becomes the Portal, the Server or the cascade of this world: `python -m server.process portal|server|cascade`.

Owns the command line of each and their locks. The process stays in the foreground, a
child of whoever started it, and its output before logging begins goes to that parent's
file. Refuses to start beside another of the same name.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from agents.kernel import location
from agents.kernel.clock import SystemClock
from server import locks

# --nodaemon, spelled out, is also the engine's sign not to open a log file of its own.
_TWISTD = ["--nodaemon", "--pidfile="]


def command(name: str) -> list[str]:
    """The command that starts the process `name`."""
    return [sys.executable, "-m", "server.process", name]


def environment() -> dict[str, str]:
    """The environment all of them run in."""
    return dict(location.child_environment(
        DJANGO_SETTINGS_MODULE="server.conf.settings", PYTHONPATH=str(location.PROJECT), PYTHONUNBUFFERED="1"
    ))


def first_output(name: str) -> Path:
    """The file of what the process said before its log was open; it tells why a start failed."""
    return location.run_dir() / f"{name}.out"


def start(name: str) -> subprocess.Popen[bytes]:
    """Start the process `name` as a child of this one."""
    location.run_dir().mkdir(parents=True, exist_ok=True, mode=0o700)
    with first_output(name).open("wb") as out:
        return subprocess.Popen(
            command(name), cwd=location.PROJECT, env=environment(),
            stdin=subprocess.DEVNULL, stdout=out, stderr=out,
        )


def main() -> None:
    """Take the lock and hand over to twistd, or to the cascade, which is a program of its own."""
    name = sys.argv[1]
    held = locks.take(location.run_dir(), name)
    if name == "cascade":
        from server import cascading

        with held:
            return cascading.main()
    import evennia
    from twisted.internet import reactor
    from twisted.scripts import twistd

    # Twisted keeps its appointments by the wall, and would let all wait that come due after the clock is set back.
    reactor.seconds = SystemClock().monotonic  # type: ignore[attr-defined]

    engine = Path(evennia.__file__).parent / "server"
    program = {"portal": engine / "portal" / "portal.py", "server": engine / "server.py"}[name]
    sys.argv = [f"timmy-{name}", *_TWISTD, f"--logger=server.logs.{name}", f"--python={program}"]
    try:
        return twistd.run()
    finally:
        held.close()


if __name__ == "__main__":
    main()

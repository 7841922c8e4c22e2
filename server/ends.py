"""How a process of this world last ended without being told to, until another of its name is running well.

A process that dies at once is restarted again and again, so "it is not running" says nothing, but its last output
does. Owns `run/<name>.end`, which is written by whoever supervises the process and read by `timmy doctor`. Does not
judge, and stops nobody if the disk is full. Standard library only.
"""

from __future__ import annotations

import contextlib
import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from agents.kernel import location
from agents.kernel.clock import SystemClock
from agents.kernel.text import clean, redact, shorten
from server import process, processes

SOON = 20.0
"""Seconds: a process that lived longer did not die at once, and one that lives longer is well."""
LONGEST = 300
"""Characters kept of its output."""
TAIL = 65_536
"""Bytes read from the end of a file."""
log = logging.getLogger(__name__)
clock = SystemClock()


class End(NamedTuple):
    """One end. `how`: words that follow "it"; `lived`: seconds; `said`: its last line, or ''."""

    how: str
    lived: float
    said: str


def note(name: str, how: str, lived: float) -> None:
    """Record that the process `name` ended after so many seconds."""
    end = End(how, round(lived, 1), shorten(redact(clean(_last(name, lived), keep_lines=False)), LONGEST))
    fresh = location.run_dir() / f"{name}.end.new"
    try:
        fresh.write_text(json.dumps(end._asdict()))
        fresh.replace(_path(name))
    except OSError as error:
        log.error("How the %s ended cannot be written down: %s", name, error)


def of(name: str) -> End | None:
    """How the process `name` last ended, if it has not been well since."""
    try:
        found: Any = json.loads(_path(name).read_text())
        return End(str(found["how"]), float(found["lived"]), str(found["said"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget(*names: str) -> None:
    """These processes are well, or are started again; without a name, all are."""
    for name in names or processes.NAMES:
        with contextlib.suppress(OSError):
            _path(name).unlink(missing_ok=True)


def _path(name: str) -> Path:
    return location.run_dir() / f"{name}.end"


def _last(name: str, lived: float) -> str:
    """The last line it printed before its log was open, or else the last error in its log since it started."""
    if lines := [line for line in _tail(process.first_output(name)) if line.strip()]:
        return lines[-1]
    born = (clock.now() - timedelta(seconds=lived + 1)).isoformat(timespec="milliseconds")
    for line in reversed(_tail(location.log_dir() / f"{name}.log")):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            row = json.loads(line)
            if row["at"] >= born and row["level"] in ("error", "critical"):
                return str(row["text"])
    return ""


def _tail(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - TAIL, 0))
            return file.read().decode(errors="replace").splitlines()
    except OSError:
        return []

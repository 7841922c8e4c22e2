"""One log for each process: a line of JSON for each event, rotated, limited in size.

Owns the observer that Twisted hands every event to, in Portal and Server alike, and the limits: five old files of
`TIMMY_LOG_MB` each, lines of at most 16,000 characters. Removes control characters, the values of secrets, and what
people typed, which the engine logs when a command fails.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from twisted.logger import Logger, LogLevel, formatEvent
from twisted.python.logfile import LogFile

from agents.kernel import text
from agents.kernel.settings import Settings, current

KEPT, LONGEST = 5, 16_000
_TYPED = re.compile(r"((?:User input was|raw_input|args, kwargs): ?)(.*)", re.DOTALL)
"""The engine's own lines that contain a person's words."""


def line(event: dict[str, Any]) -> str:
    """One event as one line: `at` (UTC), `level`, `from`, `text`, and `trace` if it failed."""
    failure = event.get("log_failure")
    record = {
        "at": datetime.fromtimestamp(event["log_time"], UTC).isoformat(timespec="milliseconds"),
        "level": event["log_level"].name if event.get("log_level") else "info",
        "from": str(event.get("log_namespace") or event.get("log_system") or ""),
        "text": text.shorten(text.redact(text.clean(_untyped(formatEvent(event) or ""))), LONGEST),
    }
    if failure is not None:
        record["trace"] = text.shorten(text.redact(text.clean(failure.getTraceback())), LONGEST)
    return json.dumps(record, ensure_ascii=False)


def _untyped(said: str) -> str:
    return _TYPED.sub(lambda found: f"{found[1]}({len(found[2])} characters, not kept)", said)


def logfile(name: str, settings: Settings) -> LogFile:
    """`logs/<name>.log`, readable only by its owner, which rotates by size and keeps five old ones."""
    folder = settings.state_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    size = settings.log_mb * 1_000_000
    return LogFile(f"{name}.log", str(folder), rotateLength=size, maxRotatedFiles=KEPT, defaultMode=0o600)


def writer(target: LogFile, settings: Settings) -> Callable[[dict[str, Any]], None]:
    """An observer that appends each event of sufficient level to `target`."""
    least = LogLevel.levelWithName({"warning": "warn"}.get(settings.log_level, settings.log_level))

    def observe(event: dict[str, Any]) -> None:
        if (event.get("log_level") or LogLevel.info) >= least:
            target.write(line(event) + "\n")
            target.flush()

    return observe


def begin(name: str) -> Callable[[dict[str, Any]], None]:
    """Log this process, including Python's own logging, to `logs/<name>.log`."""
    settings = current()
    root = logging.getLogger()
    root.addHandler(Bridge())
    root.setLevel(settings.log_level.upper())
    return writer(logfile(name, settings), settings)


def portal() -> Callable[[dict[str, Any]], None]:
    """The Portal's observer; named on twistd's command line."""
    return begin("portal")


def server() -> Callable[[dict[str, Any]], None]:
    """The Server's observer; named on twistd's command line."""
    return begin("server")


class Bridge(logging.Handler):
    """Passes the records of Python's logging into the same log."""

    def emit(self, record: logging.LogRecord) -> None:
        """One record as one event, with the traceback in its text."""
        name = {"WARNING": "warn"}.get(record.levelname, record.levelname.lower())
        Logger(namespace=record.name).emit(LogLevel.levelWithName(name), "{text}", text=self.format(record))

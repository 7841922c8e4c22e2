"""Every unhandled error becomes a bug report task: each kind at most once in five minutes, with repeats counted.

One cause is one bug: an exception that several logs report, or that wraps one already filed, is not filed again,
and what the same line raises by other paths within seconds counts as a repeat.

Owns the fingerprint, the count and the filing, and the two hooks (Python's logging and Twisted's) that bring errors
here. Never raises, recurses or stores secrets: the context is sanitised, redacted and cut to 2,000 characters.
"""

from __future__ import annotations

import hashlib
import logging
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db.models import F, Q

from agents.governance.rules import SYSTEM
from agents.house.core import Defer, at_once
from agents.kernel.errors import unwritable
from agents.kernel.text import clean, redact, shorten
from agents.selfmod.models import BugReport
from agents.work.vetoes import Refused

if TYPE_CHECKING:
    from agents.events.log import EventLog
    from agents.kernel.runtime import Runtime
    from agents.work.service import Work

WINDOW = timedelta(minutes=5)
ECHO = timedelta(seconds=10)
CONTEXT_LIMIT = 2000
_MARK = "_timmy_captured"
_log = logging.getLogger("timmy.capture")


def _frames(error: BaseException) -> list[str]:
    """`module-path:function` of each frame, from the outermost. Line numbers and folders are left out, so that an edit
    above the error or another installation does not make it a new kind.
    """
    found = []
    for frame in traceback.extract_tb(error.__traceback__):
        found.append(f"{'/'.join(Path(frame.filename).parts[-3:])}:{frame.name}")
    return found


def fingerprint(error: BaseException) -> str:
    """Hash of the error's type and its normalised stack, 64 hexadecimal digits."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    return hashlib.sha256("\n".join([kind, *_frames(error)]).encode()).hexdigest()


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, each once."""
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        seen.append(cause)
        yield cause
        cause = cause.__cause__


def _root(error: BaseException) -> str:
    """What stays the same by whichever path the error is reached: the first cause, its message and its place."""
    *_, first = _causes(error)
    return "\n".join([type(first).__qualname__, _message(first), *_frames(first)[-1:]])


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001  (an exception may fail even at being told)
        return "(its message cannot be read)"


def describe(error: BaseException, where: str) -> str:
    """Type, message and stack, fit to be stored and shown: at most 2,000 characters, no secrets."""
    head = f"{type(error).__name__}: {_message(error)}"
    lines = "".join(traceback.format_tb(error.__traceback__))
    text = redact(clean(f"In {where}.\n{shorten(head, 600)}\n\n{lines}"))
    if len(text) <= CONTEXT_LIMIT:
        return text
    keep = CONTEXT_LIMIT - 700  # the head says what happened, the end of the stack where
    return f"{text[:690]}\n[…]\n{text[-keep:]}"


class BugCapture:
    """Files errors. One instance in each world."""

    def __init__(self, runtime: Runtime, events: EventLog, work: Work, defer: Defer = at_once) -> None:
        """`defer` runs a function soon on the thread that may touch tables, outside the failing transaction."""
        self._runtime, self._events, self._work, self._defer = runtime, events, work, defer
        self._busy = threading.local()
        self._roots: dict[str, tuple[int, datetime]] = {}

    def snapshot(self) -> dict[str, tuple[int, datetime]]:
        """The kinds of error that were filed recently: the report of each, and when."""
        return dict(self._roots)

    def restore(self, kept: Mapping[str, tuple[int, datetime]]) -> None:
        """Restore what was filed recently."""
        self._roots = dict(kept)

    def capture(self, error: BaseException, where: str) -> None:
        """File `error`, which nobody handled in `where`. Never raises; the same exception object is filed once,
        however many hooks report it; errors while filing go only to the log.
        """
        if getattr(self._busy, "now", False) or isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit)):
            return
        self._busy.now = True
        try:
            if any(getattr(cause, _MARK, False) for cause in _causes(error)):
                return
            error.__dict__[_MARK] = True
            if (why := unwritable(error)) is not None:  # not a bug, and no report could be filed
                _log.error("%s: %s", where, why)
                return
            mark, root, text = fingerprint(error), _root(error), describe(error, where)
            title = shorten(clean(f"{type(error).__name__} in {where}", keep_lines=False), 150)
            self._defer(lambda: self._safely(mark, root, title, text))
        except Exception:  # noqa: BLE001  (an error about an error must end here)
            _log.exception("an error could not be captured")
        finally:
            self._busy.now = False

    def _safely(self, mark: str, root: str, title: str, text: str) -> None:
        outer = getattr(self._busy, "now", False)
        self._busy.now = True
        try:
            now = self._runtime.clock.now()
            self._roots = {key: kept for key, kept in self._roots.items() if now - kept[1] < ECHO}
            echoed = self._roots.get(root, (0, now))[0]
            self._roots[root] = (self._file(mark, title, text, now, echoed), now)
        except Exception:  # noqa: BLE001  (the tables may be what is broken)
            _log.exception("a bug report could not be filed: %s", title)
        finally:
            self._busy.now = outer

    def _file(self, mark: str, title: str, text: str, now: datetime, echoed: int) -> int:
        """The report's number: a new one, or the one that this error repeats (`echoed`: by its root)."""
        same = Q(fingerprint=mark) | Q(pk=echoed)
        with self._events.unit.part():
            recent = BugReport.objects.filter(same, first_at__gt=now - WINDOW).order_by("-id").first()
            if recent:
                BugReport.objects.filter(pk=recent.pk).update(count=F("count") + 1, last_at=now)
                return recent.pk
            task = self._proposed(f"Bug {title}", text)
            made = BugReport.objects.create(
                fingerprint=mark, title=title, context=text, task=task, first_at=now, last_at=now
            )
            self._events.append(
                "bug.filed", SYSTEM, via="system", task=task, data={"fingerprint": mark, "title": title}
            )
            return made.pk

    def _proposed(self, title: str, text: str) -> int:
        """The number of the task that the report becomes, or of the one as which its like was vetoed: that is not
        proposed again.
        """
        try:
            return self._work.propose(title, text, SYSTEM, "rule").pk
        except Refused as refused:
            return refused.veto.task

    def handler(self) -> logging.Handler:
        """A logging handler for the root logger: records of level ERROR with an exception."""
        return _Handler(self)

    def observe(self, event: Mapping[str, Any]) -> None:
        """A Twisted log observer: failures, and error lines written while an exception is handled (this is how the
        engine logs tracebacks of commands and scripts).
        """
        failure = event.get("log_failure")
        error = getattr(failure, "value", None)
        if error is None and getattr(event.get("log_level"), "name", "") in ("error", "critical"):
            error = sys.exc_info()[1]
        if isinstance(error, BaseException):
            if failure is not None and error.__traceback__ is None:
                error = error.with_traceback(failure.getTracebackObject())
            self.capture(error, str(event.get("log_namespace") or "the server"))


class _Handler(logging.Handler):
    def __init__(self, bugs: BugCapture) -> None:
        super().__init__(logging.ERROR)
        self._bugs = bugs

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] and not record.name.startswith("timmy.capture"):
            self._bugs.capture(record.exc_info[1], record.name)

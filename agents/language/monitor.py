"""The state of the cascade, as last seen: the last report, and when it was taken.

Owns the requests for reports on behalf of viewers: never two at once, and in the background only while somebody is
there to see. Never passes an old report off as current: each comes with its time, and a service that did not answer
is shown as such, with the reason.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, maybeDeferred, succeed
from twisted.python.failure import Failure

from agents.cascade import told as reports
from agents.cascade.client import Language
from agents.cascade.told import Report
from agents.kernel.clock import Clock
from agents.kernel.errors import TimmyError, Unavailable

_log = logging.getLogger("timmy.cascade")
EVERY_SECONDS = 4.0
"""The shortest time between two requests while somebody is looking, in seconds."""
INTEREST_SECONDS = 60.0
"""For how long after a look requests continue, in case of another, in seconds."""
PATIENCE_SECONDS = 5.0
"""How long the service may take to report, in seconds."""
NONE = "No model service is running, so everyone answers by reflex: from their own records, without a model."


@dataclass(frozen=True)
class Seen:
    """What was seen at one instant: a report, with the JSON it was parsed from, or why there is none."""

    at: datetime
    instant: float
    report: Report | None = None
    status: dict[str, Any] | None = None
    why: str = ""
    next: str = ""


class Monitor:
    """The cascade as it was last seen. One thread calls everything."""

    def __init__(self, clock: Clock, language: Callable[[], Language | None]) -> None:
        """`language` returns the port to the service, None if none is connected."""
        self._clock, self._language = clock, language
        self._latest: Seen | None = None
        self._waiting: list[Deferred[Seen]] | None = None
        self._asking: Deferred[Any] | None = None
        self._asked_at = 0.0
        self._until = float("-inf")
        self.attended: Callable[[], bool] = lambda: False
        """Whether somebody is there to see."""

    @property
    def latest(self) -> Seen | None:
        """What was last seen, however long ago."""
        return self._latest

    def ask(self) -> Deferred[Seen]:
        """Look now; callers during a request share its answer. Fails only because of a bug of ours."""
        language = self._language()
        if language is None:
            return succeed(self._seen(why=NONE, next="timmy doctor"))
        answer: Deferred[Seen] = Deferred()
        if self._waiting is not None:
            self._waiting.append(answer)
            return answer
        self._waiting = [answer]
        self._asked_at, self._asking = self._clock.monotonic(), maybeDeferred(language.status)
        self._asking.addCallback(self._read).addErrback(self._unread).addBoth(self._tell)
        return answer

    def look(self) -> Seen | None:
        """What is known, at once; a viewer should get a new report soon, which `beat` fetches."""
        self._until = self._clock.monotonic() + INTEREST_SECONDS
        return self._latest if self._language() is not None else self._seen(why=NONE, next="timmy doctor")

    @property
    def next_beat(self) -> float:
        """Clock reading before which `beat` has nothing to do."""
        now = self._clock.monotonic()
        if self._waiting is not None:
            return self._asked_at + PATIENCE_SECONDS
        if self._language() is None or not (now < self._until or self.attended()):
            return float("inf")
        return now if self._latest is None else self._latest.instant + EVERY_SECONDS

    def beat(self) -> None:
        """Request a report if somebody looked recently or is looking, and the last one is old; give up on an answer
        that does not come.
        """
        if self.next_beat > self._clock.monotonic():
            return
        if self._waiting is not None and self._asking is not None:
            self._asking.cancel()
            return
        self.ask().addErrback(lambda failure: _log.error("no look at the cascade: %s", failure.getTraceback()))

    def _seen(self, **what: Any) -> Seen:
        return Seen(self._clock.now(), self._clock.monotonic(), **what)

    def _read(self, status: dict[str, Any]) -> Seen:
        return self._seen(report=reports.read(status), status=status)

    def _unread(self, failure: Failure) -> Seen | Failure:
        error = failure.value
        if isinstance(error, CancelledError):
            error = Unavailable(f"The model service has given no status for {PATIENCE_SECONDS:g} s.")
        if not isinstance(error, TimmyError):
            return failure
        return self._seen(
            why=f"{error.message} Until then everyone answers by reflex.", next=error.next or "timmy doctor"
        )

    def _tell(self, result: Seen | Failure) -> None:
        waiting, self._waiting = self._waiting or [], None
        if isinstance(result, Seen):
            self._latest = result
            for one in waiting:
                one.callback(result)
        else:
            for one in waiting:
                one.errback(result)

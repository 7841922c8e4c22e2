"""The doors: every password of a person is checked and hashed here, off the world's thread.

Owns a few threads that do nothing else, the queue before them, and the limits on failed attempts by
address and by name. Telnet, web client and login pages share all three. Refuses to know accounts: it is
given a hash and says whether a password fits it; who asks reads and writes the tables.

An attempt counts from when it begins: of those that wait together only as many are begun as may still
fail, so that fifty guesses at once are no better than five in a row. The queue takes the addresses in
turn; a full one refuses in words.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.contrib.auth.hashers import make_password, verify_password

from agents.kernel.addresses import neighbourhood
from agents.kernel.clock import SystemClock
from agents.kernel.errors import NotAllowed, TimmyError, Unavailable
from agents.kernel.settings import current
from agents.kernel.text import shorten, visible
from commands.settings import CommandsSettings
from commands.throttle import Failures

log = logging.getLogger(__name__)
NOBODY = "!"
"""Given as the hash of a name that nobody bears: it fits nothing, and takes as long to say so as any."""
ENDING = "The world is being set up again. Type that again when it is back."
KEPT = 1000
"""Names whose last good address is remembered."""
NICE = 10
"""How far the threads stand back behind the world's own, on machines where a thread may."""


@dataclass(frozen=True)
class Checked:
    """Whether the password fits the hash `encoded`; `renewed` is its hash by today's rule where that one
    is outdated.
    """

    right: bool
    encoded: str
    renewed: str = ""


class Hashed(str):
    """A new password that knows its hash already; `Account.set_password` takes that instead of working."""

    encoded: str

    def __new__(cls, password: str, encoded: str) -> Hashed:
        """`password` with the hash that `Doors.hashed` made of it."""
        made = super().__new__(cls, password)
        made.encoded = encoded
        return made


@dataclass(eq=False)
class _Attempt:
    place: str
    work: Callable[[], Any]
    name: str = ""
    limits: tuple[tuple[Failures, str, str], ...] = ()
    done: Future[Any] = field(default_factory=Future)


class Doors:
    """The queue and its threads. May be called from any thread; answers by futures."""

    def __init__(
        self,
        *,
        failures: int,
        name_failures: int,
        minutes: float,
        waiting: int,
        threads: int,
        monotonic: Callable[[], float],
    ) -> None:
        """See the settings `login_…`; one address may hold half of the `waiting` places."""
        self._minutes, self._waiting, self._threads, self._now = minutes, waiting, threads, monotonic
        self._of_address, self._of_name = Failures(failures, minutes * 60), Failures(name_failures, minutes * 60)
        self._known: dict[str, str] = {}
        self._queue: dict[str, deque[_Attempt]] = {}
        self._begun: list[_Attempt] = []
        self._lock = threading.Lock()
        self._closed = False
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="doors", initializer=_stand_back)

    # -- what is asked ---------------------------------------------------------------------------
    def check(self, name: str, password: str, encoded: str, address: str) -> Future[Checked]:
        """Whether `password` fits `encoded` (NOBODY where there is no such name), when its turn has come.

        The future raises NotAllowed when the address or the name has failed too often, Unavailable when
        too many wait or the world is ending. Cancelled before its turn, it costs and counts nothing.
        """
        name, place = name.casefold(), neighbourhood(address)
        limits = [(self._of_address, place, "from your address")]
        if self._known.get(name) != place:  # where its owner is at home, strangers' guesses lock nobody out
            limits.append((self._of_name, name, "for that name"))

        def work() -> Checked:
            right, outdated = verify_password(password, encoded)
            return Checked(right, encoded, make_password(password) if right and outdated else "")

        return self._asked(_Attempt(place, work, name, tuple(limits)))

    def hashed(self, password: str, address: str = "") -> Future[Hashed]:
        """`password` with its hash, for an account that is made or changed. Raises Unavailable in the same cases."""
        return self._asked(_Attempt(neighbourhood(address), lambda: Hashed(password, make_password(password))))

    def ahead(self) -> int:
        """How many are waiting or being checked now."""
        with self._lock:
            return self._queued() + len(self._begun)

    def close(self) -> None:
        """Refuse all that waits, what is begun and what comes: the world ends or is set up anew."""
        with self._lock:
            self._closed = True
            left = [*self._begun, *(one for line in self._queue.values() for one in line)]
            self._queue.clear()
            self._begun.clear()
        for one in left:
            _tell(one.done, Unavailable(ENDING))
        self._pool.shutdown(wait=False)

    # -- the queue -------------------------------------------------------------------------------
    def _asked(self, attempt: _Attempt) -> Future[Any]:
        with self._lock:
            refused = self._refused(attempt)
            if refused is None:
                self._queue.setdefault(attempt.place, deque()).append(attempt)
        if refused is not None:
            _tell(attempt.done, refused)
        self._go_on()
        return attempt.done

    def _refused(self, attempt: _Attempt) -> TimmyError | None:
        if self._closed:
            return Unavailable(ENDING)
        if (spent := self._spent(attempt)) is not None:
            return spent
        if 2 * len(self._queue.get(attempt.place, ())) >= self._waiting or self._queued() >= self._waiting:
            return Unavailable("Too many people are logging in just now. Nothing was checked; try again in a minute.")
        return None

    def _spent(self, attempt: _Attempt) -> TimmyError | None:
        for failures, key, whose in attempt.limits:
            if failures.count(key, self._now()) >= failures.limit:
                wait = f"{self._minutes:g} minute{'' if self._minutes == 1 else 's'}"
                return NotAllowed(f"Too many attempts failed {whose}. Wait {wait}, then try again.")
        return None

    def _may_begin(self, attempt: _Attempt) -> bool:
        """Whether it may still fail, if all that are begun fail."""
        begun = [(id(failures), key) for one in self._begun for failures, key, _ in one.limits]
        return all(
            failures.count(key, self._now()) + begun.count((id(failures), key)) < failures.limit
            for failures, key, _ in attempt.limits
        )

    def _go_on(self) -> None:
        refused: list[tuple[_Attempt, TimmyError]] = []
        with self._lock:
            while len(self._begun) < self._threads and (attempt := self._next(refused)) is not None:
                self._begun.append(attempt)
                self._pool.submit(self._perform, attempt)
        for attempt, why in refused:
            _tell(attempt.done, why)

    def _next(self, refused: list[tuple[_Attempt, TimmyError]]) -> _Attempt | None:
        """The first that may begin, of the address that has waited longest; its address goes to the end."""
        for place in list(self._queue):
            line, found = self._queue[place], None
            while line and found is None:
                if (why := self._spent(line[0])) is not None:
                    refused.append((line.popleft(), why))
                elif not line[0].done.cancelled() and not self._may_begin(line[0]):
                    break
                elif (attempt := line.popleft()).done.set_running_or_notify_cancel():
                    found = attempt
            if not line or found is not None:
                del self._queue[place]
                if line:
                    self._queue[place] = line
            if found is not None:
                return found
        return None

    def _perform(self, attempt: _Attempt) -> None:
        """One attempt, on a thread of the pool."""
        result: Any
        try:
            result = attempt.work()
        except Exception as error:  # noqa: BLE001  whoever waits is told, and logs it
            result = error
        with self._lock:
            if attempt in self._begun:
                self._begun.remove(attempt)
            if isinstance(result, Checked):
                self._note(attempt, result.right)
        _tell(attempt.done, result)
        self._go_on()

    def _note(self, attempt: _Attempt, right: bool) -> None:
        if right:
            self._known.pop(attempt.name, None)
            self._known[attempt.name] = attempt.place
            while len(self._known) > KEPT:
                del self._known[next(iter(self._known))]
            return
        for failures, key, whose in attempt.limits:
            failures.note(key, self._now())
            if failures.count(key, self._now()) == failures.limit:
                log.warning("%d wrong passwords %s: %s waits", failures.limit, whose, visible(shorten(key, 60)))

    def _queued(self) -> int:
        return sum(map(len, self._queue.values()))


def _tell(done: Future[Any], result: Any) -> None:
    """Answer, unless it was cancelled or, at the end of the world, answered already."""
    with contextlib.suppress(InvalidStateError):
        done.set_exception(result) if isinstance(result, Exception) else done.set_result(result)


def _stand_back() -> None:
    if sys.platform == "linux":  # elsewhere this is a process's, not a thread's
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


@lru_cache(maxsize=1)
def doors() -> Doors:
    """This process's doors, made when they are first needed."""
    ours = current().of(CommandsSettings)
    return Doors(
        failures=ours.login_failures,
        name_failures=ours.login_name_failures,
        minutes=ours.login_minutes,
        waiting=ours.login_waiting,
        threads=min(4, max(1, (os.cpu_count() or 1) - 1)),
        monotonic=SystemClock().monotonic,
    )

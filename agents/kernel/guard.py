"""A limit on how long one stretch of a mind may hold the thread that everybody shares.

Owns the error and the port; a stretch is a visit, or the part of a step between two waits. Refuses
signals and timers: who runs a world brings a guard that has them (`server/watchdog.py`), a test or a
simulation needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Overran(BaseException):
    """A stretch held the thread too long and was ended. No `Exception`: a builder's loop that catches
    those must not go on. `place` is the part that held it, `module:function`, the same whatever line it
    was at.
    """

    def __init__(self, seconds: float, place: str) -> None:
        """`seconds`: the limit."""
        super().__init__(f"{place} blocked the world for {seconds:g} s and was ended")
        self.place = place


class Watch(Protocol):
    """What one stretch came to."""

    overran: Overran | None
    """What was raised in it because it took too long, also when it was caught in there."""


Guard = Callable[[], AbstractContextManager[Watch]]
"""What is inside is ended by `Overran` when it takes too long; inside another stretch it is a part of that."""


class _Free:
    overran: Overran | None = None

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        return None


_FREE = _Free()


def unguarded() -> AbstractContextManager[Watch]:
    """The guard that lets everybody take as long as they like."""
    return _FREE


def stretch(
    coroutine: Coroutine[Any, Any, Any],
    guard: Guard,
    overran: Callable[[Overran], object],
    value: Any = None,
    error: BaseException | None = None,
) -> Any:
    """Let `coroutine` go on, guarded, with the value or the error it waited for; returns what it waits for next.
    `overran` hears when it took too long. Raises StopIteration at its end.
    """
    watch: Watch | None = None
    try:
        with guard() as watch:
            return coroutine.send(value) if error is None else coroutine.throw(error)
    finally:
        if watch is not None and watch.overran is not None:
            overran(watch.overran)


def driven[T](
    coroutine: Coroutine[Any, Any, T], wanted: Any, guard: Guard, overran: Callable[[Overran], object]
) -> Generator[Any, Any, T]:
    """What is left of `coroutine`, which waits for `wanted`, each stretch guarded, for Twisted's `ensureDeferred`."""
    while True:
        value: Any = None
        error: BaseException | None = None
        try:
            value = yield wanted
        except GeneratorExit:
            coroutine.close()
            raise
        except BaseException as thrown:  # noqa: BLE001  (whatever is thrown here is the coroutine's)
            error = thrown
        try:
            wanted = stretch(coroutine, guard, overran, value, error)
        except StopIteration as end:
            result: T = end.value
            return result

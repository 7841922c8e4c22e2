"""A limit on how long a mind may block the thread that everybody shares.

Owns the error and the port. What is limited is one visit, or the part of a step between two waits. Uses no signals
or timers: the Server brings a guard that has them (`server/watchdog.py`); tests and simulations need none.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Overran(BaseException):
    """Code blocked the thread for too long and was interrupted. Not an `Exception`, because a builder's loop that
    catches those must not continue. `place` is the part that blocked it, `module:function`, the same for every line
    in it.
    """

    def __init__(self, seconds: float, place: str) -> None:
        """`seconds`: the limit."""
        super().__init__(f"{place} blocked the world for {seconds:g} s and was ended")
        self.place = place


class Watch(Protocol):
    """The result of one guarded run."""

    overran: Overran | None
    """What was raised in it because it took too long, even if it was caught inside."""


Guard = Callable[[], AbstractContextManager[Watch]]
"""The code inside is interrupted with `Overran` if it takes too long; nested guards belong to the outermost."""


class _Free:
    overran: Overran | None = None

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        return None


_FREE = _Free()


def unguarded() -> AbstractContextManager[Watch]:
    """The guard without a limit."""
    return _FREE


def stretch(
    coroutine: Coroutine[Any, Any, Any],
    guard: Guard,
    overran: Callable[[Overran], object],
    value: Any = None,
    error: BaseException | None = None,
) -> Any:
    """Resume `coroutine` under the guard, with the value or error it was waiting for; returns what it waits for next.
    `overran` is called if it took too long. Raises StopIteration at its end.
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
    """The rest of `coroutine`, which waits for `wanted`, with each run guarded, for Twisted's `ensureDeferred`."""
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

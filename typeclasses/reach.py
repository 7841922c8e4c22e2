"""What a command of the engine's may find: the one place where its targets are looked at.

Owns the guard that stands while such a command runs: whatever its person's `search` finds is shown to it first. The
engine's commands search in many ways, but all by that method. Refuses to know commands and ranks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet

Guard = Callable[[Any, str], bool]
"""Whether what was found by these words may be had; it may also raise."""
_guards: list[tuple[tuple[Any, ...], Guard]] = []


@contextmanager
def guarded(people: tuple[Any, ...], guard: Guard) -> Iterator[None]:
    """Meanwhile whatever any of `people` (a body, its account) searches for must pass `guard`."""
    _guards.append((people, guard))
    try:
        yield
    finally:
        _guards.pop()


def _passed(who: Any, words: Any, found: Any) -> Any:
    if not _guards or found is None or not any(who is one for one in _guards[-1][0]):
        return found
    guard = _guards[-1][1]
    if isinstance(found, (list, QuerySet)):
        return [one for one in found if guard(one, str(words))]
    return found if guard(found, str(words)) else None


class Reaching:
    """Mixed into bodies and accounts before the engine's own typeclass."""

    def search(self, searchdata: Any, *args: Any, **kwargs: Any) -> Any:
        """As the engine searches; a guard that stands is asked."""
        return _passed(self, searchdata, super().search(searchdata, *args, **kwargs))  # type: ignore[misc]

    def search_account(self, searchdata: Any, *args: Any, **kwargs: Any) -> Any:
        """The same, for accounts."""
        return _passed(self, searchdata, super().search_account(searchdata, *args, **kwargs))  # type: ignore[misc]

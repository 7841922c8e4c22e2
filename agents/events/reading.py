"""One view of the tables for a long reading, while others go on writing.

Owns the read transaction. Refuses to hold up writers: it is a deferred one, which in SQLite's
write-ahead log sees the tables as they stood at its first statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def one_view() -> Iterator[None]:
    """Everything read inside is of one instant; inside a transaction that is so already."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def elsewhere[T](function: Callable[[], T]) -> T:
    """Call `function` in a thread that is not the reactor's, and close the connection it opened."""
    try:
        return function()
    finally:
        connection.close()

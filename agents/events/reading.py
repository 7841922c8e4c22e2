"""A consistent view of the tables for a long read, while others continue to write.

Owns the read transaction. It is deferred, so it never blocks writers: with SQLite's write-ahead log it sees the
tables as they were at its first statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def one_view() -> Iterator[None]:
    """Everything read inside is from one instant; inside a transaction that is already the case."""
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
    """Call `function` in a thread other than the reactor's, and close the connection it opened."""
    try:
        return function()
    finally:
        connection.close()

"""Transactions that survive a power cut, for decisions.

Owns the one place where SQLite's `synchronous` is raised. The rest of the system commits with NORMAL (in WAL mode,
safe if the process is killed). Cannot be opened inside an ordinary transaction, whose commit would not be durable.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

_open: ContextVar[bool] = ContextVar("durable_open", default=False)


@contextmanager
def durable() -> Iterator[None]:
    """A transaction whose commit is flushed to disk before it returns.

    Can be nested (the outermost one commits). Raises RuntimeError inside an ordinary transaction. Databases other
    than SQLite flush every commit anyway.
    """
    if _open.get():
        with transaction.atomic():
            yield
        return
    connection = transaction.get_connection()
    # SQLite refuses the pragma inside a transaction; only a test's wrapper can be open here.
    raise_level = connection.vendor == "sqlite" and not connection.in_atomic_block
    if raise_level:
        _synchronous("FULL")
    token = _open.set(True)
    try:
        with transaction.atomic(durable=True):
            yield
    finally:
        _open.reset(token)
        if raise_level:
            _synchronous("NORMAL")


def _synchronous(level: str) -> None:
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(f"PRAGMA synchronous={level}")

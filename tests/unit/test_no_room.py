"""A full disk is known as such, whatever stands between it and us."""

from __future__ import annotations

import errno
import sqlite3

import pytest

from agents.kernel.errors import BadInput, is_no_room


def raised_from(cause: BaseException) -> BaseException:
    """An error of an upper layer, as a database library wraps one."""
    try:
        raise RuntimeError("wrapped") from cause
    except RuntimeError as error:
        return error


def sqlite_full() -> sqlite3.Error:
    """What SQLite really raises when it may not take another page."""
    link = sqlite3.connect(":memory:")
    link.execute("create table t (x)")
    link.execute("pragma max_page_count = 3")
    with pytest.raises(sqlite3.OperationalError) as caught:
        link.execute("insert into t values (zeroblob(100000))")
    link.close()
    return caught.value


def test_a_full_disk_is_known_by_its_code() -> None:
    assert is_no_room(sqlite_full())
    assert is_no_room(raised_from(sqlite_full()))
    assert is_no_room(raised_from(OSError(errno.ENOSPC, "No space left on device")))


@pytest.mark.parametrize(
    "error", [OSError(errno.EACCES, "no"), ValueError("disk is full"), BadInput("full"), sqlite3.OperationalError("locked")]
)
def test_other_errors_are_not(error: Exception) -> None:
    assert not is_no_room(error)
    assert not is_no_room(raised_from(error))

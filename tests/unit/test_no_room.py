"""A full disk and a locked database are known as such, whatever stands between them and us."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest

from agents.kernel.errors import BadInput, Locked, NoRoom, unwritable


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
    assert isinstance(unwritable(sqlite_full()), NoRoom)
    assert isinstance(unwritable(raised_from(sqlite_full())), NoRoom)
    assert isinstance(unwritable(raised_from(OSError(errno.ENOSPC, "No space left on device"))), NoRoom)
    assert isinstance(unwritable(raised_from(OSError(errno.EROFS, "Read-only file system"))), NoRoom)


def test_a_folder_that_cannot_be_written_is_known_by_its_code(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "db").execute("create table t (x)").connection.close()
    link = sqlite3.connect(f"file:{tmp_path}/db?mode=ro", uri=True)
    with pytest.raises(sqlite3.OperationalError) as caught:
        link.execute("insert into t values (1)")
    link.close()
    assert isinstance(unwritable(caught.value), NoRoom)


def test_a_locked_database_is_known_by_its_code(tmp_path: Path) -> None:
    holder, other = (sqlite3.connect(tmp_path / "db", timeout=0, isolation_level=None) for _ in range(2))
    holder.execute("begin exclusive")
    with pytest.raises(sqlite3.OperationalError) as caught:
        other.execute("begin immediate")
    holder.close()
    other.close()
    assert isinstance(unwritable(caught.value), Locked)
    assert isinstance(unwritable(raised_from(caught.value)), Locked)
    assert isinstance(unwritable(raised_from(Locked())), Locked)


@pytest.mark.parametrize(
    "error",
    [OSError(errno.EACCES, "no"), ValueError("disk is full"), BadInput("full"), sqlite3.OperationalError("locked")],
)
def test_other_errors_are_not(error: Exception) -> None:
    assert unwritable(error) is None
    assert unwritable(raised_from(error)) is None

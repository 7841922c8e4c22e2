"""What is moved from the log into the database, and that nothing there can trouble whoever asks."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from server import checkpoint


def rows_without_log(file: Path, folder: Path) -> int:
    """How many rows the database has without its log."""
    alone = shutil.copy(file, folder / "alone.db3")
    with closing(sqlite3.connect(alone)) as link:
        return int(link.execute("SELECT count(*) FROM t").fetchone()[0])


def test_what_was_committed_is_moved_while_the_world_holds_the_file_open(tmp_path: Path) -> None:
    file = tmp_path / "world.db3"
    with closing(sqlite3.connect(file, isolation_level=None)) as world:
        world.executescript("PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t (a);")
        checkpoint.move(str(file))
        world.execute("INSERT INTO t VALUES (1)")
        assert rows_without_log(file, tmp_path) == 0
        world.execute("BEGIN IMMEDIATE")
        world.execute("INSERT INTO t VALUES (2)")
        checkpoint.move(str(file))
        assert rows_without_log(file, tmp_path) == 1, "what is not committed stays, and is not waited for"
        world.execute("COMMIT")
        checkpoint.move(str(file))
        assert rows_without_log(file, tmp_path) == 2


def test_what_cannot_be_moved_troubles_nobody(tmp_path: Path) -> None:
    checkpoint.move(str(tmp_path / "nowhere" / "world.db3"))
    broken = tmp_path / "broken.db3"
    broken.write_bytes(b"no database" * 100)
    checkpoint.move(str(broken))
    assert broken.read_bytes() == b"no database" * 100

"""The database of a world that an earlier version made, as text: what the tests of an upgrade begin with.

Owns how such a sample is made and how it becomes a database again. `python -m tests.support.older_world FILE`, run with
the code and the libraries of the version it is to be of, starts a world of its own, types `LINES` there as its owner,
ends it and writes its tables to FILE, without what the engine makes anew. `older/evennia-5.0.1.sql.gz` was made so with
0.1.0 as it was before Evennia 6.1. Nobody's data is in it: all that was typed stands here.
"""

from __future__ import annotations

import gzip
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

FOLDER = Path(__file__).parent / "older"
DATABASE = "timmy.db3"
GUEST = "ana"
KEPT_OUT = ("django_session", "sqlite_sequence")
"""Tables whose rows are not kept: browsers' sessions; SQLite refuses to be told of the other."""
LINES = (
    (f"guest add {GUEST}", f"connect {GUEST} "),
    ("task add Chore sweep the hall = leaves lie about", "Task 1 is proposed"),
    ("approve 1", "takes effect in"),
    ("task add Chore paint the door = it is grey", "Task 2 is proposed"),
    ("veto 2", "takes effect in"),
    ("task add Chore mend the gate", "Task 3 is proposed"),
    ("@create brass key;key", "(?i)brass key"),
    ("@desc brass key = Small, and worn by many hands.", "(?i)description was set"),
    ("@set brass key/teeth = [1, (2, 3), {'four': 'five'}]", "teeth"),
    ("@dig shed = shed;out to the shed,hall", "(?i)shed"),
    ("drop brass key", "(?i)brass key"),
    ("get brass key", "(?i)brass key"),
    ("nick greet = say good evening", "(?i)greet"),
    ("say Good morning to all.", "Good morning to all"),
    ("pause timmy", "(?i)timmy"),
)
"""What is typed, and what is waited for."""


def restored(name: str, path: Path) -> Path:
    """The database of a sample, at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as link:
        link.executescript(gzip.decompress((FOLDER / name).read_bytes()).decode())
    return path


def dump(database: Path) -> str:
    """The tables as SQL."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as link:
        lines = [
            line
            for line in link.iterdump()
            if not any(line.startswith((f'INSERT INTO "{name}"', f'DELETE FROM "{name}"')) for name in KEPT_OUT)
        ]
    return "\n".join(lines) + "\n"


def made() -> str:
    """Let a world live, and tell what its tables hold."""
    from tests.system import jobs
    from tests.system.harness import World, until

    with tempfile.TemporaryDirectory(prefix="timmy-older-") as folder:
        world = World(Path(folder), seal_seconds=1)
        try:
            world.start()
            jobs.all_awake(world)
            owner = world.login()
            for line, told in LINES:
                owner.ask(line, told)
            until(lambda: jobs.task(world, 2)["status"] == "VETOED", "the verdicts take effect")
        finally:
            world.close()
        return dump(world.state / DATABASE)


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(gzip.compress(made().encode(), 9, mtime=0))

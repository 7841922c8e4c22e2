"""A world that 0.1.0 made on Evennia 5.0.1 goes on where it was: people, things, tasks, record."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support import older_world
from tests.system import jobs
from tests.system.harness import World, until

pytestmark = pytest.mark.system
SAMPLE = "evennia-5.0.1.sql.gz"
SAME = (
    "select id, username, password, is_superuser from accounts_accountdb",
    "select id, db_key, db_typeclass_path, db_location_id from objects_objectdb where db_account_id is null and "
    "db_typeclass_path not like '%Agent'",
    "select a.id, db_key, db_value, db_strvalue from typeclasses_attribute a join objects_objectdb_db_attributes o "
    "on o.attribute_id = a.id where db_key in ('desc', 'teeth') "
    "and objectdb_id not in (select object from agents_identity)",
    "select kind, key, object from agents_identity",
    "select id, kind, title, description, proposer from agents_task",
    "select seq, digest from agents_event where seq <= {last}",
)
"""What an upgrade leaves as it was, and may add to. What the map describes is left out: a newer map may change it."""


def seen(path: Path, last: int) -> list[list[Any]]:
    """What `SAME` asks for."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=60)) as link:
        return [sorted(link.execute(query.format(last=last)), key=repr) for query in SAME]


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, list[list[Any]], int]]:
    folder = tmp_path_factory.mktemp("older")
    path = older_world.restored(SAMPLE, folder / "state" / older_world.DATABASE)
    with closing(sqlite3.connect(path)) as link:
        (last,) = link.execute("select max(seq) from agents_event").fetchone()
    held = seen(path, last)
    world = World(folder)
    try:
        yield world.run(), held, last
    finally:
        world.close()


def test_nothing_of_it_is_lost_and_its_record_is_whole(older: tuple[World, list[list[Any]], int]) -> None:
    world, held, last = older
    link = jobs.control(world)
    until(lambda: sum(mind["awake"] for mind in link.ask("agents")["data"]) == jobs.AGENTS - 1, "all but timmy wake")
    link.close()
    assert all(held) and last > 20
    now = seen(world.state / older_world.DATABASE, last)
    for before, after in zip(held, now, strict=True):
        assert set(before) <= set(after)
    # The sample is its tables alone, without the repository of the anchors: that is all that is missed.
    done = world.cli("audit", "verify")
    told = " ".join((done.stdout + done.stderr).split())
    assert "events is whole" in told and "and ranks are what the record says" in told, told
    assert "Traceback" not in world.log()


def test_its_owner_finds_everything_as_it_was(older: tuple[World, list[list[Any]], int]) -> None:
    world, _, _ = older
    owner = world.login()
    owner.ask("inventory", "brass key")
    owner.ask("look brass key", "Small, and worn by many hands")
    owner.ask("@set brass key/teeth", r"\[1, \(2, 3\), \{'four': 'five'\}\]")
    owner.ask("greet", "good evening")
    owner.ask("task 2", "(?i)vetoed")
    owner.ask("approve 3", "takes effect in")
    owner.ask("guest", f"(?i){older_world.GUEST}")
    owner.ask("agents", r"(?i)timmy.*(rest|paused)")
    owner.ask("out to the shed", "(?i)shed")
    owner.ask("hall", "(?i)fraternity hall")

"""The migrations make what the models say, from nothing and from the version before (P8)."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.events import chain
from tests.support.service_process import ROOT, Child

FOLDER = ROOT / "agents" / "migrations"


def manage(folder: Path, *arguments: str) -> str:
    return ran(folder, "-m", "django", *arguments)


def ran(folder: Path, *arguments: str) -> str:
    """What Python printed, which had the database of this folder."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        env={
            **os.environ,
            "SERVICES_DATABASE": str(folder / "world.db3"),
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "tests.support.services_settings",
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_migrations_are_those_of_the_models(tmp_path):
    assert "No changes" in manage(tmp_path, "makemigrations", "--check", "--dry-run")


OLDER = ("zero", *sorted(p.stem for p in FOLDER.glob("0*.py"))[:-1])
MAKE = """
import django, shutil, sys
from django.core.management import call_command
from django.db import connection
django.setup()
call_command("migrate", "agents", verbosity=0)
for version in sys.argv[2:]:
    call_command("migrate", "agents", version, verbosity=0)
    connection.close()
    shutil.copy(f"{sys.argv[1]}/world.db3", f"{sys.argv[1]}/{version}.db3")
"""


@pytest.fixture(scope="module")
def older(tmp_path_factory):
    """A folder with a database of each older version, made by one process; the one without tables had all of them."""
    folder = tmp_path_factory.mktemp("older")
    ran(folder, "-c", MAKE, str(folder), *OLDER)
    return folder


@pytest.mark.parametrize("version", OLDER)
def test_p8_a_database_of_each_older_version_starts_and_works(tmp_path, older, version):
    shutil.copy(older / f"{version}.db3", tmp_path / "world.db3")
    with Child(tmp_path) as world:
        numbers = world.ask("propose", count=2)
        state = world.ask("state")
    assert [state["tasks"][str(n)] for n in numbers] == ["PENDING_APPROVAL"] * 2
    assert state["chain"] == [True, ""]
    assert state["differences"] == []


def test_p8_what_an_older_version_wrote_is_found_by_room_and_the_chain_is_as_it_was(tmp_path):
    """The rooms' indices come by a migration over events that are there; no row is touched."""
    manage(tmp_path, "migrate", "agents", "0002")
    row = {
        "seq": 1,
        "at": datetime(2026, 4, 1, 3, 10, tzinfo=UTC),
        "topic": "agent.timmy.move",
        "actor": "agent:timmy",
        "via": "mind",
        "agent": "timmy",
        "task": None,
        "approval": None,
        "step": "s",
        "data": {"from": "hall", "to": "forge"},
        "rows": None,
        "previous": chain.GENESIS,
    }
    held = {
        **{k: v for k, v in row.items() if k != "rows"},
        "at": "2026-04-01 03:10:00",
        "data": json.dumps(row["data"]),
        "digest": chain.digest(row),
    }
    link = sqlite3.connect(tmp_path / "world.db3")
    link.execute(
        f"insert into agents_event ({', '.join(held)}) values ({', '.join('?' * len(held))})", list(held.values())
    )
    link.commit()
    with Child(tmp_path) as world:
        assert world.ask("state")["chain"] == [True, ""]
    found = link.execute(
        "select seq from agents_event indexed by event_came where json_extract(data, '$.to') = 'forge' and "
        "at < '2026-04-02'"
    ).fetchall()
    assert found == [(1,)]
    assert link.execute("select digest from agents_event where seq = 1").fetchone()[0] == held["digest"]
    link.close()


TAGGED = """
create table objects_objectdb (id integer primary key, db_typeclass_path text);
create table typeclasses_tag (id integer primary key, db_key text, db_category text, db_tagtype text);
create table objects_objectdb_db_tags (id integer primary key, objectdb_id integer, tag_id integer);
insert into objects_objectdb values (1, 'typeclasses.characters.Character'), (2, 'typeclasses.rooms.Room'),
    (3, 'typeclasses.rooms.Room'),
    (4, 'typeclasses.characters.Agent'), (5, 'typeclasses.characters.Agent'), (6, 'typeclasses.objects.Item'),
    (7, 'typeclasses.exits.Exit');
insert into typeclasses_tag values (1, 'hall', 'map', null), (2, 'timmy', 'agent', null),
    (3, 'lens', 'map_thing', null), (4, 'hall>out', 'map_exit', null),
    (5, 'ghost', 'agent', null), (6, 'forge', 'map', 'alias'), (7, 'red', null, null), (8, 'den', 'map', null);
insert into objects_objectdb_db_tags (objectdb_id, tag_id) values (1, 5), (2, 1), (3, 1), (3, 6), (2, 8), (4, 2),
    (5, 2), (6, 3), (7, 4), (6, 7);
"""


def test_a_world_that_has_tags_alone_keeps_who_is_who(tmp_path):
    """What the tags said is taken over once: the one made first keeps a key, no person's body is an agent, no alias
    counts.
    """
    manage(tmp_path, "migrate", "agents", "0005")
    link = sqlite3.connect(tmp_path / "world.db3")
    link.executescript(TAGGED)
    manage(tmp_path, "migrate", "agents")
    found = link.execute("select kind, key, object from agents_identity order by object").fetchall()
    assert found == [("map", "hall", 2), ("agent", "timmy", 4), ("map_thing", "lens", 6), ("map_exit", "hall>out", 7)]
    link.close()


def test_p8_write_ahead_logging_and_a_flushed_commit_for_decisions(tmp_path):
    """The journal mode outlives a connection; `synchronous` is 2 (FULL) within a decision only."""
    with Child(tmp_path) as world:
        seen = world.ask("pragmas")
    assert seen == {"mode": "wal", "before": 1, "within": 2, "nested": 2, "after": 1, "after_error": 1, "refused": True}

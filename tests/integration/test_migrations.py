"""The migrations make what the models say, from nothing and from the version before (P8)."""

from __future__ import annotations

import json
import os
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
    done = subprocess.run(
        [sys.executable, "-m", "django", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={**os.environ, "SERVICES_DATABASE": str(folder / "world.db3"), "PYTHONPATH": str(ROOT),
             "DJANGO_SETTINGS_MODULE": "tests.support.services_settings"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_migrations_are_those_of_the_models(tmp_path):
    assert "No changes" in manage(tmp_path, "makemigrations", "--check", "--dry-run")


@pytest.mark.parametrize("version", ["zero", *sorted(p.stem for p in FOLDER.glob("0*.py"))[:-1]])
def test_p8_a_database_of_each_older_version_starts_and_works(tmp_path, version):
    if version == "zero":
        manage(tmp_path, "migrate", "agents")
    manage(tmp_path, "migrate", "agents", version)
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
        "seq": 1, "at": datetime(2026, 4, 1, 3, 10, tzinfo=UTC), "topic": "agent.timmy.move", "actor": "agent:timmy", "via": "mind",
        "agent": "timmy", "task": None, "approval": None, "step": "s", "data": {"from": "hall", "to": "forge"}, "previous": chain.GENESIS,
    }  # fmt: skip
    held = {**row, "at": "2026-04-01 03:10:00", "data": json.dumps(row["data"]), "digest": chain.digest(row)}
    link = sqlite3.connect(tmp_path / "world.db3")
    link.execute(f"insert into agents_event ({', '.join(held)}) values ({', '.join('?' * len(held))})", list(held.values()))
    link.commit()
    with Child(tmp_path) as world:
        assert world.ask("state")["chain"] == [True, ""]
    found = link.execute("select seq from agents_event indexed by event_came where json_extract(data, '$.to') = 'forge' and at < '2026-04-02'").fetchall()
    assert found == [(1,)]
    assert link.execute("select * from agents_event where seq = 1").fetchone()[-1] == held["digest"]
    link.close()


def test_p8_write_ahead_logging_and_a_flushed_commit_for_decisions(tmp_path):
    """The journal mode outlives a connection; `synchronous` is 2 (FULL) within a decision only."""
    with Child(tmp_path) as world:
        seen = world.ask("pragmas")
    assert seen == {"mode": "wal", "before": 1, "within": 2, "nested": 2, "after": 1, "after_error": 1, "refused": True}

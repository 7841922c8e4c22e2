"""The record of a real world, altered behind its back while it is down: what is told, where, and what
the owner can do.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agents.events import chain
from tests.system import jobs
from tests.system.harness import World, until

DATABASE = "timmy.db3"


def line(folder: Path) -> list[str]:
    """Each anchor's commit and the one before it, the newest first; none where there is no repository yet."""
    told = subprocess.run(
        ["git", f"--git-dir={folder}", "log", "--format=%H %P", "main"], check=False, capture_output=True, text=True
    )
    return told.stdout.splitlines()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> World:
    """A world in which something was done and said, stopped; `early` beside its state is its database as it was before
    that. Its anchors are brought to `elsewhere`.
    """
    folder = tmp_path_factory.mktemp("r")
    source = jobs.repository(folder / "source")
    made = World(
        folder,
        prepared,
        seal_seconds=0,
        step_seconds=0.05,
        grace_seconds=0.5,
        read_paths=folder,
        anchor_copy=folder / "elsewhere",
        thought_seconds=2,
    )
    try:
        made.start()
        with (
            closing(sqlite3.connect(made.state / DATABASE)) as link,
            closing(sqlite3.connect(folder / "early")) as early,
        ):
            until(
                lambda: jobs.rows(made, "select 1 from agents_event where topic = 'log.anchored'"),
                "the log is anchored",
            )
            link.backup(early)
        made.told("guest", "add ana")
        link = jobs.control(made)
        number = jobs.proposed(link, f"Survey {source} = what is there?")
        assert link.ask("ok", str(number))["exit"] == 0
        assert jobs.ended(made, [number]) == {number: "COMPLETED"}
        assert link.ask("ask", "timmy = what did you do?")["exit"] == 0
        link.close()
        until(lambda: jobs.rows(made, "select 1 from agents_thought where state = 'thought'"), "somebody has thought")
        until(lambda: len(line(folder / "elsewhere")) >= 2, "the guest and the verdict are anchored, also elsewhere")
    finally:
        made.close()
    done = made.cli("audit", "verify")
    assert done.returncode == 0, done.stdout
    return made


@pytest.fixture
def copy(lived: World, tmp_path: Path) -> World:
    """A copy of its state folder, free to be hurt."""
    made = World(tmp_path, **{**lived.settings, "state_dir": tmp_path / "state"})
    made.state = tmp_path / "state"
    shutil.copytree(lived.state, made.state, ignore=shutil.ignore_patterns("run"))
    return made


def sql(world: World, *statements: str) -> None:
    with closing(sqlite3.connect(world.state / DATABASE)) as link:
        for statement in statements:
            assert link.execute(statement).rowcount, statement
        link.commit()


def rechain(world: World) -> None:
    """Every digest of the log made anew, as the log itself makes them."""
    from datetime import UTC, datetime

    with closing(sqlite3.connect(world.state / DATABASE)) as link:
        link.row_factory = sqlite3.Row
        previous = chain.GENESIS
        for found in link.execute("select * from agents_event order by seq").fetchall():
            row: dict[str, Any] = dict(found)
            row |= {
                "previous": previous,
                "data": json.loads(row["data"]),
                "rows": json.loads(row["rows"]) if row["rows"] else None,
            }
            row["at"] = datetime.fromisoformat(row["at"]).replace(tzinfo=UTC)
            digest = chain.digest(row)
            link.execute(
                "update agents_event set previous = ?, digest = ? where seq = ?", (previous, digest, row["seq"])
            )
            previous = digest
        link.commit()


def put_back(world: World) -> None:
    """An older database in the place of this one."""
    for end in ("", "-wal", "-shm"):
        (world.state / f"{DATABASE}{end}").unlink(missing_ok=True)
    shutil.copy(world.state.parent / "early", world.state / DATABASE)


def committed(world: World) -> None:
    """Another report, committed in the agent's name, and the row of the artifact led there, digest and all."""
    import hashlib

    (row,) = jobs.rows(world, "select * from agents_artifact where name = 'report'")
    home = world.state / "homes" / row["agent"]
    text = b"# All is well\n"
    (home / row["path"]).write_bytes(text)
    jobs.git(home, "add", "-A")
    jobs.git(home, "commit", "-qm", "forged")
    commit = jobs.git(home, "rev-parse", "HEAD").strip()
    sql(
        world,
        (
            f"update agents_artifact set \"commit\" = '{commit}', size = {len(text)}, sha256 = "
            f"'{hashlib.sha256(text).hexdigest()}' where id = {row['id']}"
        ),
    )


def lost(world: World) -> None:
    """The repository that holds a report is another one."""
    (row,) = jobs.rows(world, "select * from agents_artifact where name = 'report'")
    shutil.rmtree(world.state / "homes" / row["agent"])


ALTERED: dict[str, tuple[Callable[[World], None], str]] = {
    "shortened": (
        lambda w: sql(w, "delete from agents_event where seq > (select max(seq) - 5 from agents_event)"),
        "the log ends with event",
    ),
    "last row gone": (
        lambda w: sql(w, "delete from agents_event where seq = (select max(seq) from agents_event)"),
        "the log ends with event",
    ),
    "rewritten with right digests": (
        lambda w: (
            sql(w, "update agents_event set actor = 'owner:mallory' where topic = 'approval.sealed'"),
            rechain(w),
        ),  # type: ignore[func-returns-value]
        "the log was rewritten",
    ),
    "emptied": (lambda w: sql(w, "delete from agents_event"), "the log ends with event 0"),
    "no anchors": (lambda w: shutil.rmtree(w.state / "anchors"), "the repository holds 0"),
    "a report": (committed, "artifact 2 is not what event"),
    "a repository": (lost, "cannot be read: there is no repository"),
    "a rank": (
        lambda w: sql(w, "update accounts_accountdb set is_superuser = 1 where username = 'ana'"),
        "superuser is True in the tables and False",
    ),
    "a key": (
        lambda w: sql(
            w,
            (
                "update accounts_accountdb set password = (select password from accounts_accountdb where "
                "username = 'ana') where id = 1"
            ),
        ),
        r"account 1 \(owner\): key is",
    ),
    "a thought": (
        lambda w: sql(
            w,
            (
                "update agents_thought set text = 'I obey ana.' where id = (select min(id) from agents_thought "
                "where state = 'thought')"
            ),
        ),
        r"thought \S+ is not what event",
    ),
    "a thought gone": (
        lambda w: sql(
            w, "delete from agents_thought where id = (select min(id) from agents_thought where state = 'thought')"
        ),
        r"thought \S+ is in event \d+ but not in the table",
    ),
    "a message": (
        lambda w: sql(w, "update agents_message set text = 'delete all' where sender like 'owner:%'"),
        r"message \S+ is not what event",
    ),
    "a step": (
        lambda w: sql(
            w,
            (
                "update agents_step set result = '{\"files\": 0}' where id = (select min(id) from agents_step "
                "where state = 'done')"
            ),
        ),
        r"step \S+ is not what event",
    ),
    "a step more": (
        lambda w: sql(
            w, "update agents_step set id = '01ZZZZZZZZZZZZZZZZZZZZZZZZ' where id = (select min(id) from agents_step)"
        ),
        "is in the table but in no event",
    ),
    "what was shown": (lambda w: sql(w, "update agents_shown set digest = 'f'"), "shown 1 is not what event"),
    "a task": (lambda w: sql(w, "update agents_task set status = 'APPROVED'"), "task 1: status is"),
    "a policy": (
        lambda w: sql(w, "insert into agents_policy values ('golden_timmy', 'off', 'owner:owner', '2026-01-01')"),
        "policy golden_timmy",
    ),
}


TOGETHER = (
    ("a report", "a rank", "a key", "a thought", "a message", "a step", "what was shown", "a task", "a policy"),
    ("a repository", "a thought gone", "a step more"),
)
"""What does not hide each other; the rest is tried one by one."""
ROUNDS = (*TOGETHER, *((what,) for what in ALTERED if not any(what in some for some in TOGETHER)))


@pytest.mark.parametrize("some", ROUNDS, ids=", ".join)
def test_what_was_altered_while_the_world_was_down_is_told(copy: World, some: tuple[str, ...]) -> None:
    for what in some:
        ALTERED[what][0](copy)
    done = copy.cli("audit", "verify", "--json")
    told = json.loads(done.stdout)["differences"]
    assert done.returncode == 1
    for what in some:
        assert any(re.search(ALTERED[what][1], one) for one in told), (what, told)
    assert len(told) >= len(some), told


def test_an_event_that_was_altered_while_the_world_was_down_is_told(copy: World) -> None:
    sql(copy, "update agents_event set actor = 'owner:mallory' where seq = 2")
    done = copy.cli("audit", "verify")
    assert done.returncode == 1
    assert re.search(r"event 2\b.*does not match its digest", " ".join((done.stdout + done.stderr).split())), done


def test_an_older_database_is_told_at_the_start_and_accepted_at_a_shell_alone(copy: World, lived: World) -> None:
    shutil.copy(lived.state.parent / "early", copy.state.parent / "early")
    copy.settings["anchor_copy"] = ""
    put_back(copy)
    try:
        copy.run()
        (said,) = copy.status()["doubts"]
        assert "an older database was put back" in said
        assert said in copy.typed("status").stdout
        doctor = copy.cli("doctor")
        assert doctor.returncode == 1 and said in doctor.stdout and "timmy audit verify" in doctor.stdout
        player = copy.login()
        player.expect("The record is in doubt: the log ends with event")
        player.ask("audit verify", r"timmy audit\s+accept [0-9a-f]{8}")
        assert "an older database was put back" in copy.log()

        verified = copy.cli("audit", "verify", "--json")
        code = json.loads(verified.stdout)["code"]
        assert verified.returncode == 1 and code
        player.ask(f"audit accept {code}", "in a shell")
        assert copy.typed("audit", "accept", "00000000").returncode == 1
        accepted = copy.cli("audit", "accept", code)
        assert accepted.returncode == 0, accepted.stderr
        assert copy.status()["doubts"] == []
        jobs.record_is_whole(copy)
        (event,) = jobs.rows(copy, "select actor, via, data from agents_event where topic = 'log.accepted'")
        assert (event["actor"], event["via"], json.loads(event["data"])["code"]) == ("owner:owner", "cli", code)
        copy.reload()
        assert copy.status()["doubts"] == []
    finally:
        copy.close()
    assert copy.cli("audit", "verify").returncode == 0


def test_anchors_are_a_line_of_commits_and_stand_at_the_other_place_too(lived: World) -> None:
    here, there = line(lived.state / "anchors"), line(lived.state.parent / "elsewhere")
    assert len(here) >= 3, "at the start, after the guest and the verdict, at the end"
    assert here[-len(there) :] == there and len(there) >= len(here) - 1
    assert all(len(one.split()) == 2 for one in here[:-1])
    head = json.loads(
        subprocess.run(
            ["git", f"--git-dir={lived.state / 'anchors'}", "show", "main:head.json"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    )
    (last,) = jobs.rows(lived, "select max(seq) as seq, digest, count(*) as n from agents_event")
    assert (head["seq"], head["digest"], head["count"]) == (last["seq"], last["digest"], last["n"])


def test_database_and_anchors_put_back_together_are_told_by_the_other_place(copy: World, lived: World) -> None:
    shutil.copy(lived.state.parent / "early", copy.state.parent / "early")
    put_back(copy)
    git = ["git", f"--git-dir={copy.state / 'anchors'}"]
    first = subprocess.run(
        [*git, "rev-list", "--max-parents=0", "main"], check=True, capture_output=True, text=True
    ).stdout.strip()
    subprocess.run([*git, "update-ref", "refs/heads/main", first], check=True)
    done = copy.cli("audit", "verify")
    assert done.returncode == 1
    assert "holds an anchor that is unknown here" in " ".join(done.stderr.split())

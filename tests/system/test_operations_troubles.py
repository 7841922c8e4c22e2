"""What the command line tells and does when things are not as they should be."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server import locks, model_service
from tests.system.harness import World, until

Fresh = Callable[..., World]


@pytest.fixture()
def resting(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[World]:
    """A prepared world that does not run."""
    made = World(tmp_path_factory.mktemp("r"), prepared)
    yield made
    assert [name for name in locks.NAMES if made.pid(name)] == []


def _rows(world: World) -> dict[str, int]:
    with contextlib.closing(sqlite3.connect(world.state / "timmy.db3")) as link:
        tables = [r[0] for r in link.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name")]
        return {t: link.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0] for t in tables}


def test_a_world_that_is_down_can_be_read_and_not_changed(resting: World) -> None:
    before = _rows(resting)
    for args in (["tasks"], ["audit", "verify"], ["feed"], ["plan", "timmy"]):
        done = resting.cli(*args)
        assert done.returncode == 0, (args, done.stdout, done.stderr)
        assert "read from its files" in done.stderr
    assert resting.read("audit", "verify")["ok"] is True
    changing = (["tasks", "add", "Survey", "/tmp"], ["approve", "1"], ["undo"], ["tasks", "add", "anything"])
    for args in changing:
        done = resting.cli(*args)
        assert done.returncode != 0, (args, done.stdout)
        assert "Traceback" not in done.stderr
    assert _rows(resting) == before


def test_reading_where_no_world_is_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    nowhere = World(tmp_path_factory.mktemp("n"))
    done = nowhere.cli("tasks")
    assert done.returncode == 1
    assert "no world" in done.stderr
    assert not nowhere.state.exists()


def test_a_tampered_record_is_found_also_when_the_world_is_down(fresh_world: Fresh) -> None:
    world = fresh_world(step_seconds=0.2)
    until(lambda: len(world.read("feed")) > 3, "events are recorded")
    assert world.cli("stop").returncode == 0
    assert world.cli("audit", "verify").returncode == 0
    with contextlib.closing(sqlite3.connect(world.state / "timmy.db3")) as link:
        changed = link.execute("UPDATE agents_event SET actor='owner:mallory' WHERE seq=2").rowcount
        link.commit()
    assert changed == 1
    done = world.cli("audit", "verify")
    assert done.returncode == 1
    assert "2" in done.stdout + done.stderr


def test_doctor_is_content_with_a_good_world(world: World) -> None:
    # A machine that was busy a moment ago is told of as lag, rightly, for two minutes.
    done = until(lambda: (told := world.cli("doctor")) and (told.returncode == 0 or "bad   lag" not in told.stdout) and told, "the lag is over", 600)
    assert done.returncode == 0, done.stdout
    assert "Nothing is wrong" in done.stdout
    assert {f["level"] for f in world.read("doctor")} <= {"ok", "note"}


def test_doctor_names_what_is_wrong_and_what_mends_it(resting: World) -> None:
    key = resting.state / "secret-key"
    key.chmod(0o644)
    done = resting.cli("doctor")
    assert done.returncode == 1
    assert f"mend: chmod 600 {key}" in done.stdout
    key.chmod(0o600)
    assert resting.cli("doctor").returncode == 0
    database = resting.state / "timmy.db3"
    with database.open("r+b") as handle:
        handle.seek(0)
        handle.write(b"not a database at all" * 50)
    done = resting.cli("doctor")
    assert done.returncode == 1
    assert "database" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_doctor_tells_wrong_settings_once(resting: World) -> None:
    resting.settings["log_level"] = "loud"
    done = resting.cli("doctor")
    assert done.returncode == 1
    assert done.stdout.count("TIMMY_LOG_LEVEL") == 1
    assert "docs/settings.md" in done.stdout
    resting.settings["log_level"] = "info"


def test_a_world_that_cannot_start_is_stopped_again_and_says_why(resting: World) -> None:
    (resting.run_dir / "timmy.sock").mkdir(parents=True)
    (resting.run_dir / "timmy.sock" / "in the way").write_text("")
    done = resting.cli("run")
    assert done.returncode == 1
    assert "timmy.sock" in done.stderr
    assert "timmy doctor" in done.stderr


def test_a_server_that_hangs_is_replaced(fresh_world: Fresh) -> None:
    world = fresh_world(hang_seconds=10)
    player = world.login()
    old = world.pid("server")
    assert old
    os.kill(old, signal.SIGSTOP)
    world.back("server", old)
    player.expect("The world is back")
    player.ask("look", "(?i)fraternity hall")
    assert world.status()["processes"][2]["crashes"] == 1


def test_foreground_supervises_and_ends_cleanly_on_sigterm(resting: World) -> None:
    import subprocess
    import sys

    from agents.kernel import location

    process = subprocess.Popen(
        [sys.executable, "-m", "server.cli", "run", "--foreground"], cwd=location.PROJECT,
        env=resting.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    try:
        until(lambda: resting.status()["ready"], "the world is ready")
        assert resting.pid("supervisor") == process.pid
        process.terminate()
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        assert str(resting.ports["telnet"]) in out
    finally:
        process.kill()
        process.communicate()


def test_a_database_of_an_older_version_is_brought_up_to_date(resting: World) -> None:
    back = resting.python("-m", "django", "migrate", "agents", "zero", "--settings", "server.conf.settings")
    assert back.returncode == 0, back.stderr
    assert "agents_task" not in _rows(resting)
    try:
        resting.start()
        assert resting.read("tasks") is not None
    finally:
        resting.close()


def test_run_is_done_when_the_cascade_listens(resting: World) -> None:
    with contextlib.closing(sqlite3.connect(resting.state / "cascade.sqlite3", isolation_level=None)) as link:
        link.execute("BEGIN EXCLUSIVE")  # until this ends the cascade cannot open its tables
        running = subprocess.Popen([sys.executable, "-m", "server.cli", "run"], cwd=resting.project, env=resting.environment(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
        try:
            until(lambda: resting.status()["ready"], "the world is ready")
            link.execute("COMMIT")
            said, _ = running.communicate(timeout=120)
            assert model_service.listens(resting.ports["cascade"])
            assert running.returncode == 0 and "starting: cascade" in said and "Timmy's World is up." in said
        finally:
            assert resting.cli("stop").returncode == 0


def test_run_says_that_the_cascade_did_not_come_up_and_the_world_runs(resting: World) -> None:
    (resting.state / "cascade.sqlite3").mkdir()
    try:
        done = resting.cli("run")
        assert done.returncode == 0 and "Timmy's World is up." in done.stdout
        assert "The model service (cascade) has not come up" in done.stderr and "timmy doctor" in done.stderr
        assert resting.status()["ready"]
    finally:
        assert resting.cli("stop").returncode == 0

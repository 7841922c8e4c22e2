"""What the command line tells and does when things are not as they should be."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server import model_service, processes
from tests.system.harness import World, until
from tests.unit.test_addresses import six

Fresh = Callable[..., World]


@pytest.fixture()
def resting(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[World]:
    """A prepared world that does not run."""
    made = World(tmp_path_factory.mktemp("r"), prepared)
    yield made
    assert [name for name in processes.NAMES if made.pid(name)] == []


def _rows(world: World) -> dict[str, int]:
    with contextlib.closing(sqlite3.connect(world.state / "timmy.db3")) as link:
        tables = [r[0] for r in link.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name")]
        return {t: link.execute(f'SELECT count(*) FROM "{t}"').fetchone()[0] for t in tables}


def test_a_world_that_is_down_can_be_read_and_not_changed(resting: World) -> None:
    before = _rows(resting)
    for line, name, value in (
        ("tasks", "PYTHONOPTIMIZE", "2"),
        ("feed", "PYTHONWARNINGS", "error"),
        ("plan timmy", "LANG", "C"),
        ("audit verify --json", "LANG", "C"),
    ):
        words = [sys.executable, "-m", "server.cli", *line.split()]
        environment = resting.environment() | {name: value}
        done = subprocess.run(words, cwd=resting.project, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), (line, done.stdout, done.stderr)
        assert "read from its files" in done.stderr
    assert json.loads(done.stdout)["ok"] is True
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


def test_doctor_is_content_with_a_good_world(world: World) -> None:
    # A machine that was busy a moment ago is told of as lag, rightly, for two minutes.
    done = until(
        lambda: (told := world.cli("doctor")) and (told.returncode == 0 or "bad   lag" not in told.stdout) and told,
        "the lag is over",
        600,
    )
    assert done.returncode == 0, done.stdout
    assert "No problems found" in done.stdout
    assert {f["level"] for f in world.read("doctor")} <= {"ok", "note"}


@pytest.mark.skipif(not six(), reason="this machine has no ::1")
def test_a_world_may_listen_on_ipv6(fresh_world: Fresh) -> None:
    world = fresh_world(interface="::1")
    page = f"http://[::1]:{world.ports['web']}/"
    assert f"{page}webclient" in world.cli("status").stdout
    assert f"ok    web page: {page} answers" in world.cli("doctor").stdout
    with urllib.request.urlopen(f"{page}webclient/", timeout=60) as answer:
        assert f"ws://[::1]:{world.ports['websocket']}" in answer.headers["Content-Security-Policy"]
    with socket.create_connection(("::1", world.ports["telnet"]), timeout=60) as link:
        heard = b""
        while b"connect <" not in heard:
            heard += link.recv(4096) or pytest.fail(f"hung up after {heard!r}")


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
    told = resting.cli("doctor")
    assert told.returncode == 1
    assert re.search(r"bad   Server: does not run: it ended .*, and said last: \S", told.stdout), told.stdout


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
    process = subprocess.Popen(
        [sys.executable, "-m", "server.cli", "run", "--foreground"],
        cwd=resting.project,
        env=resting.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
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
        resting.close()


def test_run_brings_an_older_database_up_to_date_and_is_done_when_the_cascade_listens(resting: World) -> None:
    back = resting.python("-m", "django", "migrate", "agents", "zero", "--settings", "server.conf.settings")
    assert back.returncode == 0, back.stderr
    assert "agents_task" not in _rows(resting)
    with contextlib.closing(sqlite3.connect(resting.state / "cascade.sqlite3", isolation_level=None)) as link:
        link.execute("BEGIN EXCLUSIVE")  # until this ends the cascade cannot open its tables
        running = subprocess.Popen(
            [sys.executable, "-m", "server.cli", "run"],
            cwd=resting.project,
            env=resting.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            until(lambda: resting.status()["ready"], "the world is ready")
            link.execute("COMMIT")
            said, _ = running.communicate(timeout=120)
            assert model_service.listens(resting.ports["cascade"])
            assert running.returncode == 0 and "starting: cascade" in said and "Timmy's World is up." in said
            assert resting.told("tasks") is not None
        finally:
            assert resting.cli("stop").returncode == 0


def test_run_says_that_the_cascade_did_not_come_up_and_the_world_runs(resting: World) -> None:
    (resting.state / "cascade.sqlite3").mkdir()
    try:
        done = resting.cli("run")
        assert done.returncode == 0 and "Timmy's World is up." in done.stdout
        assert "The model service (cascade) has not come up" in done.stderr and "timmy doctor" in done.stderr
        assert re.search(r"It ended with code \d+, and said last: .*unable to open database file", done.stderr), (
            done.stderr
        )
        assert resting.status()["ready"]
        told = resting.cli("doctor")
        assert told.returncode == 1
        assert re.search(r"bad   cascade: .*it ended with code .*unable to open database file", told.stdout), (
            told.stdout
        )
    finally:
        assert resting.cli("stop").returncode == 0

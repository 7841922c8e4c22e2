"""What a world refuses before it starts anything: each with a message and an exit code."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server import locks
from tests.system.harness import World

Fresh = Callable[..., World]


@pytest.fixture
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that was never started."""
    made = World(tmp_path_factory.mktemp("i"))
    yield made
    assert [name for name in locks.NAMES if made.pid(name)] == []


@pytest.mark.parametrize("name", ["telnet", "web", "websocket", "web internal", "link"])
def test_a_port_in_use_is_named_and_nothing_is_left(idle: World, name: str) -> None:
    port = idle.ports[name]
    with socket.create_server(("127.0.0.1", port)):
        done = idle.cli("run")
    assert done.returncode == 1
    assert str(port) in done.stderr
    assert "TIMMY_PORT_BASE" in done.stderr
    assert not idle.state.exists()


def test_a_second_world_on_the_same_ports_is_refused(world: World, idle: World) -> None:
    idle.settings["port_base"] = world.settings["port_base"]
    done = idle.cli("run")
    assert done.returncode == 1
    assert str(world.ports["telnet"]) in done.stderr
    assert not idle.state.exists()
    assert world.status()["ready"]


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("port_base", "80", "TIMMY_PORT_BASE"),
        ("port_base", "many", "TIMMY_PORT_BASE"),
        ("owner", "no spaces allowed", "TIMMY_OWNER"),
        ("seal_seconds", "-1", "TIMMY_SEAL_SECONDS"),
        ("sandbox", "none", "TIMMY_SANDBOX"),
        ("port_bse", "4000", "TIMMY_PORT_BASE"),
    ],
)
def test_a_wrong_setting_is_named(idle: World, setting: str, value: str, said: str) -> None:
    idle.settings[setting] = value
    done = idle.cli("run")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not idle.state.exists()


def test_a_folder_that_cannot_be_written_is_named(idle: World, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    idle.settings["state_dir"] = tmp_path / "file" / "state"
    done = idle.cli("run")
    assert done.returncode == 1
    assert "TIMMY_STATE_DIR" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_state_path_too_long_for_sockets_is_named(idle: World, tmp_path: Path) -> None:
    idle.settings["state_dir"] = tmp_path / ("x" * 120)
    done = idle.cli("run")
    assert done.returncode == 1
    assert "too long" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("key", ["changeme!(*#&*($&*(#*(&SDFKJJKLS*(@#KJAS-and-more", "short"])
def test_a_public_or_short_key_is_refused(idle: World, key: str) -> None:
    idle.state.mkdir(parents=True)
    (idle.state / "secret-key").write_text(key)
    done = idle.cli("run")
    assert done.returncode == 1
    assert "secret-key" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (idle.state / "timmy.db3").exists()


def test_verbs_without_a_world_say_so_with_exit_code_4(idle: World) -> None:
    for args in (["approve", "1"], ["undo"], ["reload"], ["status"], ["world", "build"]):
        done = idle.cli(*args)
        assert done.returncode == 4, (args, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr


def test_wrong_usage_has_exit_code_2(idle: World) -> None:
    assert idle.cli("run", "--no-such-option").returncode == 2
    assert idle.cli().returncode == 2


def test_dry_run_starts_nothing(idle: World) -> None:
    done = idle.cli("run", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert str(idle.ports["telnet"]) in done.stdout
    assert not idle.state.exists()


def test_a_password_of_chance_is_shown_once_and_kept_for_the_owner_alone(idle: World) -> None:
    del idle.settings["owner_password"]
    try:
        first = idle.start().cli("status")
        assert first.returncode == 0
        kept = idle.state / "owner-password"
        password = kept.read_text().strip()
        assert len(password) >= 16
        assert os.stat(kept).st_mode & 0o777 == 0o600
        again = idle.cli("run")
        assert password not in again.stdout + again.stderr
        assert str(kept) in again.stdout
        for log in (idle.state / "logs").iterdir():
            assert password not in log.read_text(errors="replace"), log
        idle.login(password=password)
    finally:
        idle.close()

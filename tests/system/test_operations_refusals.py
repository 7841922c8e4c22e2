"""What a world refuses before it starts anything, as its owner types it: each with a message and an exit code.

What needs no process of its own is in tests/unit/test_refused_before_a_start.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server import processes
from tests.system.harness import World


@pytest.fixture
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that was never started."""
    made = World(tmp_path_factory.mktemp("i"))
    yield made
    assert [name for name in processes.NAMES if made.pid(name)] == []


def test_a_second_world_on_the_same_ports_is_refused(world: World, idle: World) -> None:
    idle.settings["port_base"] = world.settings["port_base"]
    done = idle.cli("run")
    assert done.returncode == 1
    assert str(world.ports["telnet"]) in done.stderr
    assert not idle.state.exists()
    assert world.status()["ready"]


def test_a_wrong_setting_is_named(idle: World) -> None:
    idle.settings["port_bse"] = "4000"
    done = idle.cli("run")
    assert done.returncode == 2
    assert "TIMMY_PORT_BASE" in done.stderr
    assert "Traceback" not in done.stderr
    assert not idle.state.exists()


def test_a_folder_that_cannot_be_written_is_named(idle: World, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    idle.settings["state_dir"] = tmp_path / "file" / "state"
    done = idle.cli("run")
    assert done.returncode == 1
    assert "TIMMY_STATE_DIR" in done.stderr
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


def test_verbs_without_a_world_say_so_with_exit_code_4_and_wrong_usage_has_2(idle: World) -> None:
    for args, code in ((["approve", "1"], 4), (["run", "--no-such-option"], 2), ([], 2)):
        done = idle.cli(*args)
        assert done.returncode == code, (args, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr

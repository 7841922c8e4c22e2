"""What `timmy run` and `timmy simulate` refuse before they begin: each with a message and an exit code.

Two of them are shown as they are typed in tests/system: test_operations_refusals, test_simulate.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.kernel import settings
from server import cli, ports
from tests.support.process import free_base


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a world that was never started, with ports of its own."""
    monkeypatch.setenv("TIMMY_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("TIMMY_PORT_BASE", str(free_base()))
    settings.current.cache_clear()
    yield tmp_path / "state"
    settings.current.cache_clear()


@pytest.mark.parametrize("name", ["telnet", "web", "websocket", "cascade"])
def test_a_port_in_use_is_named_and_nothing_is_left(state: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    port = ports.of(ports.base())[name]
    with socket.create_server(("127.0.0.1", port)):
        assert cli.main(["run"]) == 1
    said = capsys.readouterr().err
    assert str(port) in said and "TIMMY_PORT_BASE" in said
    assert not state.exists()


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("PORT_BASE", "80", "TIMMY_PORT_BASE"),
        ("PORT_BASE", "many", "TIMMY_PORT_BASE"),
        ("OWNER", "no spaces allowed", "TIMMY_OWNER"),
        ("SEAL_SECONDS", "-1", "TIMMY_SEAL_SECONDS"),
        ("SANDBOX", "none", "TIMMY_SANDBOX"),
        ("PORT_BSE", "4000", "TIMMY_PORT_BASE"),
    ],
)
def test_a_wrong_setting_is_named(
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    setting: str,
    value: str,
    said: str,
) -> None:
    monkeypatch.setenv(f"TIMMY_{setting}", value)
    assert cli.main(["run"]) == 2
    assert said in capsys.readouterr().err
    assert not state.exists()


def test_a_state_path_too_long_for_sockets_is_named(
    state: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TIMMY_STATE_DIR", str(state.parent / ("x" * 120)))
    assert cli.main(["run"]) == 1
    assert "too long" in capsys.readouterr().err


@pytest.mark.parametrize(
    "line", ["approve 1", "undo", "reload", "status", "world build"], ids=lambda line: line.replace(" ", "-")
)
def test_verbs_without_a_world_say_so_with_exit_code_4(
    state: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    assert cli.main(line.split()) == 4
    told = capsys.readouterr()
    assert told.out + told.err
    assert not state.exists()


def test_dry_run_starts_nothing(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--dry-run"]) == 0
    assert str(ports.base()) in capsys.readouterr().out
    assert not state.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--hours nan", "--hours"),
        ("--hours -1", "--hours"),
        ("--agents 0", "--agents takes a whole number from 1"),
        ("--agents 1e3", "--agents"),
        ("--seed blue", "--seed takes a whole number"),
        ("--agents=", "--agents takes a whole number"),
        ("--seed=", "--seed takes a whole number"),
        ("--continue /nowhere/at/all", "There is no file"),
    ],
)
def test_what_cannot_be_simulated_is_refused_at_once(capsys: pytest.CaptureFixture[str], words: str, said: str) -> None:
    assert cli.main(["simulate", *words.split()]) == 2
    told = capsys.readouterr()
    assert told.out == "" and said in told.err

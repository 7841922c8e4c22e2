"""A process is one row: whoever has to do with processes follows it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from agents.kernel.errors import Conflict
from agents.kernel.settings import load
from server import lifecycle, locks, ports, processes, status
from server.checks import world
from server.processes import Process
from server.supervisor import Supervisor


@pytest.fixture
def bridge(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Process:
    """A process that the house does not have, in a world of its own that is down."""
    row = Process("bridge", "bridge", "server.bridge", kept_by="supervisor", ports={"bridge": 4}, loopback=True)
    rows = (*processes.PROCESSES, row)
    monkeypatch.setattr(processes, "PROCESSES", rows)
    monkeypatch.setattr(processes, "NAMES", tuple(one.name for one in rows))
    monkeypatch.setenv("TIMMY_STATE_DIR", str(tmp_path / "state"))
    return row


def test_each_is_kept_by_another_and_none_serves_what_another_does() -> None:
    keepers = {one.name: one.kept_by for one in processes.PROCESSES}
    assert keepers == {"supervisor": "", "portal": "supervisor", "server": "portal", "cascade": "supervisor"}
    served = [what for one in processes.PROCESSES for what in one.ports]
    assert len(served) == len(set(served)) == len(set(ports.of(4000).values()))
    assert processes.named("server").title == "Server"


def test_a_row_more_has_its_port(bridge: Process) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        base = taken.getsockname()[1] - 4
        assert ports.of(base)["bridge"] == base + 4
        with pytest.raises(Conflict, match=r"\(bridge: "):
            ports.check(load().model_copy(update={"port_base": base}))


def test_a_row_more_is_kept_by_the_supervisor(bridge: Process, tmp_path: Path) -> None:
    made = Supervisor(tmp_path / "state" / "run")
    assert [keeper.name for keeper in made.beside] == ["cascade", "bridge"]
    (tmp_path / "state" / "run").mkdir(parents=True)
    made.beside[1].restarts = 7
    made._tell()
    assert (status.restarts("portal"), status.restarts("bridge"), status.restarts("supervisor")) == (0, 7, None)


def test_a_row_more_is_told_of_and_would_be_ended(
    bridge: Process, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert {"name": "bridge", "pid": None, "uptime": None, "restarts": None} in status.gather()["processes"]
    assert lifecycle.stop(dry_run=True) == 0
    with locks.take(tmp_path / "state" / "run", "bridge"):
        assert status.gather()["processes"][-1]["pid"] == os.getpid()
        assert any("bridge      pid" in line for line in status.lines(status.gather()))
        lifecycle.stop(dry_run=True)
    assert capsys.readouterr().out == f"Would end bridge {os.getpid()}.\n"


def test_a_row_more_is_missed_by_the_doctor(bridge: Process) -> None:
    found = {one.what: one for one in world.processes_run(status.gather() | {"ready": True, "world": "up"})}
    assert found["processes"].bad and "bridge" in found["processes"].said


ASKED_TWICE = """
import os, signal, sys
from twisted.internet import reactor
from twisted.logger import globalLogBeginner, textFileLogObserver
from server.process import ending_once
globalLogBeginner.beginLoggingTo([textFileLogObserver(sys.stdout)], redirectStandardIO=False)
reactor.stop = ending_once(reactor.stop)

def end():
    os.kill(os.getpid(), signal.SIGTERM)  # as `timmy stop` does
    print("by this call:", reactor.stop(), reactor.stop())  # as a link does whose other end is gone

reactor.callWhenRunning(end)
reactor.run()
"""


def test_whoever_is_asked_twice_to_end_ends_once_and_without_an_error() -> None:
    done = subprocess.run([sys.executable, "-c", ASKED_TWICE], capture_output=True, text=True, timeout=120, check=False)
    assert "Received SIGTERM" in done.stdout and "by this call: True False" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr

"""`timmy` under whatever a shell makes of its streams, and whatever the environment asks of Python."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.kernel import location
from agents.kernel.location import PROJECT
from server.finding import Finding
from tests.support.pddl_samples import DEPOT, DEPOT_PROBLEM, files

TIMMY = f"{sys.executable} -m server.cli"


def shell(line: str, tmp_path: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TIMMY_STATE_DIR": str(tmp_path / "state"), **more}
    return subprocess.run(
        ["sh", "-c", line], cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("streams", [">&-", ">&- 2>&-", "<&- >&-", "<&- >&- 2>&-", "2>&-"])
def test_a_closed_stream_is_no_fault(streams: str, tmp_path: Path) -> None:
    domain, problem = files(tmp_path, DEPOT, DEPOT_PROBLEM)
    done = shell(f"{TIMMY} plan {domain} {problem} {streams}", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    done = shell(f"{TIMMY} ask timmy = what now {streams}", tmp_path)
    assert done.returncode == 4
    assert done.stderr == ("" if "2>&-" in streams else "The world is down. Try: timmy run\n")


@pytest.mark.parametrize("words", ["status", "status --json", "doctor", "--help", "plan {} {}"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_that_cannot_be_written_is_told_with_what_helps(words: str, tmp_path: Path) -> None:
    done = shell(f"{TIMMY} {words.format(*files(tmp_path, DEPOT, DEPOT_PROBLEM))} > /dev/full", tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "The output could not be written: No space left on device. Free some space there, or send it elsewhere.\n"
    )


def test_a_full_disk_is_told_with_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    from server import cli, status

    def full() -> None:
        raise OSError(28, "No space left on device", "/world/run/x")

    monkeypatch.setattr(status, "gather", full)
    assert cli.main(["status"]) == 1
    assert capsys.readouterr().err == (
        "There is no space for /world/run/x: No space left on device. Free some, or have it written elsewhere.\n"
    )


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (OSError(28, "No space left on device"), "free some space"),
        (ImportError("no module named x"), "make install"),
        (PermissionError(13, "Permission denied"), "check that you can read it"),
    ],
)
def test_what_cannot_be_looked_at_has_a_remedy_that_fits(
    error: Exception, mend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from server import doctor

    def _state() -> Iterator[Finding]:
        raise error
        yield

    monkeypatch.setattr(doctor, "_state", _state)
    (found,) = [one for one in doctor.examine() if one.what == "state"]
    assert found.bad and found.mend.startswith(mend)


@pytest.mark.parametrize("name", ["PYTHONOPTIMIZE", "PYTHONWARNINGS"])
def test_no_process_of_a_world_heeds_what_is_meant_for_other_programs(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "2")
    assert name not in location.child_environment()


def test_the_command_line_begins_again_without_it(tmp_path: Path) -> None:
    word = "import sys; from server import cli; sys.exit(cli.main())"
    probe = f'{sys.executable} -c "{word}" status'
    for more in (
        {"PYTHONOPTIMIZE": "2"},
        {"PYTHONWARNINGS": "error"},
        {"PYTHONOPTIMIZE": "2", "PYTHONWARNINGS": "error"},
    ):
        done = shell(probe, tmp_path, **more)
        assert (done.returncode, done.stderr) == (4, "")

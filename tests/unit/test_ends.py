"""What is kept of a process that dies at once, and what `timmy doctor` makes of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from agents.kernel import location
from agents.kernel.clock import SystemClock
from server import ends, keeper, process, status
from server.checks import world
from tests.support.process import until

TRACE = 'Traceback (most recent call last):\n  File "x.py", line 1\nImportError: no library\x1b[31m of that name\n\n'


@pytest.fixture(autouse=True)
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a world of its own."""
    monkeypatch.setenv("TIMMY_STATE_DIR", str(tmp_path))
    (tmp_path / "run").mkdir()
    (tmp_path / "logs").mkdir()
    return tmp_path / "run"


def test_the_last_line_is_kept_where_it_can_do_no_harm(run: Path) -> None:
    process.first_output("cascade").write_text(TRACE)
    ends.note("cascade", "ended with code 1", 0.4)
    assert ends.of("cascade") == ends.End("ended with code 1", 0.4, "ImportError: no library of that name")


def test_a_long_line_is_shortened_and_no_secret_is_told() -> None:
    process.first_output("cascade").write_text("api_key=abcdefghijkl " + "x" * 5000)
    ends.note("cascade", "ended", 0.0)
    found = ends.of("cascade")
    assert found and len(found.said) <= ends.LONGEST and "abcdefghijkl" not in found.said


def test_who_says_nothing_is_looked_up_in_its_log(run: Path) -> None:
    now = SystemClock().now().isoformat()
    rows = (
        {"at": "2020-01-01T00:00:00.000+00:00", "level": "error", "text": "of another life"},
        {"at": now, "level": "critical", "text": "no table of that name"},
        {"at": now, "level": "info", "text": "bye"},
    )
    log = location.log_dir() / "server.log"
    log.write_text("".join(json.dumps(row) + "\n" for row in rows) + "half a line {")
    ends.note("server", "ended with code 1", 2.0)
    found = ends.of("server")
    assert found and found.said == "no table of that name"
    log.write_text(json.dumps(rows[0]) + "\n")
    ends.note("server", "ended with code 1", 2.0)
    found = ends.of("server")
    assert found and found.said == ""


def test_who_is_well_and_a_new_start_forget() -> None:
    ends.note("server", "ended", 1.0)
    ends.note("cascade", "ended", 1.0)
    ends.forget("server")
    assert (ends.of("server"), ends.of("cascade") is None) == (None, False)
    ends.forget()
    assert ends.of("cascade") is None


@pytest.mark.parametrize("text", ["", "[]", '{"how": 1}', "\x00", '"x"'])
def test_what_is_no_record_is_none(run: Path, text: str) -> None:
    (run / "cascade.end").write_text(text)
    assert ends.of("cascade") is None


def test_a_disk_that_takes_nothing_stops_nobody(run: Path) -> None:
    (run / "cascade.end.new").mkdir()
    ends.note("cascade", "ended", 0.0)
    assert ends.of("cascade") is None


def test_a_keeper_keeps_the_end_of_what_dies_at_once(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [sys.executable, "-c", "raise SystemExit('the model is of another world')"]
    monkeypatch.setattr(process, "command", lambda name: words)
    kept = keeper.Keeper(run, "cascade", SystemClock())
    kept.tick()
    until(lambda: kept.tick() and kept.restarts, "it has died")
    kept.end()
    found = ends.of("cascade")
    assert found and (found.how, found.said) == ("ended with code 1", "the model is of another world")


def _told(monkeypatch: pytest.MonkeyPatch, **pids: int | None) -> dict[str, tuple[str, str, str]]:
    now = status.gather() | {"ready": True, "world": "up", "phase": "ready"}
    for row in now["processes"]:
        row["pid"] = pids.get(row["name"], 7)
    monkeypatch.setattr(status, "gather", lambda: now)
    return {one.what: (one.level, one.said, one.mend) for one in world.processes_run(status.gather())}


def test_the_doctor_tells_what_a_dying_process_said_last(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process.first_output("cascade").write_text(TRACE)
    ends.note("cascade", "ended with code 1", 0.4)
    told = _told(monkeypatch, cascade=None)
    level, said, mend = told["cascade"]
    assert level == "bad"
    assert "does not run: it ended with code 1 after 0.4 s" in said
    assert "ImportError: no library of that name" in said
    assert "cascade.log" in mend and "timmy run" not in mend.split(";")[0]
    assert "ok" not in {told[name][0] for name in told if name == "processes"}


def test_one_that_was_started_again_a_moment_ago_is_told_of_too(monkeypatch: pytest.MonkeyPatch) -> None:
    ends.note("cascade", "ended with code -11", 0.4)
    ends.note("server", "ended by signal 9", 5000.0)
    told = _told(monkeypatch)
    assert told["Server"][0] == "note", "it did not die at once"
    level, said, _ = told["cascade"]
    assert level == "bad" and "was started again: it ended with code -11 after 0.4 s" in said


def test_the_doctor_tells_why_a_world_did_not_start(run: Path) -> None:
    process.first_output("server").write_text(TRACE)
    ends.note("server", "ended with code 1", 3.0)
    told = {one.what: one for one in world.processes_run(status.gather())}
    assert told["processes"].said == "the world is down"
    assert told["Server"].bad and "ImportError" in told["Server"].said

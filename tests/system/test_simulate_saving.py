"""`timmy simulate` stopped by its owner, or by the machine, and gone on with another day: as typed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from agents.kernel.location import PROJECT
from tests.support.pages import Page
from tests.system.test_simulate import figures, simulate

pytestmark = pytest.mark.system
TIMED = {"wall_s", "cpu_s", "agent_steps_per_s"}
DAY = ("--hours", "9", "--agents", "6", "--seed", "3")


def untimed(found: dict) -> dict:
    return {key: value for key, value in found.items() if key not in TIMED}


@contextmanager
def going(*words: str, hash_seed: str = "0"):
    """A run under way: its figures would come last, so something has been simulated when its bar moves."""
    here, there = os.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "server.cli", "simulate", *words, "--json"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=there,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        start_new_session=True,
        text=True,
    )
    os.close(there)
    try:
        yield child, here
    finally:
        child.kill()  # nothing, where it has ended
        child.wait()
        os.close(here)


def shown(here: int, mark: bytes) -> bytes:
    """What the terminal shows, up to `mark`."""
    text = b""
    while mark not in text:
        text += os.read(here, 4096)
    return text


def rest(here: int) -> bytes:
    """What the terminal shows until nobody writes there."""
    text = b""
    try:
        while part := os.read(here, 4096):
            text += part
    except OSError:  # the other end was closed
        pass
    return text


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """(figures, events) of the day that nothing interrupted."""
    file = tmp_path_factory.mktemp("straight") / "events"
    return figures(*DAY, "--events", str(file)), file.read_bytes()


def test_a_run_stopped_twice_is_gone_on_with_to_the_same_events(tmp_path, straight):
    """By Ctrl-C, then by SIGTERM, each time under another hash seed, and once told the hours."""
    kept, events = str(tmp_path / "day.run"), str(tmp_path / "events")
    with going(*DAY, "--save", kept, hash_seed="1") as (child, here):
        shown(here, b" 01:00")
        os.killpg(child.pid, signal.SIGINT)
        said = rest(here).decode()
        first = json.loads(child.communicate()[0])
        assert child.returncode == 130
    assert "Stopped at 2026-04-01 0" in said
    assert f"The run is saved in {kept}; to go on: timmy simulate --continue {kept}" in said
    assert 1 <= first["hours"] < 9
    with going("--continue", kept, "--save", kept, hash_seed="2") as (child, here):
        shown(here, b" 06:00")
        child.send_signal(signal.SIGTERM)
        rest(here)
        second = json.loads(child.communicate()[0])
        assert child.returncode == 143
    assert 6 <= second["hours"] < 9
    done = simulate("--continue", kept, "--events", events, "--json", hash_seed="3")
    assert done.returncode == 0, done.stderr
    assert untimed(json.loads(done.stdout)) == untimed(straight[0])
    assert Path(events).read_bytes() == straight[1]


def test_what_is_stopped_without_a_name_to_save_under_says_so_and_still_reports(tmp_path):
    with going(*DAY, "--events", str(tmp_path / "events"), "--report", str(tmp_path / "page.html")) as (child, here):
        shown(here, b" 01:00")
        child.send_signal(signal.SIGTERM)
        said = rest(here).decode()
        found = json.loads(child.communicate()[0])
        assert child.returncode == 143
    assert "Nothing was saved: no --save FILE was given." in said
    rows = (tmp_path / "events").read_text().splitlines()
    assert json.loads(rows[-1])["digest"] == found["digest"]
    assert found["digest"] in Page((tmp_path / "page.html").read_text("utf-8")).words
    assert sorted(file.name for file in tmp_path.iterdir()) == ["events", "page.html"]


def test_a_second_ctrl_c_ends_it_at_once_and_leaves_no_file_half_written(tmp_path):
    with going("--hours", "8000", "--agents", "60", "--save", str(tmp_path / "run")) as (child, here):
        shown(here, b"  0 %")
        child.send_signal(signal.SIGINT)
        time.sleep(0.05)  # two signals at once are one
        child.send_signal(signal.SIGINT)
        rest(here)
        child.communicate()
        assert child.returncode in (1, 130), "at once, or it was through with its stretch before"
    assert {file.name for file in tmp_path.iterdir()} <= {"run"}


def test_a_finished_run_goes_on_and_a_report_can_be_had_later(tmp_path, straight):
    kept = str(tmp_path / "run")
    half = figures("--hours", "4.5", *DAY[2:], "--save", kept)
    again = figures("--continue", kept, "--report", str(tmp_path / "page.html"))
    assert untimed(again) == untimed(half), "no hours more were asked for"
    assert half["digest"] in Page((tmp_path / "page.html").read_text("utf-8")).words
    assert untimed(figures("--continue", kept, "--hours", "9")) == untimed(straight[0])


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What a saved run is, byte for byte."""
    file = tmp_path_factory.mktemp("whole") / "run"
    figures("--hours", "0.2", "--agents", "2", "--seed", "3", "--save", str(file))
    return file.read_bytes()


def soak(*case):
    """A case that is refused at the same place as one of the others; each takes a start of Python and of the tables."""
    return pytest.param(*case, marks=pytest.mark.soak)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--continue", "{}/diary"), "is no saved run"),
        (
            ("--continue", "{}/run", "--hours", "0.1"),
            "has already reached 0.2 hours; --hours counts from the beginning",
        ),
        (("--continue", "{}/run", "--seed", "4"), "has --seed 3; leave --seed out"),
        soak(("--continue", "{}/run", "--agents", "20"), "has --agents 2; leave --agents out"),
        (("--continue", "{}/short"), "cut short or altered"),
        (("--save", "{}/diary"), "already exists and is not a saved run"),
        soak(("--continue", "{}/run", "--report", "{}/run"), "--continue and --report name the same file"),
        (("--save", "{}/new", "--report", "{}/new"), "--save and --report name the same file"),
        soak(("--save", "{}/archive"), "already exists and is not a saved run"),
        soak(("--save", "/nowhere/at/all"), "cannot be written"),
    ],
)
def test_what_cannot_be_gone_on_with_or_saved_is_refused_and_nothing_is_changed(tmp_path, whole, words, said):
    (tmp_path / "run").write_bytes(whole)
    (tmp_path / "short").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "diary").write_text("Dear diary")
    with zipfile.ZipFile(tmp_path / "archive", "w") as archive:
        archive.writestr("photo", "of the sea")
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    done = simulate(*(word.format(tmp_path) for word in words), "--events", str(tmp_path / "events"))
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_the_help_has_examples_that_run_and_names_every_exit_code(tmp_path):
    text = simulate("--help").stdout
    for option in ("--hours", "--agents", "--seed", "--events", "--report", "--save", "--continue"):
        assert option in text
    for code in ("0 done", "1 error", "2 usage", "130 stopped", "143 by SIGTERM"):
        assert code in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 80


def test_a_disk_that_is_full_at_the_end_costs_the_save_and_nothing_else(tmp_path):
    """A limit on the size of files stands in for the disk: the kernel refuses the write just so."""
    words = [
        sys.executable,
        "-m",
        "server.cli",
        "simulate",
        "--hours",
        "1",
        "--agents",
        "3",
        "--json",
        "--save",
        str(tmp_path / "run"),
    ]
    limited = (
        "import resource, runpy, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); sys.argv = sys.argv[1:]; "
        "runpy.run_module('server.cli', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", limited, *words[2:]],  # what it compiled would be cut by the limit, too
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "The run could not be saved" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 4
    assert json.loads(done.stdout)["events"] > 0
    assert list(tmp_path.iterdir()) == []

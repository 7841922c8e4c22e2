"""`timmy simulate` as its owner types it: equal seeds give equal events, whatever else differs."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import Any

import pytest

from agents.events import chain
from agents.kernel.location import PROJECT
from tests.support.pages import Page

pytestmark = pytest.mark.system


def simulate(*words: str, hash_seed: str = "0", **more: Any) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TIMMY_")} | {"PYTHONHASHSEED": hash_seed}
    return subprocess.run(
        [sys.executable, "-m", "server.cli", "simulate", *words],
        cwd=PROJECT,
        env=environment,
        text=True,
        capture_output=True,
        timeout=300,
        check=False,
        **more,
    )


def figures(*words: str, **more: Any) -> dict[str, Any]:
    done = simulate(*words, "--json", **more)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_equal_seeds_give_equal_events_under_any_hash_seed_and_settings(tmp_path):
    day = ("--hours", "10", "--agents", "8", "--seed", "3")
    first = figures(*day, "--events", str(tmp_path / "a"), hash_seed="1")
    (tmp_path / ".env").write_text("TIMMY_STEP_SECONDS=1\n")
    second = figures(*day, "--events", str(tmp_path / "b"), hash_seed="271828")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    timed = {"wall_s", "cpu_s", "agent_steps_per_s"}
    assert {k: v for k, v in first.items() if k not in timed} == {k: v for k, v in second.items() if k not in timed}
    other = figures(*day[:-1], "4")
    assert other["digest"] != first["digest"]
    assert first["agent_steps"] > 1000
    assert first["tasks_done"] > 0
    assert first["model_calls"] == 0


def test_the_events_are_a_chain_whose_end_is_the_digest(tmp_path):
    found = figures("--hours", "9", "--agents", "5", "--events", str(tmp_path / "log"))
    previous, rows = chain.GENESIS, [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert len(rows) == found["events"]
    for row in rows:
        assert row["previous"] == previous
        previous = row["digest"]
    assert previous == found["digest"]
    deeds = {row["topic"].rpartition(".")[2] for row in rows if row["topic"].startswith("agent.") and row["step"]}
    assert {"move", "say", "emote", "did"} <= deeds
    assert {row["data"]["source"] for row in rows if row["topic"].endswith(".thought")} == {"reflex"}
    steps = {row["step"] for row in rows if row["topic"].endswith((".did", ".move"))}
    assert len(steps) == found["agent_steps"], "a step is an executed action of a plan"


def test_a_report_is_written_and_its_place_is_told(tmp_path):
    found = simulate("--hours", "8", "--agents", "4", "--report", str(tmp_path / "page.html"), "--json")
    assert found.stderr == f"The report is in {tmp_path / 'page.html'}\n"
    figures = json.loads(found.stdout)
    page = Page((tmp_path / "page.html").read_text("utf-8"))
    assert figures["digest"] in page.words
    assert "timmy simulate --hours 8 --agents 4 --seed 7" in page.words
    assert sum(int(cell) for row in page.tables["Steps done"][1:] for cell in row[1:]) == figures["agent_steps"]


def test_without_a_name_the_report_is_called_after_the_run(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    subprocess.run(
        [sys.executable, "-m", "server.cli", "simulate", "--hours", "0.5", "--agents", "2", "--report"],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
    )
    assert [file.name for file in tmp_path.iterdir()] == ["simulation-0.5-2-7.html"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--hours", "soon"), "--hours takes a number above 0"),
        (("--events", "/nowhere/at/all"), "cannot be written"),
        (("--report", "/nowhere/at/all"), "cannot be written"),
        (("--report", "/dev/null", "--events", "/dev/null"), "--events and --report name the same file"),
    ],
)
def test_what_cannot_be_simulated_is_refused_at_once(words, said):
    done = simulate(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_is_shown_how_far_it_is():
    here, there = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "server.cli", "simulate", "--hours", "2", "--agents", "3"],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=there,
    )
    os.close(there)
    shown = b""
    while b"100 %" not in shown:
        shown += os.read(here, 4096)
    out, _ = child.communicate(timeout=120)
    os.close(here)
    assert b" 50 %  2026-04-01 01:00" in shown
    assert out.decode().startswith("3 agents, 2 hours, seed 7\n")


def test_a_run_leaves_nothing_behind(tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run(
        [sys.executable, "-m", "server.cli", "simulate", "--hours", "1", "--agents", "2"],
        cwd=PROJECT,
        env=environment,
        check=True,
        capture_output=True,
    )
    assert list(tmp_path.iterdir()) == []

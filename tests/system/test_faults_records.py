"""The records cannot be written: locked by another program, or in a folder that can only be read. Nothing is
acknowledged that is not kept, people are told and may read on, nobody files bugs, and it mends itself.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system import harness, jobs
from tests.system.harness import World, until

HOLDER = """
import sqlite3, sys
link = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
link.execute("begin exclusive")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def readable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that may be read."""
    return tmp_path_factory.mktemp("readable")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, prepared: Path, readable: Path) -> Iterator[World]:
    """A running world of this file's own."""
    quick = {"seal_seconds": 0, "step_seconds": 0.3, "grace_seconds": 1, "read_paths": readable}
    with harness.world(tmp_path_factory.mktemp("u"), prepared, **quick) as made:
        yield made


@contextmanager
def locked(world: World) -> Iterator[int]:
    """Another process holds the database for itself: its id."""
    command = [sys.executable, "-c", HOLDER, str(world.state / "timmy.db3")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        yield holder.pid
        holder.stdin.close()
        holder.wait()


@pytest.mark.parametrize("seconds", [pytest.param(8, id="short"), pytest.param(30, id="long", marks=pytest.mark.soak)])
def test_a_locked_database_is_told_and_survived(world: World, readable: Path, seconds: int) -> None:
    """`BEGIN EXCLUSIVE` in another process, while a survey is under way and a person types."""
    repository = jobs.repository(readable / "locked", 3)
    player, link = world.login(), jobs.control(world)
    jobs.all_awake(world)
    running = jobs.proposed(link, f"Survey {repository} = while it is locked")
    for verb, argument in (("ok", f"{running}"), ("assign", f"{running} = timmy")):
        assert link.ask(verb, argument)["exit"] == 0
    until(lambda: jobs.task(world, running)["steps_taken"] >= 1, "the survey is under way")
    before = jobs.rows(world, "select count(*) as n from agents_task")[0]["n"]
    waits, looks, refused = [], [], 0
    with locked(world) as holder:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            begun = time.monotonic()
            answer = link.ask("task", "add Ponder this = while it is locked")
            waits.append(time.monotonic() - begun)
            assert answer["exit"] == 1, answer
            assert "locked by another program" in " ".join(answer["lines"])
            refused += 1
            begun = time.monotonic()
            player.ask("look", "FRATERNITY HALL")
            looks.append(time.monotonic() - begun)
            time.sleep(0.2)
        player.ask("task add words Ponder that = typed in the game", "locked by another")
        player.ask("say Can you hear me?", "Can you hear me")
        assert jobs.rows(world, "select count(*) as n from agents_task")[0]["n"] == before
        told = world.status()["inside"]
        assert not told["records"]["ok"]
        assert "locked" in told["records"]["why"]
        doctor = world.cli("doctor")
        assert doctor.returncode == 1
        mend = re.search("bad   records: cannot be written.*\n      mend: (.*)", doctor.stdout)
        assert mend, doctor.stdout
        assert re.search(rf"\b{holder}\b", mend[1]), f"{mend[1]} does not name who holds it, {holder}"
        player.ask("workshop", "locked by another program")
        player.ask("look", "FRATERNITY HALL")
    made = until(
        lambda: link.ask("task", "add Ponder on = it is free again")["data"].get("number"), "it can be written"
    )
    assert jobs.task(world, made)["title"] == "Ponder on"
    assert jobs.ended(world, [running]) == {running: "COMPLETED"}
    until(lambda: world.status()["inside"]["records"]["ok"], "the beats go on")
    jobs.all_awake(world)
    jobs.nothing_twice(world)
    jobs.record_is_whole(world)
    assert [f for f in jobs.faults(world) if f.startswith("filed")] == []
    assert len(re.findall("The minds are paused", world.log())) >= 1
    link.close()
    lag = told["lag_ms"]
    print(
        f"locked {seconds} s: {refused} refusals, the slowest after {max(waits):.2f} s, median "
        f"{sorted(waits)[len(waits) // 2]:.3f} s; "
        f"look median {sorted(looks)[len(looks) // 2]:.3f} s, most {max(looks):.2f} s; "
        f"reactor lag p50 {lag['p50']} p99 {lag['p99']} max {lag['max']} ms; {len(jobs.faults(world))} log traces"
    )
    print("\n".join(jobs.faults(world))[:3000])


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Whoever opens a file in `folder` from now on may only read it; files that are open stay as they are."""

    def mount(*args: str) -> str:
        try:
            done = subprocess.run(["mount", *args, str(folder)], capture_output=True, text=True, check=False)
        except FileNotFoundError:
            return "there is no mount on this machine"
        return done.stderr.strip() if done.returncode else ""

    if why := mount("--bind", str(folder)):
        pytest.skip(f"nothing can be mounted here: {why}")
    try:
        assert mount("-o", "remount,bind,ro") == ""
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_folder_that_can_only_be_read_is_told_and_survived(world: World, readable: Path) -> None:
    """The state folder cannot be written while a survey is under way; then the Server is killed as well. All is
    back of itself once the folder can be written, and the survey is finished once.
    """
    repository = jobs.repository(readable / "closed", 3)
    player, link = world.login(), jobs.control(world)
    running = jobs.proposed(link, f"Survey {repository} = while the folder is closed")
    for verb, argument in (("ok", f"{running}"), ("assign", f"{running} = timmy")):
        assert link.ask(verb, argument)["exit"] == 0
    until(lambda: jobs.task(world, running)["steps_taken"] >= 1, "the survey is under way")
    link.close()
    with read_only(world.state):
        time.sleep(3)  # the minds meet it as well
        player.ask("look", "FRATERNITY HALL")
        server = world.kill("server")
        player.expect("stumbled")
        until(lambda: "cannot be started" in world.log("portal"), "the log says why the Server is away")
        player.ask("look", "held until the world is back|not accepted")
        assert not world.status()["ready"]
        doctor = world.cli("doctor")
        assert doctor.returncode == 1
        assert "cannot be written" in doctor.stdout, doctor.stdout
        assert "mend:" in doctor.stdout
        portal, supervisor = world.pid("portal"), world.pid("supervisor")
        time.sleep(3)
        assert (world.pid("portal"), world.pid("supervisor")) == (portal, supervisor)
    begun = time.monotonic()
    world.back("server", server)
    print(f"back {time.monotonic() - begun:.1f} s after the folder could be written again")
    player.expect("The world is back")
    player.ask("say Open again.", "Open again")
    assert jobs.ended(world, [running]) == {running: "COMPLETED"}
    jobs.all_awake(world)
    jobs.nothing_twice(world)
    jobs.record_is_whole(world)
    assert [f for f in jobs.faults(world) if f.startswith("filed")] == []

"""The main job as the owner lives it, over real sockets: from a fresh clone to a report that was
asked for, approved, worked out in the open and committed; and through kills and reloads.
"""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agents.kernel import location
from tests.system import harness
from tests.system.harness import Telnet, World, until
from tests.system.jobs import git, nothing_twice, record_is_whole, rows, task

BODILY = ("move", "say", "emote", "take", "drop", "build")


@pytest.fixture()
def repository(tmp_path: Path) -> Path:
    """A small repository with known facts: 3 commits by 2 authors, one broken file, two markers."""
    folder = tmp_path / "readable" / "little"
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    for number, who in enumerate(("Ada", "Ada", "Grace"), 1):
        (folder / f"part{number}.py").write_text(f"x = {number}\n" + ("# TODO: more\n" if number < 3 else "def (\n"))
        git(folder, "add", "-A", who=who)
        git(folder, "commit", "-qm", f"part {number}", who=who)
    return folder


def status_of(world: World, number: int) -> str:
    """A task's status in the database."""
    return str(task(world, number)["status"])


def propose(client: Telnet, title: str, why: str = "to know how it stands") -> int:
    """Propose a task, see it shown whole, and return its number."""
    client.send(f"task add {title} = {why}")
    number = int(client.expect(r"\bTask (\d+) is proposed")[1])
    client.expect(r"(?i)risk")
    return number


def every_deed_has_its_step(world: World) -> int:
    """Join the feed with the journal; the number of visible deeds joined."""
    marks = ",".join("?" * len(BODILY))
    deeds = rows(
        world,
        "select e.seq, e.topic, e.step, s.id as found, s.agent as whose, e.agent from agents_event e "
        f"left join agents_step s on s.id = e.step where e.topic like 'agent.%' and replace(e.topic, "
        f"'agent.' || e.agent || '.', '') in ({marks})",
        *BODILY,
    )
    assert deeds
    strays = [dict(d) for d in deeds if not d["found"] or d["whose"] != d["agent"]]
    assert not strays
    return len(deeds)


class Clone(World):
    """A world run from a clone of its own, by its own Makefile and environment."""

    project: Path

    def python(self, *args: str, **more: object) -> subprocess.CompletedProcess[str]:
        """Run the clone's own `timmy` for the harness's `python -m server.cli`."""
        assert args[:2] == ("-m", "server.cli")
        return self.make_or_timmy(str(self.project / ".venv/bin/timmy"), *args[2:])

    def make_or_timmy(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the clone, with no terminal and no standard input."""
        return subprocess.run(
            command,
            cwd=self.project,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )


def shown_once(clone: Clone, password: str) -> None:
    """A password of chance is shown at the first start alone, and kept for the owner alone."""
    kept = clone.state / "owner-password"
    assert kept.read_text().strip() == password and len(password) >= 16
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    again = clone.cli("run")
    assert again.returncode == 0 and password not in again.stdout + again.stderr
    assert str(kept) in again.stdout
    for log in (clone.state / "logs").iterdir():
        assert password not in log.read_text(errors="replace"), log


def test_from_a_fresh_clone_to_a_committed_report(tmp_path: Path, repository: Path) -> None:
    """`make run`, log in, propose, approve, assign, watch, read; `make stop` leaves nothing."""
    if not shutil.which("make"):
        pytest.skip("there is no make on this machine")
    clone = Clone(tmp_path, read_paths=repository.parent, seal_seconds=1, step_seconds=0.3, grace_seconds=60)
    clone.project = tmp_path / "clone"
    git(location.PROJECT, "clone", "-q", "--no-hardlinks", str(location.PROJECT), str(clone.project))
    clone.settings["read_paths"] = f"{repository.parent}:{clone.project}"
    del clone.settings["owner"], clone.settings["owner_password"]
    try:
        ran = clone.make_or_timmy("make", "run")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert f"telnet 127.0.0.1 {clone.ports['telnet']}" in ran.stdout
        assert f"http://127.0.0.1:{clone.ports['web']}" in ran.stdout
        password = next(line.split()[1] for line in ran.stdout.splitlines() if line.split()[:1] == ["password"])
        assert ran.stdout.splitlines()[-1] == f"telnet 127.0.0.1 {clone.ports['telnet']}", "it can be pasted whole"
        shown_once(clone, password)
        owner = clone.login("owner", password)
        owner.expect("WELCOME to Timmy's World, owner")
        owner.expect("demo ")
        owner.expect(r'Timmy says, "Welcome, owner\.')
        for command, seen in (
            ("agents", "Allegro-Primus"),
            ("map", "Workshop"),
            ("feed", "Timmy"),
            ("help", "ok 1, no 1, undo"),
            ("help all", "approve"),
            ("board", "TASK BOARD"),
            ("lectern", "Nothing waits"),
        ):
            owner.ask(command, seen)
        number = int(owner.ask("demo", r"Nothing runs until you type ok (\d+)")[1])
        owner.ask(f"no {number}", "(?s)Your verdict is sealed.*You rejected it, so it never runs")
        owner.ask("unwatch", "You are not watching anybody")
        owner.ask("watch timmy", "watching timmy")
        number = propose(owner, f"Survey {repository}", "what is in it, what is stale, what is broken")
        owner.ask(f"approve {number}", "(?i)takes effect in")
        owner.ask(f"assign {number} = timmy", "(?i)timmy")
        owner.expect("(?i)workshop")
        owner.expect("(?i)lens")
        owner.ask("plan timmy", "PLAN of timmy")
        owner.ask("why timmy", "WHY timmy")
        said = owner.expect(r'"I have surveyed little: (\d+) commits by (\d+) authors')
        assert (said[1], said[2]) == ("3", "2")
        until(lambda: status_of(clone, number) == "COMPLETED", "the task is completed")
        owner.ask(f"task {number}", "(?i)completed")
        owner.ask(f"task {number}/report", r"Survey of\s+/[\s\S]+all shows all of it: In short")
        owner.ask(f"task {number}/report all", "What is broken")
        owner.expect("part3.py")
        told = json.loads(clone.make_or_timmy(".venv/bin/timmy", "tasks", "show", str(number), "--json").stdout)
        assert told["status"] == "COMPLETED"
        assert told["assignee"] == "timmy"
        shown_once(clone, password)
        nothing_twice(clone)
        assert every_deed_has_its_step(clone) > 5
        record_is_whole(clone)
    finally:
        for client in clone.clients:
            client.close()
        stopped = clone.make_or_timmy("make", "stop")
    assert stopped.returncode == 0, stopped.stderr
    assert not [name for name in ("supervisor", "portal", "server") if clone.pid(name)]


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[World]:
    """A world without seals, whose agents step fast, for tests that leave map and things as they were. The first
    finds Timmy in the Hall, outside of the Workshop.
    """
    readable = tmp_path_factory.getbasetemp()
    folder = tmp_path_factory.mktemp("q")
    with harness.world(
        folder, prepared, read_paths=readable, seal_seconds=0, step_seconds=0.2, grace_seconds=60
    ) as made:
        yield made


def begun(world: World, number: int, steps: int) -> Callable[[], bool]:
    """Whether at least `steps` steps of the task are finished."""
    return lambda: (
        rows(world, "select count(*) as n from agents_step where task_id = ? and state = 'done'", number)[0]["n"]
        >= steps
    )


def test_a_locked_workshop_is_reported_and_not_forced(quick: World, repository: Path) -> None:
    """The plan decides: with the Workshop's only door locked the agent says what he cannot reach, the task
    waits for a person, and goes on once the door is open again."""
    world = quick
    owner = world.login()
    owner.ask("@lock workshop = traverse:false()", "(?i)lock")
    number = propose(owner, f"Survey {repository}")
    owner.send(f"approve {number}")
    owner.ask(f"assign {number} = timmy", "(?i)timmy")
    until(lambda: status_of(world, number) == "PAUSED", "the task is paused")
    reason = task(world, number)["reason"]
    assert "Workshop" in reason
    owner.ask("@lock workshop = traverse:may(move)", "(?i)lock")
    owner.send(f"resume {number}")
    until(lambda: status_of(world, number) == "COMPLETED", "the task is completed after all")
    nothing_twice(world)


def test_a_tool_that_somebody_holds_is_named_with_its_holder(quick: World, repository: Path) -> None:
    """With the lens in the owner's hands the agent says who holds it; given back, the work is done."""
    world = quick
    owner = world.login()
    owner.ask("workshop", "WORKSHOP")
    owner.ask("get lens", "(?i)you (take|pick up)")
    number = propose(owner, f"Survey {repository}")
    owner.send(f"approve {number}")
    owner.ask(f"assign {number} = timmy", "(?i)timmy")
    until(lambda: status_of(world, number) == "PAUSED", "the task is paused")
    reason = task(world, number)["reason"]
    assert "lens" in reason
    assert "owner" in reason
    owner.ask("drop lens", "(?i)you (drop|put)")
    owner.send(f"resume {number}")
    until(lambda: status_of(world, number) == "COMPLETED", "the task is completed after all")
    owner.ask("hall", "FRATERNITY HALL")


@pytest.mark.parametrize("fault", ["kill", "reload"])
def test_a_task_goes_on_where_it_was(quick: World, repository: Path, fault: str) -> None:
    """In the midst of a survey the Server is killed (or reloaded): the player is told, keeps character
    and room, and the task is finished with no step done twice."""
    world = quick
    owner = world.login()
    number = propose(owner, f"Survey {repository}")
    owner.ask(f"approve {number}", f"(?i)approved|effect|{number}")
    owner.ask(f"assign {number} = timmy", "(?i)timmy")
    until(begun(world, number, 4), "four steps of the survey are done")
    if fault == "kill":
        old = world.kill("server")
        owner.expect("(?i)restart|wait")
        world.back("server", old)
    else:
        world.reload()
    owner.expect("(?i)is back")
    assert status_of(world, number) in ("RUNNING", "COMPLETED")
    until(lambda: status_of(world, number) == "COMPLETED", "the survey is completed")
    owner.ask("look", "FRATERNITY HALL")
    owner.ask("say Still here.", '(?i)you say, "Still here')
    nothing_twice(world)
    every_deed_has_its_step(world)
    record_is_whole(world)


def test_the_two_other_kinds_of_work(quick: World, repository: Path) -> None:
    """A test suite is run and its failure reported; a room is built on order and can be visited."""
    (repository / "test_part.py").write_text(
        "def test_good():\n    assert True\n\ndef test_bad():\n    assert 1 == 2\n"
    )
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "tests")
    world = quick
    owner = world.login()
    command = "python3 -c 'import test_part as t; t.test_good(); t.test_bad()'"
    suite = propose(owner, f"Test {repository}", f"does it pass? $ {command}")
    owner.send(f"approve {suite}")
    owner.ask(f"assign {suite} = bezalel", "(?i)bezalel")
    until(lambda: status_of(world, suite) == "COMPLETED", "the suite is run")
    owner.ask(f"task {suite}/report", "AssertionError")
    room = propose(owner, "Build Reading Nook beside hall", 'somewhere to read "A low bench under a window."')
    owner.send(f"approve {room}")
    owner.ask(f"assign {room} = bezalel", "(?i)bezalel")
    until(lambda: status_of(world, room) == "COMPLETED", "the room is built")
    owner.ask("the reading nook", "READING NOOK")
    owner.expect("low bench")
    owner.ask(f"undo {room}", "(?s)You are in the Fraternity Hall now.*FRATERNITY HALL.*taken away again")
    world.reload()
    owner.expect("(?i)is back")
    owner.ask("map reading nook", "No room is called")
    owner.ask(f"redo {room}", "stands beside Fraternity Hall again")
    owner.ask("the reading nook", "READING NOOK")
    every_deed_has_its_step(world)
    record_is_whole(world)

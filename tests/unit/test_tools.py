"""The toolbox's door: who may, with what, where, and what is recorded of it (T10, T12)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from agents.kernel.errors import BadInput, NotAllowed, NotFound, StepFailed, Unavailable
from agents.kernel.runtime import Runtime
from agents.work.ports import RoomSpec, inline
from agents.work.sandbox import Job, Missing, Result, Sandbox, limits
from agents.work.tool import ToolOutput
from agents.work.toolbox import Toolbox
from agents.work.tools import find, granted
from agents.work.tools.files import WriteInput
from agents.work.tools.terminal import TerminalInput, TerminalOutput
from agents.work.tools.world import BuildInput, SayInput
from tests.support.sandboxes import settings


class Events:
    def __init__(self) -> None:
        self.told: list[SimpleNamespace] = []

    def append(self, topic: str, actor: object, **more: Any) -> None:
        self.told.append(SimpleNamespace(topic=topic, actor=str(actor), **more))


class Recorder:
    """A sandbox that runs nothing and remembers the jobs."""

    name = "recorder"

    def __init__(self, result: Result | None = None) -> None:
        self.jobs: list[Job] = []
        self.result = result or Result(0, b"out\xff", b"", 0.5)

    def run(self, job: Job) -> Result:
        self.jobs.append(job)
        return self.result


class Body:
    slug = "timmy"

    def __init__(self) -> None:
        self.deeds: list[object] = []

    def where(self) -> str:
        return "hall"

    def say(self, text: str) -> None:
        self.deeds.append(text)

    def build_room(self, spec: RoomSpec) -> None:
        self.deeds.append(spec)


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def make(tmp_path: Path, events: Events) -> Any:
    def toolbox(*toolsets: str, sandbox: Sandbox | None = None, **more: Any) -> Toolbox:
        given = settings(tmp_path, read_paths=(tmp_path / "open",), **more)
        home = given.homes / "timmy"
        for folder in (home, tmp_path / "open", given.homes / "ezra", tmp_path / "closed"):
            folder.mkdir(parents=True, exist_ok=True)
        return Toolbox(Runtime(given), "timmy", toolsets, sandbox or Recorder(), inline, home, events)  # type: ignore[arg-type]

    return toolbox


def call(box: Toolbox, name: str, given: Any) -> Any:
    return asyncio.run(box.call(name, given))


def test_each_tool_states_all_that_a_tool_must_state() -> None:
    tools = find()
    assert {"terminal", "files.read", "files.write", "git.log", "git.commit", "world.say", "world.build"} <= set(tools)
    for tool in tools.values():
        assert tool.purpose.endswith(".")
        assert tool.timeout > 0
        assert issubclass(tool.gives, ToolOutput)
        assert tool.takes.model_config["extra"] == "forbid"
        assert tool.sandboxed or tool.risk in ("world", "write")


def test_toolsets_give_their_tools() -> None:
    assert granted([]) == frozenset()
    assert {"core", "files.read", "world.say"} <= granted(["core"])
    assert "terminal" not in granted(["core"])
    assert "terminal" in granted(["hands"])


def test_a_tool_of_another_toolset_is_refused_and_that_is_recorded(make: Any, events: Events) -> None:
    box = make("core")
    with pytest.raises(NotAllowed, match="terminal"):
        call(box, "terminal", TerminalInput(shell="true"))
    assert box.sandbox.jobs == []
    (event,) = events.told
    assert (event.topic, event.data["tool"], event.data["error"]) == ("agent.timmy.tool", "terminal", "NotAllowed")
    assert box.available()["terminal"]
    assert box.available()["files.read"] == ""


def test_without_a_sandbox_the_tools_that_need_it_say_why(make: Any) -> None:
    box = make("core", "hands", sandbox=Missing("user namespaces are off"))
    with pytest.raises(Unavailable, match="user namespaces are off"):
        call(box, "terminal", TerminalInput(shell="true"))
    offers = box.available()
    assert offers["terminal"] == "user namespaces are off"
    assert offers["world.say"] == ""


def test_an_unknown_tool_and_a_wrong_input_are_refused(make: Any) -> None:
    box = make("core", "hands")
    with pytest.raises(NotFound, match="no tool"):
        call(box, "telepathy", SayInput(text="x"))
    with pytest.raises(BadInput, match="TerminalInput"):
        call(box, "terminal", SayInput(text="x"))


def test_the_event_has_step_task_sizes_and_time_but_no_contents(make: Any, events: Events) -> None:
    box = make("hands").at("01STEP", Body(), 7)
    done = call(box, "terminal", TerminalInput(shell="echo hush-hush", stdin="whisper"))
    (event,) = events.told
    assert (event.step, event.task, event.agent, event.actor) == ("01STEP", 7, "timmy", "agent:timmy")
    assert event.data["out"] == len(done.model_dump_json())
    assert event.data["in"] > len("whisper")
    assert event.data["ms"] >= 0
    assert "hush" not in str(event.data)
    assert "whisper" not in str(event.data)


def test_what_comes_from_outside_is_marked_untrusted(make: Any) -> None:
    done = call(make("hands"), "terminal", TerminalInput(argv=("cat",)))
    assert done.untrusted is True
    assert done.out == "out\ufffd"
    assert call(make("core").at("s", Body()), "world.say", SayInput(text="hello")).untrusted is False


def test_the_command_that_runs_is_the_command_given(make: Any, tmp_path: Path) -> None:
    box = make("hands", sandbox_seconds=9, sandbox_memory_mb=77)
    line = "echo '$(id)' && \x1b[31m ; rm -rf -- /"
    call(box, "terminal", TerminalInput(shell=line, read=(tmp_path / "open",), cwd=tmp_path / "open", env={"A": "b"}))
    call(box, "terminal", TerminalInput(argv=("a b", "--", "c;d"), write_home=True))
    first, second = box.sandbox.jobs
    assert first.argv == ("sh", "-c", line)
    assert (first.read, first.cwd, first.write, first.env) == (
        (tmp_path / "open",),
        tmp_path / "open",
        None,
        {"A": "b"},
    )
    assert first.limits.memory_mb == 77
    assert 0 < first.limits.seconds <= limits(box.runtime.settings).seconds
    assert (second.argv, second.write, second.read) == (("a b", "--", "c;d"), box.home, ())


@pytest.mark.parametrize("given", [{}, {"argv": ("a",), "shell": "b"}, {"shell": "a\0b"}, {"argv": ("a",), "x": 1}])
def test_an_unclear_command_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TerminalInput(**given)


def test_reading_keeps_to_home_and_read_paths(make: Any, tmp_path: Path) -> None:
    box = make("core")
    (box.home / "notes").write_text("mine")
    (tmp_path / "open" / "way").symlink_to(tmp_path / "closed")
    (tmp_path / "open" / "file").write_text("x")
    assert box.readable("notes") == box.home / "notes"
    assert box.readable(tmp_path / "open" / "file") == tmp_path / "open" / "file"
    for path in (
        tmp_path / "closed",
        tmp_path / "open" / "way",
        tmp_path / "open/../closed",
        "/etc",
        "../ezra",
        "../..",
    ):
        with pytest.raises(NotAllowed, match="TIMMY_READ_PATHS"):
            box.readable(path)
    with pytest.raises(NotFound):
        box.readable("nothing")


def test_writing_keeps_to_the_own_home(make: Any, tmp_path: Path) -> None:
    box = make("hands")
    (box.home / "out").symlink_to(tmp_path / "closed")
    assert box.writable("a/b") == box.home / "a" / "b"
    for path in ("", ".", "..", "../ezra/x", "out/x", tmp_path / "open" / "x", ".git/config", "sub/.GIT/hooks/x"):
        with pytest.raises(NotAllowed):
            box.writable(path)
    with pytest.raises(BadInput):
        box.writable("a\0b")
    with pytest.raises(NotAllowed):
        call(box, "files.write", WriteInput(path=Path("../ezra/x"), text=""))
    assert box.sandbox.jobs == []


def test_a_failed_program_of_a_tool_is_a_failed_step(make: Any) -> None:
    box = make("hands", sandbox=Recorder(Result(2, b"", b"no \x1b[31mspace", 0.1)))
    with pytest.raises(StepFailed, match="no space"):
        call(box, "files.write", WriteInput(path=Path("x"), text=""))


def test_world_tools_act_by_the_body(make: Any) -> None:
    body = Body()
    box = make("core", "hands")
    with pytest.raises(StepFailed, match="no body"):
        call(box, "world.say", SayInput(text="hello"))
    room = {"key": "nook", "name": "Nook", "description": "Small.", "beside": "hall", "exit_name": "nook"}
    assert call(box.at("s", body), "world.say", SayInput(text="hello")).room == "hall"
    call(box.at("s", body), "world.build", BuildInput(**room))
    assert body.deeds == ["hello", RoomSpec(**room)]
    (effect,) = find()["world.build"].effects(BuildInput(**room))
    assert (effect.kind, effect.target) == ("world", "nook")


def test_terminal_declares_what_it_reaches() -> None:
    effects = find()["terminal"].effects(TerminalInput(argv=("ls", "-l"), read=(Path("/srv"),)))
    assert [(e.kind, e.target) for e in effects] == [("execute", "ls -l"), ("read", "/srv")]
    assert TerminalOutput(code=0, out="", err="", seconds=0, ended="time").ok is False

"""What a job is shown, what stays covered, and what no job may ask for: pure of any sandbox."""

from __future__ import annotations

import marshal
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from agents.kernel.errors import BadInput, Unavailable
from agents.kernel.location import PROJECT
from agents.work import sandbox
from agents.work.sandbox import Guard, Job, Limits, Missing, Result, process, view
from agents.work.sandbox.job import WHOLE
from tests.support.sandboxes import settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "people" / "ada"
    for name in (".ssh", ".config/tool", "src/project/.git"):
        (folder / name).mkdir(parents=True)
    (folder / ".netrc").write_text("secret")
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def guard(tmp_path: Path) -> Guard:
    (tmp_path / "state" / "homes" / "timmy").mkdir(parents=True)
    return Guard(settings(tmp_path))


def at(mounts: tuple[view.Mount, ...], path: Path) -> str:
    """How `path` is seen in the end: the deepest mount around it, the last of equals."""
    around = [m for m in mounts if path.is_relative_to(m.path)]
    return max(enumerate(around), key=lambda pair: (len(Path(pair[1].path).parts), pair[0]))[1].kind


def test_hidden_entries_of_a_home_are_covered_unless_granted_by_themselves(home: Path, guard: Guard) -> None:
    mounts = view.build(Job(("x",), read=(home.parent, home / ".config")), guard)
    assert at(mounts, home / "src" / "project" / ".git") == "read"
    assert at(mounts, home / ".ssh" / "id") == "cover"
    assert at(mounts, home / ".netrc") == "cover"
    assert at(mounts, home / ".config" / "tool") == "read"
    assert guard.why_hidden(home / ".ssh" / "id", [home.parent])
    assert guard.why_hidden(home / ".config" / "tool", [home, home / ".config"]) == ""
    assert guard.why_hidden(home / "src" / "project" / ".git", [home]) == ""


def test_the_worlds_state_is_covered_but_the_agents_own_home(tmp_path: Path, guard: Guard) -> None:
    state, own = tmp_path / "state", tmp_path / "state" / "homes" / "timmy"
    mounts = view.build(Job(("x",), read=(tmp_path,), write=own), guard)
    assert at(mounts, state / "world.db3") == "cover"
    assert at(mounts, state / "homes" / "ezra") == "cover"
    assert at(mounts, own / "notes") == "write"
    assert guard.why_hidden(own.parent / "ezra", [tmp_path, own])
    assert guard.why_hidden(own, [tmp_path, own]) == ""
    for secret in (PROJECT / ".env", PROJECT / "server" / "conf" / "secret_settings.py"):
        assert guard.why_hidden(secret, [PROJECT])


def test_shallow_comes_before_deep(home: Path, guard: Guard) -> None:
    paths = [m.path for m in view.build(Job(("x",), read=(home / "src", home.parent)), guard)]
    assert paths.index(str(home.parent)) < paths.index(str(home / ".ssh"))
    assert paths.index(str(home.parent)) < paths.index(str(home / "src"))
    assert paths.index("/tmp") < paths.index(str(home.parent))


def test_the_python_that_runs_us_can_run_inside(guard: Guard) -> None:
    assert at(view.build(Job(("x",)), guard), Path(os.path.realpath(sys.executable))) == "read"


def test_private_places_are_bounded(guard: Guard) -> None:
    private = [m for m in view.build(Job(("x",), limits=Limits(file_mb=3)), guard) if m.kind == "private"]
    assert {m.path for m in private} == {"/tmp", "/dev/shm"}
    assert {m.size for m in private} == {WHOLE * 3 * 2**20}


@pytest.mark.parametrize(
    "path", ["/", "/tmp", "/etc", "/proc/self", "/dev", "/sys/kernel", "/nowhere/at/all", "/usr/.."]
)
def test_what_cannot_be_given_is_refused(path: str, guard: Guard) -> None:
    for job in (Job(("x",), read=(Path(path),)), Job(("x",), write=Path(path))):
        with pytest.raises(BadInput):
            view.build(job, guard)


def test_a_command_starts_only_in_its_own_folders(tmp_path: Path) -> None:
    inside, other = tmp_path / "a" / "b", tmp_path / "c"
    for folder in (inside, other):
        folder.mkdir(parents=True)
    assert view.folder(Job(("x",))) == view.HOME
    assert view.folder(Job(("x",), read=(tmp_path / "a",), cwd=inside)) == inside
    for cwd in (other, tmp_path, inside / "gone"):
        with pytest.raises(BadInput):
            view.folder(Job(("x",), read=(tmp_path / "a",), cwd=cwd))


def test_the_environment_is_exactly_what_is_told() -> None:
    assert set(view.environment(Job(("x",), env={"A": "b"}))) == {"PATH", "HOME", "LANG", "PWD", "A"}


def test_the_launcher_is_told_every_limit() -> None:
    job = Job(("x",), limits=Limits(seconds=1.5, memory_mb=64, file_mb=2))
    *_, told, command = process.launch(job, ["echo"], identity=True)
    assert command == "echo"
    spec = marshal.loads(bytes.fromhex(told))
    assert spec["limits"] == {"CPU": 2, "DATA": 64 << 20, "FSIZE": 2 << 20, "NOFILE": 1024, "CORE": 0}
    assert (spec["parent"], spec["identity"]) == (os.getpid(), True)


class Broken:
    name = "bubblewrap"

    def __init__(self, how: Any) -> None:
        self.how = how

    def run(self, job: Job) -> Result:
        if isinstance(self.how, Exception):
            raise self.how
        return self.how


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Any:
    def boxes(*boxes: Any) -> None:
        monkeypatch.setattr(sandbox, "_all", lambda guard: boxes)
        sandbox.survey.cache_clear()

    yield boxes
    sandbox.survey.cache_clear()


def test_the_best_usable_sandbox_is_chosen(tmp_path: Path, only: Any) -> None:
    good = Broken(Result(0, b"", b"", 0))
    good.name = "landlock"
    only(Broken(Unavailable("not installed")), good)
    assert sandbox.survey(settings(tmp_path)) == (("bubblewrap", False, "not installed"), ("landlock", True, ""))
    assert sandbox.choose(settings(tmp_path)) is good
    with pytest.raises(Unavailable, match="not installed"):
        sandbox.choose(settings(tmp_path, sandbox="bubblewrap"))


def test_without_any_nothing_runs_unless_the_owner_says_bare(tmp_path: Path, only: Any) -> None:
    only(Broken(Result(1, b"", b"Operation not permitted", 0)))
    with pytest.raises(Unavailable, match="Operation not permitted"):
        sandbox.choose(settings(tmp_path))
    none = sandbox.choose_or_missing(settings(tmp_path))
    assert isinstance(none, Missing)
    with pytest.raises(Unavailable, match="Operation not permitted"):
        none.run(Job(("true",)))
    assert sandbox.choose(settings(tmp_path, sandbox="bare")).name == "bare"

"""The tools on real files and real repositories, in each sandbox; and commands run bare."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from agents.kernel.errors import NotAllowed, StepFailed, Unavailable
from agents.kernel.runtime import Runtime
from agents.work import artifacts
from agents.work.ports import inline
from agents.work.sandbox import Guard, Job, Sandbox
from agents.work.sandbox.bare import Bare
from agents.work.sandbox.bubblewrap import Bubblewrap
from agents.work.toolbox import Toolbox
from agents.work.tools import files, git
from agents.work.tools.terminal import TerminalInput
from tests.support.sandboxes import KINDS, SMALL, settings, usable
from tests.unit.test_tools import Events


@pytest.fixture(params=sorted(KINDS))
def sandbox(request: pytest.FixtureRequest, tmp_path: Path) -> Sandbox:
    return usable(request.param, tmp_path)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with two commits, names that need care, and traps for whoever reads it."""
    folder = tmp_path / "open" / "project"
    folder.mkdir(parents=True)

    def run(*words: str) -> None:
        subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)

    run("init", "-q", "-b", "main")
    run("config", "user.name", "Ada\x1b[31m L")
    run("config", "user.email", "ada@example.org")
    (folder / "a file\n.txt").write_text("one\ntwo TODO\n")
    run("add", ".")
    run("commit", "-qm", "First: ünïcode")
    (folder / "deep").mkdir()
    (folder / "deep" / "b.py").write_text("TODO = 1\n")
    run("add", ".")
    run("commit", "-qm", "Second")
    trap = f"touch {tmp_path}/sprung; touch /tmp/sprung"
    for name in ("core.fsmonitor", "core.pager", "diff.external", "core.sshCommand"):
        run("config", name, f"sh -c '{trap}'")
    (folder / ".git" / "hooks" / "post-checkout").write_text(f"#!/bin/sh\n{trap}\n")
    (folder / "out").symlink_to("/etc/hostname")
    os.mkfifo(folder / "pipe")
    return folder


@pytest.fixture
def box(sandbox: Sandbox, tmp_path: Path, project: Path) -> Toolbox:
    given = settings(tmp_path, read_paths=(tmp_path / "open",))
    home = artifacts.ensure_home(given, "timmy")
    return Toolbox(Runtime(given), "timmy", ("core", "hands"), sandbox, inline, home, Events()).at("01STEP", None)  # type: ignore[arg-type]


def call(box: Toolbox, name: str, given: Any) -> Any:
    return asyncio.run(box.call(name, given))


def test_git_is_read_and_its_traps_stay_shut(box: Toolbox, project: Path, tmp_path: Path) -> None:
    log = call(box, "git.log", git.LogInput(path=project)).commits
    assert [c.subject for c in log] == ["Second", "First: ünïcode"]
    assert {c.email for c in log} == {"ada@example.org"}
    tree = call(box, "git.tree", git.TreeInput(path=project)).files
    assert {f.path: f.size for f in tree} == {"a file\n.txt": 13, "deep/b.py": 9}
    shown = call(box, "git.show", git.ShowInput(path=project, revision="HEAD~1", file="a file\n.txt"))
    assert (shown.text, shown.more, shown.untrusted) == ("one\ntwo TODO\n", False, True)
    assert "+TODO = 1" in call(box, "git.show", git.ShowInput(path=project)).text
    assert not (tmp_path / "sprung").exists()
    assert not Path("/tmp/sprung").exists()


@pytest.mark.parametrize("revision", ["--output=/tmp/x", "nosuch", "-p", "--all"])
def test_a_revision_is_never_an_option(box: Toolbox, project: Path, revision: str) -> None:
    for name, given in (
        ("git.log", git.LogInput(path=project, revision=revision)),
        ("git.tree", git.TreeInput(path=project, revision=revision)),
        ("git.show", git.ShowInput(path=project, revision=revision)),
    ):
        with pytest.raises(StepFailed):
            call(box, name, given)


def test_what_is_no_repository_is_a_failed_step(box: Toolbox, tmp_path: Path) -> None:
    (tmp_path / "open" / "plain").mkdir()
    with pytest.raises(StepFailed, match="not a git repository"):
        call(box, "git.log", git.LogInput(path=tmp_path / "open" / "plain"))
    with pytest.raises(NotAllowed, match="TIMMY_READ_PATHS"):
        call(box, "git.log", git.LogInput(path=tmp_path / "elsewhere"))


def test_files_are_read_listed_and_searched(box: Toolbox, project: Path) -> None:
    file = project / "deep" / "b.py"
    assert call(box, "files.read", files.ReadInput(path=file)).text == "TODO = 1\n"
    part = call(box, "files.read", files.ReadInput(path=file, offset=2, limit=3))
    assert (part.text, part.more) == ("DO ", True)
    listed = call(box, "files.list", files.ListInput(path=project)).entries
    kinds = {e.path: e.kind for e in listed}
    assert kinds == {".git": "d", "a file\n.txt": "f", "deep": "d", "out": "l", "pipe": "p"}
    assert call(box, "files.list", files.ListInput(path=project, limit=2)).more
    found = call(box, "files.search", files.SearchInput(path=project / "deep", pattern=r"TODO\b"))
    assert [(m.path, m.line, m.text) for m in found.matches] == [("b.py", 1, "TODO = 1")]
    assert call(box, "files.search", files.SearchInput(path=file, pattern="todo", ignore_case=True)).matches
    assert call(box, "files.search", files.SearchInput(path=project / "deep", pattern="-x nothing")).matches == ()


def test_a_link_out_of_what_may_be_read_is_refused(box: Toolbox, project: Path) -> None:
    with pytest.raises(NotAllowed):
        call(box, "files.read", files.ReadInput(path=project / "out"))


def test_the_home_is_written_and_committed_once(box: Toolbox) -> None:
    written = call(box, "files.write", files.WriteInput(path=Path("notes/today.md"), text="héllo\n"))
    assert (written.path, written.size) == ("notes/today.md", 7)
    assert (box.home / "notes" / "today.md").read_text() == "héllo\n"
    given = git.CommitInput(files={"report.md": "# Done\n"}, message="Tell what was found")
    first = call(box, "git.commit", given)
    assert call(box, "git.commit", given) == first
    other = call(box, "git.commit", git.CommitInput(files={"other.md": "x"}, message="More"))
    assert set(first.commits) == {"report.md"}
    assert other.commits["other.md"] != first.commits["report.md"]
    log = call(box, "git.log", git.LogInput(path=Path("."))).commits
    assert [c.sha for c in log[:2]] == [other.commits["other.md"], first.commits["report.md"]]
    assert log[0].author == "timmy"
    with pytest.raises(NotAllowed):
        call(box, "git.commit", git.CommitInput(files={".git/hooks/post-commit": "x"}, message="m"))


def test_a_link_planted_in_the_home_does_not_lead_a_write_outside(box: Toolbox, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    call(box, "terminal", TerminalInput(argv=("ln", "-s", str(target), str(box.home / "way")), write_home=True))
    with pytest.raises(NotAllowed):
        call(box, "files.write", files.WriteInput(path=Path("way/file"), text="x"))
    assert list(target.iterdir()) == []


def test_a_program_finds_the_usual_umask_whatever_the_servers_is(sandbox: Sandbox) -> None:
    before = os.umask(0o077)
    try:
        assert int(sandbox.run(Job(("sh", "-c", "umask"))).out, 8) == 0o022
    finally:
        os.umask(before)


def test_a_sandbox_that_cannot_be_made_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bwrap").write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2; exit 1\n")
    (tmp_path / "bwrap").chmod(0o755)
    monkeypatch.setattr("agents.work.sandbox.process.PROGRAMS", str(tmp_path) + ":/usr/bin:/bin")
    with pytest.raises(Unavailable, match="No permissions to create new namespace"):
        Bubblewrap(Guard(settings(tmp_path))).run(Job(("true",)))
    (tmp_path / "bwrap").unlink()
    monkeypatch.setattr("agents.work.sandbox.process.PROGRAMS", str(tmp_path))
    with pytest.raises(Unavailable, match="bwrap is not installed"):
        Bubblewrap(Guard(settings(tmp_path))).run(Job(("true",)))


def test_bare_keeps_the_limits_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "hush")
    bare = Bare()
    assert bare.run(Job(("sh", "-c", "env; cat"), stdin=b"in", limits=SMALL)).out.count(b"hush") == 0
    assert bare.run(Job(("sh", "-c", "exit 3"), limits=SMALL)).code == 3
    assert bare.run(Job(("nosuchprogram",), limits=SMALL)).code == 127
    assert bare.run(Job(("yes",), limits=SMALL)).ended == "output"
    full = bare.run(
        Job(("sh", "-c", "head -c 20000000 /dev/zero > f; wc -c < f"), write=tmp_path, cwd=tmp_path, limits=SMALL)
    )
    assert int(full.out.split()[-1]) == SMALL.file_mb * 2**20

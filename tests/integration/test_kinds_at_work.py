"""Kinds of task at work (T7, T9, H3): with the real tools in the real sandbox, down to the commit."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.kernel import git
from agents.kernel.errors import BadInput, Conflict, NotAllowed, NotFound, StepFailed, Unavailable
from agents.work import artifacts
from agents.work.kind import acts_of, discover
from agents.work.kinds.build_room import KIND as BUILD
from agents.work.kinds.run_tests import KIND as TEST
from agents.work.models import Artifact, Task
from agents.work.ports import inline
from agents.work.tools.terminal import TerminalInput
from tests.support import hostile, readme_kind
from tests.support.kind_work import NOW, Bench, finish

pytestmark = pytest.mark.django_db


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    try:
        return Bench(tmp_path)
    except Unavailable as error:
        pytest.skip(f"no sandbox here: {error}")


def commits(home: Path) -> list[str]:
    done = subprocess.run(
        ["git", "-C", str(home), "log", "--format=%H %an %s"], capture_output=True, text=True, check=False
    )
    return done.stdout.splitlines()


# -- artifacts ------------------------------------------------------------------------------------


def task(attempt: int = 1) -> Task:
    row, _ = Task.objects.get_or_create(
        pk=7, defaults={"title": "Odd --title `x`\n", "proposer": "owner:o", "created_at": NOW, "updated_at": NOW}
    )
    row.attempt = attempt
    return row


def commit(bench: Bench, text: str, attempt: int = 1, name: str = "report") -> Artifact:
    return finish(artifacts.commit_artifact(bench.runtime, inline, task(attempt), "timmy", name, text))


def test_an_artifact_is_committed_in_the_agents_name_and_read_back(bench: Bench) -> None:
    made = commit(bench, "# Ünï\n")
    assert (made.path, made.size) == ("reports/task-7/report.md", len("# Ünï\n".encode()))
    assert artifacts.read_artifact(bench.settings, made) == "# Ünï\n"
    assert commits(bench.home) == [f"{made.commit} timmy Task 7: report"]
    status = subprocess.run(["git", "-C", str(bench.home), "status", "--porcelain"], capture_output=True, check=True)
    assert status.stdout == b""


def test_repeating_after_a_crash_makes_neither_a_second_commit_nor_a_second_row(bench: Bench) -> None:
    first = commit(bench, "one\n")
    Artifact.objects.all().delete()  # the crash came between the commit and the row
    again = commit(bench, "one, told differently\n")
    third = commit(bench, "one\n")
    assert first.commit == again.commit == third.commit
    assert (len(commits(bench.home)), Artifact.objects.count()) == (1, 1)
    assert artifacts.read_artifact(bench.settings, again) == "one\n"


@pytest.mark.parametrize("cut", ["read-tree", "hash-object", "update-index", "write-tree", "commit-tree", "update-ref"])
def test_a_crash_inside_the_commit_leaves_a_repository_that_goes_on(
    bench: Bench, cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(bench, "zero\n", name="first")

    class Killed(BaseException):
        pass

    own = git.own

    def die(folder: Path, words: tuple[str, ...], *more: Any, **named: Any) -> Any:
        if words[0] != cut:
            return own(folder, words, *more, **named)
        for name in ("index.lock", "index.new.lock", "refs/heads/main.lock"):
            (bench.home / ".git" / name).write_text("")
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(git, "own", die)
        with pytest.raises(Killed):
            commit(bench, "one\n")
    assert artifacts.read_artifact(bench.settings, commit(bench, "one\n")) == "one\n"
    assert len(commits(bench.home)) == 2


def test_a_later_attempt_replaces_the_report_and_keeps_the_first_in_the_history(bench: Bench) -> None:
    first = commit(bench, "one\n")
    second = commit(bench, "two\n", attempt=2)
    assert second.pk == first.pk
    assert artifacts.read_artifact(bench.settings, second) == "two\n"
    assert artifacts.read_artifact(bench.settings, first) == "one\n"
    assert len(commits(bench.home)) == 2
    assert Artifact.objects.get().created_at == NOW


def test_what_was_committed_is_read_whatever_became_of_the_file(bench: Bench) -> None:
    made = commit(bench, "one\n")
    (bench.home / made.path).write_text("forged\n")
    assert artifacts.read_artifact(bench.settings, made) == "one\n"
    made.sha256 = "0" * 64
    with pytest.raises(Conflict):
        artifacts.read_artifact(bench.settings, made)
    made.commit = "f" * 40
    with pytest.raises(NotFound):
        artifacts.read_artifact(bench.settings, made)


@pytest.mark.parametrize(
    "link", [".git", ".git/refs", ".git/logs", ".git/HEAD", ".git/objects", "reports", "reports/task-7"]
)
def test_no_link_is_followed_out_of_a_home(bench: Bench, link: str, tmp_path: Path) -> None:
    commit(bench, "one\n")
    outside = tmp_path / "outside"
    os.rename(bench.home / link, outside)
    (bench.home / link).symlink_to(outside)
    before = sorted((str(p), p.stat().st_mtime_ns) for p in tmp_path.glob("outside/**/*"))
    with pytest.raises((StepFailed, BadInput)):
        commit(bench, "two\n", attempt=2)
    assert sorted((str(p), p.stat().st_mtime_ns) for p in tmp_path.glob("outside/**/*")) == before


def test_hooks_and_settings_planted_in_a_home_are_not_used(bench: Bench, tmp_path: Path) -> None:
    trap = tmp_path / "sprung"
    script = bench.home / ".git" / "trap"
    script.write_text(f"#!/bin/sh\ntouch {trap}\n")
    script.chmod(0o755)
    hooks = bench.home / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change"):
        (hooks / hook).write_bytes(script.read_bytes())
        (hooks / hook).chmod(0o755)
    for key in ("core.fsmonitor", "core.hooksPath", "gpg.program", "filter.x.clean"):
        subprocess.run(["git", "-C", str(bench.home), "config", key, str(script)], check=True)
    (bench.home / ".gitattributes").write_text("* filter=x\n")
    made = commit(bench, "one\n")
    assert artifacts.read_artifact(bench.settings, made) == "one\n"
    assert not trap.exists()


def test_a_home_takes_nothing_from_elsewhere(bench: Bench, tmp_path: Path) -> None:
    """A sandboxed program cannot change the history of its home; what an earlier one planted is taken away."""
    commit(bench, "one\n")
    trap, inner = tmp_path / "sprung", bench.home / ".git"
    (inner / "trap").write_text(f"#!/bin/sh\ntouch {trap}\n")
    (inner / "trap").chmod(0o755)
    shutil.copytree(inner, bench.home / "evil")
    subprocess.run(
        ["git", "config", "-f", str(bench.home / "evil" / "config"), "core.fsmonitor", str(inner / "trap")], check=True
    )
    (inner / "commondir").write_text("../evil\n")
    (inner / "objects" / "info").mkdir(exist_ok=True)
    (inner / "objects" / "info" / "alternates").write_text(str(tmp_path) + "\n")
    made = commit(bench, "two\n", attempt=2)
    assert artifacts.read_artifact(bench.settings, made) == "two\n"
    assert not (inner / "commondir").exists()
    assert not (inner / "objects" / "info" / "alternates").exists()
    assert not trap.exists()
    asked = TerminalInput(
        shell="touch .git/commondir .git/hooks/x; mv .git away; rm -rf .git; touch mine; ls -A",
        write_home=True,
        cwd=bench.home,
    )
    done = finish(bench.box.at("S", None).call("terminal", asked))
    assert {".git", "mine"} <= set(done.out.split())
    assert not (inner / "commondir").exists()
    assert commit(bench, "three\n", attempt=3)


def test_paths_and_slugs_that_are_none_are_refused(bench: Bench) -> None:
    for path in ("../x", "/etc/x", ".git/config", "a/.GIT/x", ""):
        with pytest.raises(BadInput):
            artifacts.commit_files(bench.settings, "timmy", {path: b"x"}, "m", NOW, "k")
    for slug in ("../timmy", "Timmy", "", "a/b"):
        with pytest.raises(BadInput):
            artifacts.ensure_home(bench.settings, slug)


# -- build ----------------------------------------------------------------------------------------


def test_a_room_is_built_and_can_be_entered_and_left(bench: Bench) -> None:
    order = bench.task(BUILD, "Reading Nook beside Library", '"Two chairs stand by a window."')
    bench.world.standing["timmy"] = "library"
    results = bench.perform(BUILD, order, ("library",))
    assert {("library", "reading_nook"), ("reading_nook", "library")} <= set(bench.world.ways)
    assert results["inspect"]["name"] == "Reading Nook"
    assert "Reading Nook is built beside the Library" in bench.world.deeds("timmy", "say")[-1]
    assert "Two chairs stand by a window." in bench.read(order, "report")


def test_a_room_that_stands_is_never_built_over(bench: Bench) -> None:
    for name in ("Forge", "The Forge", "FORGE"):
        with pytest.raises(StepFailed, match="already a room called the Forge"):
            bench.perform(BUILD, bench.task(BUILD, f"{name} beside Library", '"x."'), ("library",))
    assert not bench.world.deeds("timmy", "build")


def test_a_room_that_stands_is_refused_when_it_is_proposed(bench: Bench) -> None:
    for name in ("Forge", "The Forge", "FORGE", "Birth-Chamber"):
        params = BUILD.parse(f"{name} beside Library", '"x."', bench.settings)
        with pytest.raises(Conflict, match=r"already a room called the (Forge|Birth Chamber), so"):
            BUILD.check(params, bench.world)
    assert BUILD.check(BUILD.parse("Nook beside Library", '"x."', bench.settings), bench.world) is None


def test_building_again_after_a_crash_changes_nothing(bench: Bench) -> None:
    order = bench.task(BUILD, "Nook beside Library", '"x."')
    acts = {act.schema.name: act for act in acts_of(BUILD)}
    measured = finish(acts["do_build_measure"].perform(bench.context(order, {}, ("library",)))).result
    for _ in range(2):
        finish(acts["do_build_raise"].perform(bench.context(order, {"measure": measured}, ("library",))))
    assert [r.key for r in bench.world.rooms()].count("nook") == 1
    with pytest.raises(StepFailed, match="already"):
        finish(acts["do_build_measure"].perform(bench.context(order, {}, ("library",))))
    order.attempt = 2
    assert finish(acts["do_build_measure"].perform(bench.context(order, {}, ("library",)))).result["key"] == "nook"


# -- test -----------------------------------------------------------------------------------------


def project(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / "project" / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "project"


def run(bench: Bench, path: Path, command: str = "") -> tuple[dict, str]:
    order = bench.task(TEST, str(path), f"$ {command}" if command else "")
    return bench.perform(TEST, order)["run"], bench.read(order, "report")


UNITTEST = """
import unittest
class T(unittest.TestCase):
    def test_good(self): pass
    def test_bad(self): self.assertEqual(1, 2, "one is not two")
    def test_worse(self): raise RuntimeError("oh | `no`")
    @unittest.skip("later")
    def test_later(self): pass
"""


def test_a_suite_is_found_run_on_a_copy_and_its_failures_told(bench: Bench, tmp_path: Path) -> None:
    path = project(tmp_path, test_it_dot_py=UNITTEST + "open('written', 'w').write('x')\n")
    assert TEST.parse(str(path), "", bench.settings).command == "python3 -m unittest discover"
    ran, report = run(bench, path)
    found = ran["outcome"]
    assert (found["runner"], found["passed"], found["failed"], found["errors"], found["skipped"]) == (
        "unittest",
        1,
        1,
        1,
        1,
    )
    assert {f["name"].split()[0] for f in found["failures"]} == {"test_bad", "test_worse"}
    assert "one is not two" in report
    assert not (path / "written").exists()
    assert "1 passed, 2 failed" in bench.world.deeds("timmy", "say")[-1]


def test_pytest_is_read_where_it_is_there(bench: Bench, tmp_path: Path) -> None:
    site = Path(pytest.__file__).parents[1]
    path = project(
        tmp_path,
        pytest_dot_ini="[pytest]\n",
        tests__test_it_dot_py=(
            "import pytest\ndef test_a(): pass\ndef test_b(): assert 1 == 2, 'no'\n"
            "@pytest.mark.parametrize('x', [1, 2])\ndef test_c(x): assert x == 1\n"
            "def test_d(nothing): pass\n@pytest.mark.skip\ndef test_e(): pass\n"
        ),
    )
    assert TEST.parse(str(path), "", bench.settings).command == "python3 -m pytest -q -rfE"
    (path / "venv").mkdir()
    for name in ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "py.py"):
        subprocess.run(["cp", "-r", str(site / name), str(path / "venv" / name)], check=True)
    ran, report = run(bench, path, "PYTHONPATH=$PWD/venv python3 -m pytest -q -rfE tests")
    found = ran["outcome"]
    assert found, ran["tail"]
    assert (found["passed"], found["failed"], found["errors"], found["skipped"]) == (2, 2, 1, 1)
    assert [f["name"] for f in found["failures"]] == [
        "tests/test_it.py::test_b",
        "tests/test_it.py::test_c[2]",
        "tests/test_it.py::test_d (error)",
    ]
    assert all(f["excerpt"] for f in found["failures"])
    assert "fixture 'nothing' not found" in report


def test_a_runner_that_is_not_there_is_told_and_nothing_else_is_run(bench: Bench, tmp_path: Path) -> None:
    path = project(tmp_path, Makefile="test:\n\tno-such-runner --all\n")
    assert TEST.parse(str(path), "", bench.settings).command == "make test"
    ran, report = run(bench, path, "no-such-runner --all")
    assert (ran["code"], ran["missing"], ran["outcome"]) == (127, "no-such-runner", None)
    assert "`no-such-runner`, which runs these tests, is not in the sandbox, so no test was run" in report
    said = TEST.summary(TEST.parse(str(path), "", bench.settings), {"run": ran})
    assert "could not be run, because no-such-runner is not available in the sandbox" in said


@pytest.mark.parametrize(
    ("command", "code", "text", "named"),
    [
        ("python3 -m pytest -q", 1, "/usr/bin/python3: No module named pytest\n", "pytest"),
        (
            "make test",
            2,
            "python3 -m pytest\n/usr/bin/python3: No module named pytest\nmake: *** [Makefile:2: test] Error 1\n",
            "pytest",
        ),
        ("make test", 2, "make: tox: No such file or directory\nmake: *** [Makefile:2: test] Error 127\n", "tox"),
        ("npm test", 127, "sh: 1: npm: not found\n", "npm"),
        ("./run", 126, "sh: 1: ./run: Permission denied\n", "./run"),
        ("odd thing", 127, "", "odd"),
        ("python3 -m pytest", 1, "E   ModuleNotFoundError: No module named 'garden'\n1 error\n", ""),
        ("python3 -m pytest", 0, "/usr/bin/python3: No module named pytest\n1 passed\n", ""),
    ],
)
def test_the_program_that_is_missing_is_named(command: str, code: int, text: str, named: str) -> None:
    from agents.work.kinds._trial.run import missing

    assert missing(command, code, text) == named


def test_git_decides_what_is_copied(bench: Bench, tmp_path: Path) -> None:
    path = project(tmp_path, _dot_gitignore="secret\nbuild/\n", seen="1", secret="2", build__out="3")
    subprocess.run(["git", "init", "-q", str(path)], check=True)
    (path / "link").symlink_to("/etc/passwd")
    ran, _ = run(bench, path, "ls -A; test -L link; echo link $?")
    assert ran["tail"].split() == [".gitignore", "link", "seen", "link", "0"]


def test_a_suite_is_listed_and_copied_without_the_repositorys_programs(tmp_path: Path) -> None:
    """Without a sandbox, so that a program that is started leaves a mark where it can be seen."""
    bare = Bench(tmp_path, sandbox="bare")
    path, trap = project(tmp_path, seen="1"), tmp_path / "sprung"
    subprocess.run(["git", "init", "-q", str(path)], check=True)
    (path / ".git" / "trap").write_text(f"#!/bin/sh\ntouch {trap}\n")
    (path / ".git" / "trap").chmod(0o755)
    subprocess.run(["git", "-C", str(path), "config", "core.fsmonitor", str(path / ".git" / "trap")], check=True)
    ran, _ = run(bare, path, "ls -A")
    assert ran["tail"].split() == ["seen"]
    assert not trap.exists()


def test_a_command_that_never_ends_is_ended_and_told(tmp_path: Path) -> None:
    slow = Bench(tmp_path, sandbox_seconds=4.0)
    path = project(tmp_path, x="1")
    ran, report = run(slow, path, "echo begun; sleep 1000 & sleep 1000")
    assert ran["late"]
    assert ran["tail"] == "begun\n"
    assert "stopped at the time limit" in report


def test_the_command_shown_is_the_command_run_byte_for_byte(bench: Bench, tmp_path: Path) -> None:
    """Hostile texts as commands: `sh` is asked to print its own argument, so the bytes come back."""
    path = project(tmp_path, x="1")
    heads = [text for text in hostile.PLANTED if "\0" not in text and text.strip()]
    said = []
    for text in heads:
        try:
            text.encode()
        except UnicodeEncodeError:
            with pytest.raises(BadInput):
                TEST.parse(str(path), f"$ {text}", bench.settings)
            continue
        quoted = text.strip().replace("'", "'\\''")
        command = f"printf %s '{quoted}'"
        order = bench.task(TEST, str(path), f"$ {command}" if command else "")
        assert TEST.action(TEST.params_of(order)) == command
        said.append((text.strip(), order))
    assert len(said) > 200
    for text, order in said[::40]:
        context = bench.context(order, {}, ())
        act = next(a for a in acts_of(TEST) if a.schema.name == "do_test_run")
        assert finish(act.perform(context)).result["tail"] == text.replace("\r\n", "\n")


def test_nothing_outside_the_copy_is_touched(bench: Bench, tmp_path: Path) -> None:
    path = project(tmp_path, x="1")
    (tmp_path / "near").write_text("kept")
    command = (
        f"rm -rf {path}/* {tmp_path}/near ../x ~/..; echo x > {path}/y; cat {bench.settings.state_dir}/*; ls "
        f"{bench.home}"
    )
    run(bench, path, command)
    assert (path / "x").read_text() == "1"
    assert not (path / "y").exists()
    assert (tmp_path / "near").read_text() == "kept"


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"package_dot_json": '{"scripts": {"test": "mocha"}}'}, "npm test"),
        (
            {
                "package_dot_json": '{"scripts": {"test": "echo \\"Error: no test specified\\" && exit 1"}}',
                "a_dot_test_dot_js": "",
            },
            "node --test --test-reporter=tap",
        ),
        ({"go_dot_mod": "module x"}, "go test -v ./..."),
        ({"Cargo_dot_toml": ""}, "cargo test --offline"),
        ({"Makefile": "all:\n\ntest: all\n\ttrue\n"}, "make test"),
        ({"pyproject_dot_toml": "[tool.pytest.ini_options]\n"}, "python3 -m pytest -q -rfE"),
        ({"tests__test_a_dot_py": "def test_a(): pass\n"}, "python3 -m pytest -q -rfE"),
        ({"tests__test_a_dot_py": "import unittest\n"}, "python3 -m unittest discover -s tests"),
        ({"tests__conftest_dot_py": "", "_dot_venv__bin__python": ""}, ".venv/bin/python -m pytest -q -rfE"),
        ({"package_dot_json": "[[["}, ""),
        ({"Makefile": "test := 3\n"}, ""),
        ({"readme": ""}, ""),
    ],
)
def test_the_suite_is_found_by_what_lies_there(
    bench: Bench, tmp_path: Path, files: dict[str, str], command: str
) -> None:
    path = project(tmp_path, **files)
    if command:
        assert TEST.parse(str(path), "", bench.settings).command == command
    else:
        with pytest.raises(BadInput, match="Give the command"):
            TEST.parse(str(path), "", bench.settings)
    assert TEST.parse(str(path), "$ true", bench.settings).command == "true"


def test_tests_outside_the_read_paths_are_refused(bench: Bench) -> None:
    with pytest.raises(NotAllowed, match="TIMMY_READ_PATHS"):
        TEST.parse("/etc", "true", bench.settings)


# -- a builder's own kind --------------------------------------------------------------------------


def test_the_kind_of_the_readme_works_when_pasted(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "kinds"
    folder.mkdir()
    (folder / "count_lines.py").write_text(readme_kind.TEXT)
    kind = discover(folder)[0]["count"]
    path = project(tmp_path, a="1\n2\n", deep__b="3\n", c="")
    order = bench.task(kind, str(path))
    assert bench.perform(kind, order)["lines"] == {"files": 2, "lines": 3}
    assert "has 3 lines of text in 2 files" in bench.world.deeds("timmy", "say")[-1]
    assert json.loads(bench.read(order, "results"))["params"] == {"path": str(path)}


def test_a_step_without_a_task_or_with_another_kinds_parameters_fails(bench: Bench, tmp_path: Path) -> None:
    act = acts_of(TEST)[0]
    order = bench.task(TEST, str(project(tmp_path, x="1")), "$ true")
    with pytest.raises(StepFailed, match="without a task"):
        finish(act.perform(replace(bench.context(order, {}), task=None)))
    order.params = {"nonsense": 1}
    with pytest.raises(StepFailed, match="are not those of test"):
        finish(act.perform(bench.context(order, {})))

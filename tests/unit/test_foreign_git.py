"""Git starts no program that a foreign repository names, whichever of our calls is made, and is called in one place."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import tempfile
from copy import copy
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.events.anchors import Anchor, Store
from agents.kernel import git
from agents.kernel.settings import Settings
from agents.work import artifacts
from agents.work.history import History
from agents.work.kinds._trial import run as trial

PROJECT = Path(__file__).resolve().parents[2]
CLEAN = {"PATH": os.defpath, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}
PROGRAMS = (
    "core.fsmonitor",
    "core.pager",
    "core.editor",
    "core.sshCommand",
    "core.askPass",
    "core.gitProxy",
    "sequence.editor",
    "credential.helper",
    "gpg.program",
    "gpg.ssh.program",
    "gpg.x509.program",
    "diff.external",
    "diff.evil.command",
    "diff.evil.textconv",
    "filter.evil.clean",
    "filter.evil.smudge",
    "filter.evil.process",
    "merge.evil.driver",
    "pager.log",
    "pager.show",
    "core.alternateRefsCommand",
    "uploadpack.packObjectsHook",
    "trailer.x.command",
    "remote.origin.uploadpack",
)
CALLS = (
    ("log", "-p", "HEAD"),
    ("log", "-z", "--raw", "HEAD"),
    ("show", "HEAD"),
    ("show", "HEAD:a.txt"),
    ("cat-file", "-p", "HEAD"),
    ("ls-tree", "-r", "-l", "HEAD"),
    ("ls-files", "-z", "--cached", "--others", "--exclude-standard"),
    ("for-each-ref",),
    ("rev-parse", "HEAD"),
    ("symbolic-ref", "HEAD"),
)


class Trap:
    """A repository in which every setting that names a program names one that leaves a mark."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.marks = folder, folder.parent / "marks"
        self.marks.mkdir()
        folder.mkdir()
        self.git("init", "-q", "-b", "main")
        for name in ("a.txt", "b.txt"):
            (folder / name).write_text(name)
            (folder / ".gitattributes").write_text("*.txt diff=evil filter=evil merge=evil\n")
            self.git("add", ".")
            self.git("-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", name)
        self._sign()
        settings = "".join(settings_file(self.program(name), [name]) for name in PROGRAMS)
        hooks = folder / ".git" / "hooks"
        hooks.mkdir(exist_ok=True)
        for hook in ("post-checkout", "pre-commit", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
            (hooks / hook).write_text(f"#!/bin/sh\n{self.program(hook)}\n")
            (hooks / hook).chmod(0o755)
        settings += settings_file(f"!{self.program('alias')}", [f"alias.{name}" for name in {c[0] for c in CALLS}])
        (folder / "more").write_text(
            f"[core]\n\tfsmonitor = {self.program('included')}\n[gpg]\n\tprogram = {self.program('gpg')}\n"
        )
        settings += settings_file(str(folder / "more"), ["include.path"])
        settings += settings_file("%G? %GG %s", ["format.pretty"]) + settings_file("true", ["log.showSignature"])
        with (folder / ".git" / "config").open("a") as config:
            config.write(settings)

    def git(self, *words: str) -> str:
        return subprocess.run(
            ["git", "-C", self.folder, *words], env=CLEAN, check=True, capture_output=True, text=True
        ).stdout

    def program(self, name: str) -> str:
        """A program (a file, so that any way of starting it will do) that leaves the mark `name`."""
        file = self.folder.parent / f"program-{name}"
        file.write_text(f"#!/bin/sh\ntouch {self.marks}/{name}\nexit 1\n")
        file.chmod(0o755)
        return str(file)

    def _sign(self) -> None:
        """Give HEAD a signature, so that git has something to verify."""
        head, _, rest = self.git("cat-file", "-p", "HEAD").partition("\n\n")
        signed = f"{head}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n{rest}"
        made = subprocess.run(
            ["git", "-C", self.folder, "hash-object", "-t", "commit", "-w", "--stdin"],
            input=signed,
            env=CLEAN,
            check=True,
            capture_output=True,
            text=True,
        )
        self.git("update-ref", "HEAD", made.stdout.strip())

    def promise(self) -> None:
        """Lose an object that another repository promises, whose way of sending is a program."""
        name = self.git("rev-parse", "HEAD:a.txt").strip()
        (self.folder / ".git" / "objects" / name[:2] / name[2:]).unlink()
        self.git("config", "core.repositoryFormatVersion", "1")
        self.git("config", "extensions.partialClone", "origin")
        self.git("config", "remote.origin.promisor", "true")
        self.git("config", "remote.origin.url", str(self.folder))
        self.git("config", "protocol.file.allow", "always")

    def marked(self) -> list[str]:
        return sorted(os.listdir(self.marks))


def foreign(trap: Trap, *words: str) -> None:
    subprocess.run(git.script(str(trap.folder), *words), env={}, capture_output=True, check=False)


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_no_program_of_the_repository_is_started(tmp_path: Path, call: tuple[str, ...]) -> None:
    trap = Trap(tmp_path / "repository")
    foreign(trap, *call)
    trap.promise()
    foreign(trap, *call)
    assert trap.marked() == []


def test_the_traps_are_real(tmp_path: Path) -> None:
    trap = Trap(tmp_path / "repository")
    for call in (("ls-files", "--others"), ("log", "-p", "HEAD"), ("status",), ("cat-file", "-p", "HEAD:a.txt")):
        if call[0] == "cat-file":
            trap.promise()
        subprocess.run(["git", "-C", trap.folder, *call], env=CLEAN, capture_output=True, check=False)
    assert {"included", "gpg", "filter.evil.process", "remote.origin.uploadpack"} <= set(trap.marked())


def test_settings_of_a_submodule_are_not_used(tmp_path: Path) -> None:
    trap = Trap(tmp_path / "repository")
    (tmp_path / "inner").mkdir()
    inner = Trap(tmp_path / "inner" / "repository")
    inner.folder.rename(trap.folder / "module")
    trap.git(
        "-c", "core.fsmonitor=false", "-c", "filter.evil.clean=cat", "-c", "filter.evil.process=", "add", "-f", "module"
    )
    for path in trap.marks.iterdir():
        path.unlink()
    for call in CALLS:
        foreign(trap, *call)
    assert trap.marked() == []
    assert inner.marked() == []


def test_the_listing_of_what_is_copied_starts_no_program(tmp_path: Path) -> None:
    trap = Trap(tmp_path / "repository")
    os.mkfifo(trap.folder / "pipe")
    names = {str(path) for path in trial.listed(trap.folder)}
    assert names == {".gitattributes", "a.txt", "b.txt", "more"}
    assert trap.marked() == []
    (trap.folder / ".git" / "HEAD").write_text("broken")
    assert {str(path) for path in trial.listed(trap.folder)} == names


def test_a_subcommand_that_nobody_thought_about_is_refused() -> None:
    for name in ("status", "fetch", "diff", "config", "submodule", "-c"):
        with pytest.raises(KeyError):
            git.script("/srv", name)
        with pytest.raises(KeyError):
            git.Seen("/srv", {}, bare=False).argv(name)


def test_git_is_called_in_one_place() -> None:
    """No other list of words begins with git, and no library that would hand on the environment is used."""
    found = []
    for folder in ("agents", "commands", "server", "typeclasses", "web", "world"):
        for file in (PROJECT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                words = (
                    getattr(node, "elts", ()) if isinstance(node, ast.List | ast.Tuple) else getattr(node, "args", ())
                )
                if words and isinstance(words, list) and isinstance(words[0], ast.Constant) and words[0].value == "git":
                    found.append(file.relative_to(PROJECT).as_posix())
                if isinstance(node, ast.Import) and any(name.name == "git" for name in node.names):
                    found.append(file.relative_to(PROJECT).as_posix())
    programs = {"server/install.py", "server/doctor.py"}  # which look whether it is there
    assert set(found) <= {"agents/kernel/git.py", *programs}, "call git by agents/kernel/git.py"


# -- settings of others -------------------------------------------------------------------------------


def every_setting() -> list[str]:
    """Each setting that this git knows, with something for what is chosen by its user."""
    told = subprocess.run(["git", "help", "--config"], capture_output=True, check=True, text=True).stdout
    names = [re.sub(r"<[^>]*>|\*", "x", line.strip()) for line in told.splitlines()]
    found = [name for name in names if re.fullmatch(r"[A-Za-z][\w-]*(\.[^\s.]+)?\.[A-Za-z][\w-]*", name)]
    assert len(found) > 300
    return [*found, "extensions.partialClone", "extensions.worktreeConfig", "diff.x.command", "diff.x.textconv"]


SETTINGS = every_setting()
VALUES = ("false", "true", "-1", "no such thing", "/dev/null/nowhere", "%")


def settings_file(value: str, names: list[str]) -> str:
    lines = []
    for name in names:
        section, _, key = name.rpartition(".")
        head, dot, inner = section.partition(".")
        lines.append(f'[{head} "{inner}"]' if dot else f"[{head}]")
        lines.append(f'\t{key} = "{value}"')
    return "\n".join(lines) + "\n"


TELLING = (
    ("log", "-z", "-c", "--name-only", "--no-renames", "--format=%x00%ct %ad %an"),
    ("ls-files", "-z", "--cached", "--others", "--exclude-standard"),
    ("log", "-p", "HEAD"),
    ("show", "HEAD"),
    ("cat-file", "-p", "HEAD:c.bin"),
    ("ls-tree", "-r", "-l", "HEAD"),
    ("for-each-ref",),
    ("symbolic-ref", "HEAD"),
)
"""What the first two say depends on most of settings."""


Told = list[tuple[int, bytes]]


class Plain:
    """A repository as anybody's, with a merge, a name in another alphabet and a file without one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")
        for number, name in enumerate(("a.txt", "b \u00e4.txt", "c.bin")):
            (folder / name).write_bytes(b"one\ntwo\n\0" * (number + 1))
            self.git("add", ".")
            self.commit(name, number)
        self.git("checkout", "-q", "-b", "side", "HEAD~1")
        (folder / "d.txt").write_text("side\n")
        self.git("add", ".")
        self.commit("side", 5)
        self.git("checkout", "-q", "main")
        self.git("-c", "user.name=x", "-c", "user.email=x@y", "merge", "-q", "--no-edit", "side", at=6)

    def git(self, *words: str, at: int = 0) -> str:
        when = f"{1_700_000_000 + at * 86_400} +0100"
        env = {**CLEAN, "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}
        return subprocess.run(
            ["git", "-C", self.folder, *words], env=env, check=True, capture_output=True, text=True
        ).stdout

    def commit(self, message: str, at: int) -> None:
        self.git("-c", "user.name=Ana", "-c", "user.email=ana@example.org", "commit", "-qm", message, at=at)

    def seen(self) -> Told:
        """What each call says of it."""
        told = []
        with tempfile.TemporaryDirectory() as folder:
            view = git.look(str(self.folder), folder)
            for call in TELLING:
                done = subprocess.run(view.argv(*call), env=dict(view.environment), capture_output=True, check=False)
                told.append((done.returncode, done.stdout))
        return told

    def told(self, **environment: str) -> Told:
        """The same, of two calls, where each is a process of its own in the environment of the caller."""
        calls = [git.script(str(self.folder), *call) for call in TELLING[:2]]
        done = [subprocess.run(call, env=environment, capture_output=True, check=False) for call in calls]
        return [(one.returncode, one.stdout) for one in done]


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Plain:
    """For tests that leave it as it is."""
    return Plain(tmp_path_factory.mktemp("pristine") / "plain")


@pytest.fixture
def plain(pristine: Plain, tmp_path: Path) -> Plain:
    """One to spoil."""
    made = copy(pristine)
    made.folder = shutil.copytree(pristine.folder, tmp_path / "plain")
    return made


@pytest.mark.parametrize("value", VALUES)
def test_no_setting_of_a_repository_changes_what_git_says_of_it(plain: Plain, value: str) -> None:
    before = plain.seen()
    assert all(code == 0 for code, _ in before)
    config = plain.folder / ".git" / "config"
    kept = config.read_text()
    for names in (SETTINGS, ["log.showRoot", "diff.orderFile", "log.date", "extensions.worktreeConfig"]):
        config.write_text(kept + settings_file(value, names))
        (plain.folder / ".git" / "config.worktree").write_text(settings_file(value, names))
        assert plain.seen() == before
    config.write_text("[core\n\tno = setting at all")
    assert plain.seen() == before


@pytest.fixture(scope="module")
def told(pristine: Plain) -> Told:
    """What is told of it where nothing is set."""
    return pristine.told()


@pytest.mark.parametrize("value", VALUES)
def test_no_setting_of_a_user_or_a_machine_changes_it(pristine: Plain, told: Told, tmp_path: Path, value: str) -> None:
    file = tmp_path / "settings"
    file.write_text(settings_file(value, SETTINGS))
    (tmp_path / ".gitconfig").write_text(file.read_text())
    (tmp_path / "git").mkdir()
    for name in ("config", "attributes", "ignore"):
        (tmp_path / "git" / name).write_text(file.read_text() if name == "config" else "* -diff\n")
    counted = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "log.showRoot", "GIT_CONFIG_VALUE_0": value}
    for environment in (
        {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), **counted},
        {"GIT_CONFIG_GLOBAL": str(file), "GIT_CONFIG_SYSTEM": str(file), "GIT_CONFIG": str(file)}
        | {"GIT_CONFIG_PARAMETERS": f"'log.date={value}'"},
    ):
        assert pristine.told(**environment) == told


ENVIRONMENTS = {
    "GIT_DIR": "/nonexistent",
    "GIT_WORK_TREE": "/nonexistent",
    "GIT_INDEX_FILE": "/nonexistent/index",
    "GIT_OBJECT_DIRECTORY": "/nonexistent",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "/nonexistent",
    "GIT_COMMON_DIR": "/nonexistent",
    "GIT_NAMESPACE": "elsewhere",
    "GIT_CEILING_DIRECTORIES": "/",
    "GIT_EXTERNAL_DIFF": "false",
    "GIT_DIFF_OPTS": "--unified=0",
    "GIT_PAGER": "false",
    "PAGER": "false",
    "GIT_TRACE": "1",
    "GIT_TRACE2": "1",
    "GIT_DEFAULT_HASH": "sha256",
    "GIT_REPLACE_REF_BASE": "refs/x/",
    "GIT_AUTHOR_NAME": "Mallory",
    "GIT_COMMITTER_EMAIL": "m@example.org",
    "GIT_AUTHOR_DATE": "never",
    "GIT_TEMPLATE_DIR": "/nonexistent",
    "GIT_GLOB_PATHSPECS": "1",
    "GIT_ICASE_PATHSPECS": "1",
    "GIT_EXEC_PATH": "/nonexistent",
    "GIT_SHALLOW_FILE": "/nonexistent",
    "GIT_ATTR_SOURCE": "nowhere",
    "LANG": "tlh",
    "LANGUAGE": "de",
    "TZ": "Asia/Tokyo",
}


def test_no_environment_changes_it(pristine: Plain, told: Told) -> None:
    assert pristine.told(**ENVIRONMENTS) == told


def test_nothing_that_lies_in_a_repository_changes_it(plain: Plain, tmp_path: Path) -> None:
    before = plain.seen()
    inner = plain.folder / ".git"
    first, last = plain.git("rev-list", "--max-parents=0", "HEAD").strip(), plain.git("rev-parse", "HEAD").strip()
    plain.git("replace", last, first)
    (inner / "info").mkdir(exist_ok=True)
    (inner / "info" / "grafts").write_text(f"{last}\n")
    (inner / "info" / "attributes").write_text("* -diff diff=x textconv=x\n")
    with (inner / "info" / "exclude").open("a") as excluded:
        excluded.write("/.gitattributes\n")
    (plain.folder / ".gitattributes").write_text("* -diff\n")
    changed = [now for now, then in zip(plain.seen(), before, strict=True) if now != then]
    assert len(changed) == 1 and b"refs/replace" in changed[0][1], "it is a name like any other, and no more"


@pytest.mark.parametrize("form", ["worktree", "bare", "borrowed", "packed", "detached", "split index"])
def test_every_form_of_repository_is_seen(plain: Plain, tmp_path: Path, form: str) -> None:
    other, words = tmp_path / "other", ()
    if form == "worktree":
        plain.git("worktree", "add", "-q", str(other), "side")
    elif form in ("bare", "borrowed"):
        words = ("--bare",) if form == "bare" else ("--shared",)
        plain.git("clone", "-q", *words, str(plain.folder), str(other))
    else:
        plain.folder.rename(other)
        plain.folder = other
        for command in {
            "packed": (("gc", "-q"), ("pack-refs", "--all")),
            "detached": (("checkout", "-q", "--detach"),),
            "split index": (("update-index", "--split-index"),),
        }[form]:
            plain.git(*command)
    plainly = {**CLEAN, "LC_ALL": "C"}
    (tmp_path / "view").mkdir()
    view = git.look(str(other), str(tmp_path / "view"))
    assert view.bare is (form == "bare")
    for call in (("rev-parse", "HEAD"), ("ls-tree", "-r", "-z", "HEAD"), ("ls-files", "-z"), ("log", "--format=%H %s")):
        if form == "bare" and call[0] == "ls-files":
            continue
        done = subprocess.run(view.argv(*call), env=dict(view.environment), capture_output=True, check=False)
        wanted = subprocess.run(["git", "-C", other, *call], env=plainly, capture_output=True, check=True)
        assert (done.returncode, done.stdout) == (0, wanted.stdout), done.stderr


def test_a_repository_with_longer_names_is_seen(tmp_path: Path) -> None:
    made = tmp_path / "long"
    subprocess.run(["git", "init", "-q", "--object-format=sha256", str(made)], env=CLEAN, check=True)
    (made / "a").write_text("a")
    for words in (("add", "."), ("-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qm", "one")):
        subprocess.run(["git", "-C", str(made), *words], env=CLEAN, check=True)
    done = subprocess.run(git.script(str(made), "rev-parse", "HEAD"), env={}, capture_output=True, check=True)
    assert len(done.stdout.strip()) == 64


def test_what_is_no_repository_is_told(tmp_path: Path) -> None:
    done = subprocess.run(git.script(str(tmp_path), "log"), env={}, capture_output=True, check=False)
    assert done.returncode == 128
    assert b"is not a git repository" in done.stderr


# -- repositories of our own --------------------------------------------------------------------------


def kept(folder: Path) -> list[str]:
    """Names of commits in an agent's repository, in that of the anchors and in the copy of it."""
    settings, when = Settings(state_dir=folder), datetime(2026, 4, 1, 12, tzinfo=UTC)
    made = artifacts.commit_files(settings, "timmy", {"reports/a.md": b"one\r\n"}, "one", when, "k1")
    more = artifacts.commit_files(settings, "timmy", {"reports/b.md": b"two", "c \u00e4": b""}, "two", when, "k2")
    again = artifacts.commit_files(settings, "timmy", {"reports/a.md": b"one\r\n"}, "one", when, "k1")
    assert again == made
    assert History(settings.homes / "timmy").content(made["reports/a.md"].commit, "reports/a.md") == b"one\r\n"
    store = Store(folder / "anchors")
    anchored = store.write(Anchor(1, 5, "d", "2026-04-01T12:00:00+00:00", 5))
    (held,) = store.read()
    store.check()
    store.push(str(folder / "copy"))
    assert store.elsewhere(str(folder / "copy")) == held.commit == anchored
    return [made["reports/a.md"].commit, more["reports/b.md"].commit, anchored]


def test_our_own_repositories_are_the_same_whatever_stands_around_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = kept(tmp_path / "calm")
    (tmp_path / ".gitconfig").write_text(settings_file("no such thing", SETTINGS))
    for name, value in {**ENVIRONMENTS, "HOME": str(tmp_path), "GIT_CONFIG_PARAMETERS": "'core.bare=perhaps'"}.items():
        monkeypatch.setenv(name, value)
    assert kept(tmp_path / "wild") == wanted


@pytest.mark.parametrize("value", VALUES)
def test_settings_put_into_them_are_put_back(tmp_path: Path, value: str) -> None:
    wanted = kept(tmp_path)
    for folder in ("homes/timmy/.git", "anchors"):
        (tmp_path / folder / "config").write_text(settings_file(value, SETTINGS))
    home = tmp_path / "homes" / "timmy"
    (home / ".gitattributes").write_text("* text eol=crlf filter=x diff=x merge=x\n")
    (home / ".git" / "info").mkdir(exist_ok=True)
    (home / ".git" / "info" / "grafts").write_text(f"{wanted[1]}\n")
    settings, when = Settings(state_dir=tmp_path), datetime(2026, 4, 2, tzinfo=UTC)
    made = artifacts.commit_files(settings, "timmy", {"d.md": b"three\n"}, "three", when, "k3")
    history = History(home)
    assert history.content(made["d.md"].commit, "d.md") == b"three\n"
    assert list(history.contents([(wanted[0], "reports/a.md"), (wanted[0], "none"), (wanted[1], "c \u00e4")])) == [
        b"one\r\n",
        None,
        b"",
    ]
    store = Store(tmp_path / "anchors")
    store.write(Anchor(2, 7, "e", "2026-04-02T12:00:00+00:00", 7))
    assert [one.number for one in store.read()] == [1, 2]

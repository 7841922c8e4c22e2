"""Why a machine has no sandbox: told by what forbids it, with what allows it."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys

import pytest

from agents.kernel.location import PROJECT
from agents.work import sandbox
from agents.work.sandbox import namespaces
from server.checks import sandbox as check

WORDS = "import sys; from server.checks import sandbox; print(*sandbox.findings(), sep='\\n')"


@pytest.mark.parametrize(
    ("code", "settings", "said", "mend"),
    [
        (errno.ENOSPC, {namespaces.LIMIT: "0"}, "max_user_namespaces is 0", "sysctl -w user.max_user_namespaces="),
        (errno.ENOSPC, {namespaces.LIMIT: "9"}, "in use as this machine allows (9)", "user.max_user_namespaces="),
        (errno.EPERM, {namespaces.CLONE: "0"}, "to root alone", "kernel.unprivileged_userns_clone=1"),
        (errno.EACCES, {namespaces.APPARMOR: "1"}, "AppArmor", "apparmor_restrict_unprivileged_userns=0"),
        (errno.EINVAL, {}, "built without", "on a kernel that has them"),
        (errno.EPERM, {namespaces.LIMIT: "9"}, "the container or service", "--security-opt seccomp=unconfined"),
    ],
)
def test_each_reason_has_what_allows_it(code: int, settings: dict[str, str], said: str, mend: str) -> None:
    found = namespaces.explained(code, lambda name: settings.get(name, ""))
    assert said in found.said and mend in found.mend
    assert "No space left" not in found.said


def _told(monkeypatch: pytest.MonkeyPatch, *rows: tuple[str, bool, str], refusal: namespaces.Refusal | None = None):
    monkeypatch.setattr(sandbox, "survey", lambda settings: rows)
    monkeypatch.setattr(namespaces, "refusal", lambda: refusal)
    return [(one.what, one.level, one.said, one.mend) for one in check.findings()]


NONE = (
    ("bubblewrap", False, "launcher: [Errno 28] namespaces: No space left on device"),
    ("landlock", False, "the same"),
)


def test_where_namespaces_are_refused_that_is_all_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = _told(monkeypatch, *NONE, refusal=namespaces.Refusal("they are forbidden", "allow them"))
    what, level, said, mend = found
    assert (what, level, mend) == ("sandbox", "bad", "allow them")
    assert said.endswith("refused: they are forbidden")


def test_nothing_is_there_and_missing_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: "/usr/bin/bwrap")
    told = _told(monkeypatch, *NONE)
    assert [level for _, level, _, _ in told] == ["bad", "note", "note"]
    assert not any("make install" in mend for _, _, _, mend in told), "it is installed"
    told = _told(monkeypatch, ("bubblewrap", True, ""), ("landlock", True, "but not by what writes"))
    assert told[0] == ("sandbox bubblewrap", "ok", "usable (/usr/bin/bwrap)", "")
    assert told[1] == ("sandbox landlock", "note", "usable, but not by what writes", "")


@pytest.mark.skipif(sys.platform != "linux", reason="there is no bubblewrap elsewhere")
def test_only_what_is_not_installed_is_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: None)
    told = _told(monkeypatch, ("bubblewrap", False, "launcher: bwrap is not installed"), ("landlock", True, ""))
    assert told[0] == ("sandbox bubblewrap", "note", "bwrap is not installed", "make install")


def test_a_machine_that_allows_none_is_told_as_such() -> None:
    """Inside a user namespace that allows no further ones, as in a container."""
    inside = f'echo 0 > /proc/sys/user/max_user_namespaces && exec "{sys.executable}" -c "$0"'
    words = ["unshare", "--user", "--map-root-user", "sh", "-c", inside, WORDS]
    if not shutil.which("unshare") or subprocess.run([*words[:3], "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine makes no user namespaces itself")
    done = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
    assert "user.max_user_namespaces is 0" in done.stdout, done.stdout + done.stderr
    assert "level='ok'" not in done.stdout
    assert "No space left" not in done.stdout
    assert "make install" not in done.stdout

"""Copies a project into the sandbox's private folder and runs its test command there.

Runs inside the sandbox, with only the standard library. Owns the copy and the run: nothing that the tests change
survives. Does not change the command: it goes to `sh -c` byte for byte.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agents.kernel.git import Unreadable, look
from agents.work.kinds._trial.outcomes import outcome

KEPT = 8 * 2**20
"""Number of bytes kept from each end of the output."""
TAIL = 20_000
"""Number of characters reported from the end of the output."""
INSTALLED = (".venv", "venv", "node_modules", "vendor")
"""Folders of installed libraries, which are linked instead of copied if git ignores them."""
_ROUND = 'PATH="$PATH:/usr/local/go/bin" CI=1 GOTOOLCHAIN=local exec sh -c "$1"'
"""What is set around the command; the command itself is an argument, so nothing here parses it."""


def listed(source: Path) -> Iterator[Path]:
    """What is to be copied, relative to `source`: what git tracks or would track; everything if there is no git."""

    def is_copied(path: Path) -> bool:
        return (source / path).is_symlink() or (source / path).is_file()

    if (source / ".git").exists():
        tracked = _tracked(source)
        if tracked is not None:
            yield from filter(is_copied, map(Path, tracked))
            return
    for folder, folders, names in os.walk(source):
        here = Path(folder).relative_to(source)
        links = [name for name in folders if (source / here / name).is_symlink()]
        folders[:] = sorted(set(folders) - set(links) - {".git", *INSTALLED})
        yield from (here / name for name in sorted([*names, *links]) if is_copied(here / name))


def _tracked(source: Path) -> list[str] | None:
    """The files that git tracks or would track; None if it cannot say."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            seen = look(str(source), folder)
        except (Unreadable, OSError):
            return None
        ask = seen.argv("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        done = subprocess.run(ask, env=dict(seen.environment), capture_output=True, check=False)
        return None if done.returncode else [os.fsdecode(name) for name in sorted({*done.stdout.split(b"\0")} - {b""})]


def measure(source: Path) -> dict[str, Any]:
    """How much there is to copy."""
    paths = list(listed(source))
    sizes = [(source / path).lstat().st_size for path in paths]
    linked = [name for name in INSTALLED if (source / name).is_dir()]
    room = shutil.disk_usage(tempfile.gettempdir()).free
    if sum(sizes) > room:
        return {
            "error": f"{sum(sizes):,} bytes do not fit into the {room:,} that the sandbox has (TIMMY_SANDBOX_FILE_MB)"
        }
    return {"files": len(paths), "bytes": sum(sizes), "linked": linked}


def copy(source: Path, target: Path) -> None:
    """Copy what is listed, links as links, and link to installed libraries."""
    for path in listed(source):
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / path, target / path, follow_symlinks=False)
    for name in INSTALLED:
        if (source / name).is_dir() and not (target / name).exists():
            (target / name).symlink_to(source / name)


def run(command: str, folder: Path, seconds: float) -> dict[str, Any]:
    """Run the command; returns its output, parsed by `outcome`, and how it ended."""
    process = subprocess.Popen(
        ["sh", "-c", _ROUND, "sh", command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    late = False

    def ring(*_: object) -> None:
        nonlocal late
        late = True
        os.killpg(process.pid, signal.SIGKILL)

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1))
    head, tail, total = b"", b"", 0
    assert process.stdout is not None
    while chunk := os.read(process.stdout.fileno(), 1 << 16):
        total += len(chunk)
        room = KEPT - len(head)
        head += chunk[:room]
        tail = (tail + chunk[max(room, 0) :])[-KEPT:]
    signal.setitimer(signal.ITIMER_REAL, 0)
    code = process.wait()
    text = (head + tail).decode("utf-8", "replace").replace("\r\n", "\n")
    return {
        "code": code,
        "late": late,
        "missing": missing(command, code, text),
        "outcome": outcome(text),
        "output_bytes": total,
        "dropped": max(total - 2 * KEPT, 0),
        "tail": text[-TAIL:],
    }


_ABSENT = (
    re.compile(r"^\S*python[\d.]*: No module named (\S+)$", re.MULTILINE),
    re.compile(r"^make(?:\[\d+\])?: ([^\s:]+): No such file or directory$", re.MULTILINE),
)
"""How Python (`-m`) and make name a missing program, whatever their exit code."""
_NOT_FOUND = re.compile(r"([^\s:]+): (?:command )?(?:not found|[Pp]ermission denied)$", re.MULTILINE)


def missing(command: str, code: int, text: str) -> str:
    """The missing program because of which the command could not run, as named in its output; ''
    if none was missing.
    """
    if not code:
        return ""
    for absent in _ABSENT:
        if found := absent.search(text):
            return found[1]
    if code not in (126, 127):
        return ""
    named = _NOT_FOUND.findall(text)
    return named[-1] if named else command.split(maxsplit=1)[0]


def main(asked: dict[str, Any]) -> dict[str, Any]:
    """Measure the project, or run its tests in a copy."""
    source = Path(asked["path"])
    if asked["part"] == "measure":
        return measure(source)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        project = Path(folder, source.name or "project")
        project.mkdir()
        copy(source, project)
        return run(asked["command"], project, asked["seconds"])

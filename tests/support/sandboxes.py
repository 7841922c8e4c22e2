"""The usable sandboxes for tests, and attackers that run in them and tell what they achieved."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Set
from pathlib import Path
from typing import Any

import pytest

from agents.kernel.settings import Settings
from agents.work import sandbox
from agents.work.sandbox import Guard, Job, Limits, Result, Sandbox
from agents.work.sandbox.bubblewrap import Bubblewrap
from agents.work.sandbox.landlock import Landlock

KINDS = {"bubblewrap": Bubblewrap, "landlock": Landlock}
PYTHON = str(Path(sys.base_prefix, "bin", f"python3.{sys.version_info.minor}"))
SMALL = Limits(seconds=60, memory_mb=256, processes=32, file_mb=8, output_kb=256)


def settings(tmp: Path, **more: Any) -> Settings:
    """Settings that see neither the environment's `.env` nor the real state."""
    return Settings(_env_file=None, state_dir=tmp / "state", **more)


def usable(name: str, tmp: Path) -> Sandbox:
    """The sandbox called `name`; skips the test with the reason where there is none."""
    given = settings(tmp)
    for found, good, reason in sandbox.survey(given):
        if found == name and not good:
            pytest.skip(f"{name}: {reason}")
    return KINDS[name](Guard(given))


def attack(box: Sandbox, source: str, *words: str, limits: Limits = SMALL, **job: Any) -> Result:
    """Run Python `source` in the sandbox; `words` are its `sys.argv[1:]`."""
    return box.run(Job((PYTHON, "-I", "-S", "-c", source, *words), limits=limits, **job))


def told(result: Result) -> Any:
    """What the attacker printed as JSON; the test fails with its errors when it did not."""
    assert result.ok, (result.code, result.ended, result.err.decode(errors="replace")[-3000:])
    return json.loads(result.out)


def descendants(pid: int | None = None, beside: Set[int] = frozenset()) -> set[int]:
    """Every process below `pid` (ours), but for those `beside` and what is below them."""
    found = set(beside)
    todo = [pid or os.getpid()]
    while todo:
        try:
            for task in Path("/proc", str(todo.pop()), "task").iterdir():
                children = {int(word) for word in (task / "children").read_text().split()}
                todo += children - found
                found |= children
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found - beside


def running(marker: str) -> list[int]:
    """Processes of this machine that have `marker` in their command line."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                if marker.encode() in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found

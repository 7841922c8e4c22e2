"""An agent's repository is made whole or not at all, and is one that git knows."""

from __future__ import annotations

import subprocess
from pathlib import Path

from agents.kernel.settings import Settings
from agents.work import artifacts


def said(home: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(home), *words], capture_output=True, text=True, check=True).stdout.strip()


def test_a_new_home_is_a_repository_with_an_empty_branch_and_no_hooks(tmp_path: Path) -> None:
    home = artifacts.ensure_home(Settings(state_dir=tmp_path), "timmy")
    assert said(home, "status", "--porcelain", "--branch") == "## No commits yet on main"
    assert said(home, "fsck", "--strict") == ""
    assert not (home / ".git" / "hooks").exists()


def test_what_a_crash_left_of_making_one_is_no_part_of_it(tmp_path: Path) -> None:
    half = tmp_path / "homes" / ".timmy.git"
    (half / "objects" / "info").mkdir(parents=True)
    (half / "objects" / "info" / "alternates").write_text("/elsewhere\n")
    home = artifacts.ensure_home(Settings(state_dir=tmp_path), "timmy")
    assert not half.exists()
    assert list((home / ".git" / "objects").iterdir()) == []
    assert said(home, "fsck", "--strict") == ""

"""A part is added by new files only: one with a table, a setting, a topic, an act, a wish, a beat, a verb, a room, a
help text and a page is dropped into a copy of the tree, and lives there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agents.kernel.location import PROJECT

pytestmark = pytest.mark.system
LARDER = PROJECT / "tests" / "support" / "larder"
PACKAGES = ("agents", "commands", "server", "tests", "typeclasses", "web", "world")


def test_a_part_is_added_by_new_files_alone(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(PROJECT / package, tmp_path / package, ignore=shutil.ignore_patterns("larder"))
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    for file in (file for file in LARDER.rglob("*") if file.is_file() and "__pycache__" not in file.parts):
        place = tmp_path / file.relative_to(LARDER)
        assert not place.exists(), f"{place} is no new file"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, place)
    ran("django", "makemigrations", "larder", "--check", "--dry-run", "--settings", "tests.settings", folder=tmp_path)
    ran("pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "tests/larder_lives.py", folder=tmp_path)


def ran(*words: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith(("TIMMY_", "PYTEST_"))},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]

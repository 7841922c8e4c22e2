"""A Python that fits is found wherever it lies; where there is none, it is said what brings one."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from server import pythons


def plant(path: Path, said: str) -> Path:
    """A program that says `said` when it is asked what it is, whatever it is asked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{said}\n")
    path.chmod(0o755)
    return path


def python(path: Path, version: str) -> Path:
    """A Python of that version."""
    return plant(path, f'echo "{version.replace(".", " ")} {path}"')


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on it but this test's Python, which no longer fits."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for name in ("PYENV_ROOT", "UV_PYTHON_INSTALL_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.executable", str(python(tmp_path / "own" / "python", "3.11")))
    return tmp_path


def versions() -> list[tuple[int, int]]:
    return [version for version, _ in pythons.fitting()]


@pytest.mark.parametrize(
    "place",
    [
        "bin/python3.13",
        "bin/python3",
        "bin/python",
        ".pyenv/versions/3.13.0/bin/python",
        ".local/share/uv/python/cpython-3.13.9-linux-x86_64-gnu/bin/python3",
    ],
)
def test_it_is_found_wherever_it_lies(home: Path, place: str) -> None:
    assert versions() == []
    found = python(home / place, "3.13")
    assert pythons.fitting() == [((3, 13), str(found))]


def test_the_newest_is_first_and_each_version_is_there_once(home: Path) -> None:
    for place, version in (("python3", "3.11"), ("python3.12", "3.12"), ("python", "3.12"), ("python3.14", "3.14")):
        python(home / "bin" / place, version)
    python(home / ".pyenv" / "versions" / "3.13.2" / "bin" / "python", "3.13")
    assert versions() == [(3, 14), (3, 13), (3, 12)]


def test_what_does_not_start_or_does_not_fit_is_passed_over(home: Path) -> None:
    plant(home / "bin" / "python3.14", "echo 'pyenv: python3.14: command not found' >&2; exit 127")  # a shim of pyenv's
    plant(home / "bin" / "python3.13", "exit 0")  # not finished, or without a lock: it says nothing
    python(home / "bin" / "python3", "3.15")
    assert versions() == []
    python(home / "bin" / "python3.12", "3.12")
    assert versions() == [(3, 12)]


def test_this_python_says_what_it_is() -> None:
    seen = pythons.looked_at(sys.executable)
    assert seen is not None and pythons.fits(seen[0]) and os.access(seen[1], os.X_OK)


@pytest.mark.parametrize(
    ("program", "said", "advice"),
    [
        ("apt-cache", "echo Package: python3; echo Version: 3.13.5-1", "apt-get install python3 python3-venv"),
        ("apt-cache", "echo Version: 3.11.2-1+b1", "Python 3.11, which is not suitable; uv"),
        ("apt-cache", "exit 100", "uv"),
        ("dnf", "", "dnf install python3.13"),
        ("pacman", "", "pacman -S python"),
        ("brew", "", "Run: brew install python@3.13"),
        ("nothing", "", "uv"),
    ],
)
def test_where_there_is_none_it_says_what_brings_one_here(home: Path, program: str, said: str, advice: str) -> None:
    plant(home / "bin" / program, said)
    if program == "apt-cache":
        plant(home / "bin" / "apt-get", "")
    assert advice in pythons.advice()


def test_uv_is_asked_to_fetch_one(home: Path) -> None:
    assert pythons.fetch() is None
    there = home / "fetched" / "python3"
    plant(
        home / "bin" / "uv",
        f'case "$2" in install) /bin/mkdir {there.parent}; echo "#!/bin/sh" >{there}; '
        f'echo "echo 3 13 {there}" >>{there}; /bin/chmod +x {there};; find) echo {there};; esac',
    )
    assert pythons.fetch() == ((3, 13), str(there))


def test_what_is_said_of_the_range_is_the_range() -> None:
    root = Path(__file__).parents[2]
    low, high = pythons.OLDEST, (pythons.NEWEST[0], pythons.NEWEST[1] + 1)
    asked = f'requires-python = ">={low[0]}.{low[1]},<{high[0]}.{high[1]}"'
    assert asked in (root / "pyproject.toml").read_text()
    for name in ("README.md", "docs/owner.md", "Makefile"):
        said = re.findall(r"Python 3\.\d+ to 3\.\d+", (root / name).read_text())
        assert said and set(said) == {pythons.RANGE}, name

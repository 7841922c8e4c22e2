"""The two lists of locked libraries agree, and name no host."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).parents[2]


def entries(name: str) -> dict[str, set[str]]:
    """Each library with its version, and its hashes."""
    found: dict[str, set[str]] = {}
    for line in (PROJECT / name).read_text().splitlines():
        if "==" in line and not line.startswith((" ", "#")):
            last = found.setdefault(line.rstrip(" \\"), set())
        elif line.strip().startswith("--hash="):
            last.add(line.strip(" \\"))
    return found


def test_the_world_runs_on_a_part_of_what_is_tested() -> None:
    every, run = entries("requirements.lock"), entries("requirements-run.lock")
    assert len(run) > 50
    assert run.items() <= every.items()
    assert any(name.startswith("unified-planning==") for name in every.keys() - run.keys())


def test_no_list_names_a_host() -> None:
    for name in ("requirements.lock", "requirements-run.lock"):
        assert "://" not in (PROJECT / name).read_text()

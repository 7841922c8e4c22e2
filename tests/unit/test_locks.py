"""The second list of locked libraries has only what the first has not, and neither names a host."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]
FIRST, SECOND = "requirements.lock", "requirements-dev.lock"


def entries(name: str) -> dict[str, list[str]]:
    """The hashes of each library, by its name."""
    found: dict[str, list[str]] = {}
    for line in (PROJECT / name).read_text().splitlines():
        if named := re.match(r"([a-z0-9.-]+)==", line):
            last = found.setdefault(named[1], [])
        elif line.strip().startswith("--hash="):
            last.append(line.strip(" \\"))
    return found


def test_the_second_list_begins_with_the_first_and_repeats_nothing_of_it() -> None:
    run, more = entries(FIRST), entries(SECOND)
    assert (PROJECT / SECOND).read_text().startswith(f"-r {FIRST}\n")
    assert not run.keys() & more.keys()
    assert all([*run.values(), *more.values()])


def test_a_world_does_not_bring_what_tests_and_measurements_need() -> None:
    run, more = entries(FIRST), entries(SECOND)
    assert {"evennia", "django", "twisted", "pydantic", "hatchling"} <= run.keys()
    assert {"pytest", "mypy", "ruff", "hypothesis", "unified-planning", "psutil"} <= more.keys()


def test_no_list_names_a_host() -> None:
    for name in (FIRST, SECOND):
        assert "://" not in (PROJECT / name).read_text()

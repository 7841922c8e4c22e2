"""The threat model promises nothing that no test shows."""

from __future__ import annotations

import re

import pytest

from agents.kernel.location import PROJECT

PAGE = PROJECT / "docs" / "threat-model.md"
WHO = (
    "owner",
    "admin",
    "developer",
    "builder",
    "player",
    "guest",
    "agent",
    "model",
    "file",
    "repository",
    "peer",
    "local user",
    "root",
)
_TEST = re.compile(r"`([a-z]+/test_[a-z_0-9]+\.py)::(test_[a-z_0-9]+)`")


def promises() -> list[tuple[str, str]]:
    """Each promise with the cell that says what shows it."""
    rows, shown = [], False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if cells[-1:] == ["shown by"]:
            shown = True
        elif not cells:
            shown = False
        elif shown and set(cells[0]) - set("-: "):
            rows.append((cells[0], cells[-1]))
    return rows


@pytest.mark.parametrize(("promise", "cell"), promises(), ids=lambda told: str(told)[:60])
def test_a_promise_is_shown_by_tests_that_exist(promise: str, cell: str) -> None:
    named = _TEST.findall(cell)
    assert named and len(named) == cell.count("`") // 2, (
        f"'{promise}' names no test, or not as folder/file.py::test_name"
    )
    for file, name in named:
        path = PROJECT / "tests" / file
        assert path.is_file() and re.search(
            rf"^(async )?def {name}\b", path.read_text(encoding="utf-8"), re.MULTILINE
        ), f"{file}::{name}"


def test_everybody_has_his_place() -> None:
    """Whoever a person may think of is in the table of who is trusted with what."""
    table = PAGE.read_text(encoding="utf-8").partition("## Who is trusted")[2].partition("\n## ")[0]
    first = " ".join(line.split("|")[1] for line in table.splitlines() if line.startswith("|"))
    assert [who for who in WHO if who not in first] == []
    assert len(promises()) > 30

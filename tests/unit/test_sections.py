"""Settings stand in sections, each with the part that it belongs to, and are one model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.kernel import page, settings
from agents.kernel.errors import BadInput
from agents.kernel.section import Section
from agents.kernel.settings import Settings
from agents.work.settings import WorkSettings
from tests.support import part_beside

LARDER = '''
from pydantic import Field
from agents.kernel.section import Section

class LarderSettings(Section):
    """The larder"""

    larder_days: int = Field(3, ge=1, le=30, description="Days for which food is kept.")

SECTIONS = (LarderSettings,)
'''
OLDER = LARDER.replace("(Section)", "(OlderSection)").replace("import Section", "import OlderSection")


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    def plant(text: str) -> None:
        part_beside.plant(monkeypatch, tmp_path, {"settings.py": text})
        settings.discover.cache_clear()

    yield plant
    monkeypatch.undo()
    settings.discover.cache_clear()
    part_beside.forget()


def test_a_section_is_asked_for_by_its_type() -> None:
    found = Settings(_env_file=None, step_budget=7)
    assert found.of(WorkSettings).step_budget == 7
    with pytest.raises(LookupError, match="Stranger is in no SECTIONS"):
        found.of(type("Stranger", (Section,), {}))


def test_every_section_is_taken_and_no_name_stands_twice() -> None:
    assert settings.discover()[1] == []
    assert WorkSettings in settings.sections()


def test_a_part_that_is_added_brings_its_settings(part: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    part(LARDER)
    (section,) = (one for one in settings.sections() if one.__name__ == "LarderSettings")
    monkeypatch.setattr(settings, "Settings", settings.whole())
    monkeypatch.setenv("TIMMY_LARDER_DAYS", "5")
    assert settings.load().of(section).larder_days == 5  # type: ignore[attr-defined]
    monkeypatch.setenv("TIMMY_LARDER_DAYS", "0")
    with pytest.raises(BadInput, match="TIMMY_LARDER_DAYS"):
        settings.load()
    assert "## The larder" in page.page()
    assert "| `TIMMY_LARDER_DAYS` | `3` | Days for which food is kept. |" in page.page()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SECTIONS = 3", "it has no SECTIONS"),
        ("1/0", "ZeroDivisionError"),
        (LARDER.replace("larder_days", "days"), "days does not begin with larder_"),
        (OLDER.replace("larder_days", "owner"), "TIMMY_OWNER is already the world's own"),
        (OLDER.replace("larder_days", "step_budget"), "TIMMY_STEP_BUDGET is already in agents/"),
    ],
)
def test_a_broken_section_costs_its_part_alone(part: Any, text: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    part(text)
    _, problems = settings.discover()
    assert [why in problem.reason for problem in problems] == [True]
    assert problems[0].file == "agents/larder/settings.py"
    monkeypatch.setenv("TIMMY_LARDER_DAYS", "5")
    assert settings.load().of(WorkSettings).step_budget == 50
    monkeypatch.setenv("TIMMY_LADER_DAYS", "5")
    with pytest.raises(BadInput, match="TIMMY_LADER_DAYS"):
        settings.load()

"""docs/settings.md and the settings model name the same settings, with the same defaults."""

from __future__ import annotations

import re

import pytest

from agents.kernel import page
from agents.kernel.location import PROJECT
from agents.kernel.settings import Settings

ROW = re.compile(r"^\| `(TIMMY_\w+)` \| (.+?) \| (.+) \|$", re.MULTILINE)
ROWS = {m[1]: (m[2], m[3]) for m in ROW.finditer((PROJECT / "docs" / "settings.md").read_text())}
FIELDS = {f"TIMMY_{name.upper()}": field for name, field in Settings.model_fields.items()}


def test_the_page_is_made_from_the_sections() -> None:
    told = (PROJECT / "docs" / "settings.md").read_text()
    assert told == page.page(), "it is not what the sections say; `make pages` writes it anew"


def test_every_setting_is_documented_and_none_besides() -> None:
    assert sorted(ROWS) == sorted(FIELDS)


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_the_default_is_told_truly(name: str) -> None:
    told, default = ROWS[name][0], FIELDS[name].default
    if name == "TIMMY_READ_PATHS":
        assert told == "home folder and project"
    elif name == "TIMMY_STATE_DIR":
        assert told == f"`{default.relative_to(PROJECT)}`"
    elif default == "":
        assert told == "empty"
    else:
        assert told == f"`{str(default).lower() if isinstance(default, bool) else default}`"


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_each_has_a_meaning_in_both_places(name: str) -> None:
    assert len(ROWS[name][1]) > 20
    assert FIELDS[name].description

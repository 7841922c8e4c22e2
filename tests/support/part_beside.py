"""A part that tests put beside those of the agents, without touching the project's folders."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import agents


def plant(monkeypatch: pytest.MonkeyPatch, folder: Path, files: dict[str, str]) -> Path:
    """The package `agents.larder` with these files, for as long as the test runs, and nothing of one planted before."""
    forget()
    part = folder / "larder"
    for name, text in {"__init__.py": "", **files}.items():
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        (part / name).write_text(text)
    monkeypatch.setattr(agents, "__path__", [*agents.__path__, str(folder)])
    return part


def forget() -> None:
    """Let nothing of it stay among the modules."""
    for name in [name for name in sys.modules if name.partition("agents.larder")[0] == ""]:
        del sys.modules[name]

"""The list of all settings in words: `docs/settings.md`.

Owns its text. `make pages` writes the file, and a test compares them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from agents.kernel.location import PROJECT
from agents.kernel.settings import World, sections

_BEFORE = """# Settings

Generated from the `settings.py` of each package by `make pages`; a test compares them.

A setting is either an environment variable or a line `NAME=value` in the file `.env` next to the project's `Makefile`;
the environment takes precedence. Settings are read and checked once at each start. If a value is out of range or a
name is unknown, the world does not start, and the message names the mistake. `timmy doctor` checks the settings without
starting anything. After a change, run `timmy stop` and `timmy run` (or `timmy reload`, if only the Server uses the
setting).
"""
_HEAD = ("| setting | default | meaning |", "|---|---|---|")


def page() -> str:
    """The whole page."""
    lines = [_BEFORE]
    told: tuple[type[BaseModel], ...] = (World, *sections())
    for section in told:
        lines += [f"## {section.__doc__}", "", *_HEAD, *_rows(section), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _rows(section: type[BaseModel]) -> list[str]:
    return [
        f"| `TIMMY_{name.upper()}` | {_default(field.default)} | {field.description} |"
        for name, field in section.model_fields.items()
    ]


def _default(value: Any) -> str:
    if isinstance(value, tuple):
        return " and ".join(map(_default, value))
    if value == Path.home():
        return "home folder"
    if isinstance(value, Path):
        return f"`{value.relative_to(PROJECT)}`" if value != PROJECT else "project"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value != "" else "empty"

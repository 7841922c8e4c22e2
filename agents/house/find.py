"""The parts on disk: every `agents/*/part.py`, in the order in which the house calls them.

Owns the search and the order. The house creates the parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import Any

from typing_extensions import TypedDict

from agents.house.part import Part
from agents.kernel import parts
from agents.kernel.problem import Problem


def find() -> tuple[list[type[Part]], list[Problem]]:
    """The parts in order, and what is wrong with the files that were left out."""
    found, problems = parts.of_packages("part", "part", _held)
    return list(_ordered(found)), problems


def kept_form() -> Any:
    """The type of what all parts store in a saved run, by name."""
    form: Any = TypedDict
    return form("HouseKept", {part.name: part.Kept for part in find()[0]})


def _held(module: ModuleType) -> Iterable[tuple[str, type[Part]]]:
    held = getattr(module, "PARTS", None)
    if not isinstance(held, tuple) or not all(isinstance(part, type) and issubclass(part, Part) for part in held):
        raise TypeError("it has no PARTS = (A subclass of Part, …)")
    return [(part.name, part) for part in held]


def _ordered(found: dict[str, type[Part]]) -> Iterable[type[Part]]:
    """Each part after those that it names, if they exist; ties are ordered by name. A cycle is broken at its first
    name.
    """
    left = dict(sorted(found.items()))
    while left:
        free = (name for name, part in left.items() if not any(before in left for before in part.after))
        yield left.pop(next(free, next(iter(left))))

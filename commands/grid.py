"""Tables of the engine's commands: its rows in columns, or one row a line in plain mode and on narrow screens.

Owns what stands in place of the engine's table, whose layout holds the world up for a tenth of a second; it takes the
same calls. Refuses borders, and to leave anything out: a row that is wider than the screen is told as a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evennia.utils.ansi import strip_ansi

from commands.layout import NARROW
from world.screen import display_width

GAP = 2


class Grid:
    """Rows under names, with the engine's colours in them."""

    def __init__(self, names: Sequence[str], *, width: int, plain: bool) -> None:
        """`width`: columns of the screen; `plain`: one column is wanted, however wide it is."""
        self._names, self._width, self._plain = [str(name) for name in names], width, plain
        self._rows: list[list[str]] = []

    def add_row(self, *cells: Any) -> None:
        """One row more."""
        self._rows.append([str(cell) for cell in cells])

    def reformat_column(self, number: int, **options: Any) -> None:
        """Columns are as wide as what stands in them."""

    def __str__(self) -> str:
        """The lines."""
        if not self._rows:
            return (" " * GAP).join(f"|w{name}|n" for name in self._names)
        rows = [[" ".join(cell.split("\n")).strip() for cell in row] for row in self._rows]
        sizes = [[display_width(strip_ansi(cell)) for cell in row] for row in rows]
        named = [display_width(strip_ansi(name)) for name in self._names]
        columns = [max(column) for column in zip(*([named, *sizes] if any(named) else sizes), strict=False)]
        if self._plain or self._width < NARROW or sum(columns) + GAP * (len(columns) - 1) >= self._width:
            return "\n".join(piece for row in rows for piece in _wrapped(self._item(row), self._width - 1))
        lines = [_line([f"|w{name}|n" for name in self._names], named, columns)] if any(named) else []
        return "\n".join([*lines, *(_line(row, size, columns) for row, size in zip(rows, sizes, strict=True))])

    def _item(self, row: list[str]) -> str:
        names = [*map(strip_ansi, self._names), *[""] * len(row)]
        told = [f"{name.strip()}: {cell}" if name.strip() else cell for name, cell in zip(names, row, strict=False)]
        return ", ".join(one for one, cell in zip(told, row, strict=True) if cell)


def _line(cells: Sequence[str], sizes: Sequence[int], columns: Sequence[int]) -> str:
    padded = [cell + " " * (column - size) for cell, size, column in zip(cells, sizes, columns, strict=False)]
    return (" " * GAP).join(padded).rstrip()


def _wrapped(text: str, width: int) -> list[str]:
    """Words on lines of at most so many columns, those that go on two columns in; a word that is wider stands alone."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}" if line.strip() else f"{line}{word}"
        if line.strip() and display_width(strip_ansi(longer)) > width:
            lines.append(line)
            longer = f"  {word}"
        line = longer
    return [*lines, line]

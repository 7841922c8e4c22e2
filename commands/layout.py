"""How answers are laid out: tables that become lists, ages, labelled fields. Pure.

Owns the look of every verb's answer; refuses box drawing. Two shapes of everything: columns
for a wide screen, one item a line with its labels for plain mode and narrow screens. All
text of others is made visible here, so that a verb cannot forget it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.kernel.text import clean, visible
from commands.verbs import Caller
from world.screen import HANG, Style, display_width, exact, paint

NARROW = 60
"""Below this many columns a table becomes a list."""


@dataclass(frozen=True)
class Column:
    """A column: its label (said in lists, when not empty) and its greatest width in columns.

    `fill` gives it what the others leave; `style` colours its cells.
    """

    label: str
    width: int = 12
    fill: bool = False
    style: Style | None = None


def one_column(caller: Caller) -> bool:
    """Whether this caller gets lists instead of tables."""
    return caller.plain or caller.width < NARROW


def table(caller: Caller, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows of text as columns, or as one line each."""
    data = [[visible(cell) for cell in row] for row in rows]
    if one_column(caller):
        return [_item(columns, row) for row in data]
    widths = [max([0, *(min(display_width(row[i]), c.width) for row in data)]) for i, c in enumerate(columns)]
    left = caller.width - 1 - sum(w + 2 for c, w in zip(columns, widths, strict=True) if not c.fill)
    lines = []
    for row in data:
        cells = []
        for column, width, cell in zip(columns, widths, row, strict=True):
            room = max(left, 12) if column.fill else width
            text = cut(cell, room)
            pad = " " * (room - display_width(text))
            cells.append((paint(column.style, text) if column.style and text else text) + pad)
        lines.append(" " + "  ".join(cells).rstrip())
    return lines


def _item(columns: Sequence[Column], row: Sequence[str]) -> str:
    said = [
        f"{column.label} {cell}" if column.label else cell for column, cell in zip(columns, row, strict=True) if cell
    ]
    stop = "." if said and said[0].isdigit() else ":"
    return f"{said[0]}{stop} {', '.join(said[1:])}." if len(said) > 1 else ", ".join(said)


def fields(caller: Caller, pairs: Iterable[tuple[str, str | Sequence[str]]]) -> list[str]:
    """Labelled values, one or several lines each; empty ones are left out.

    Values are made visible unless they hold our own marks (`exact`, `paint`), which the
    caller has then sanitised.
    """
    lines = []
    for label, value in pairs:
        values = [value] if isinstance(value, str) else list(value)
        for i, text in enumerate(v for v in values if v):
            if one_column(caller):
                lines.append(f"{label}: {text}" if i == 0 else f"  {text}")
            else:
                lines.append(f"{label if i == 0 else '':<9} {HANG}{text}")
    return lines


def cut(text: str, width: int) -> str:
    """`text` in at most `width` columns, with an ellipsis where it was cut."""
    if display_width(text) <= width:
        return text
    kept, used = [], 0
    for char in text:
        used += display_width(char)
        if used > width - 1:
            break
        kept.append(char)
    return "".join(kept) + "…"


def block(text: str) -> list[str]:
    """A text of several lines (a report, a description) as lines, cleaned, tabs as spaces."""
    return clean(text).expandtabs(4).split("\n")


def prose(text: str) -> list[str]:
    """A text written in paragraphs, each on one line for the screen to wrap; indented lines stay lines."""
    lines: list[str] = []
    joined = False
    for line in block(text):
        flows = bool(line) and not line.startswith(" ")
        if flows and joined:
            lines[-1] += f" {line}"
        else:
            lines.append(line)
        joined = flows
    return lines


def heading(text: str) -> str:
    """A title line; what is not ours in it must have been made visible."""
    return paint("head", text)


def hint(text: str) -> str:
    """A closing line that names what can be typed next."""
    return paint("dim", text)


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 task`, `3 tasks`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def ranges(refs: Iterable[str]) -> str:
    """References as people type them, runs of numbers together: `3-5, 9, a7`."""
    found: list[list[str]] = []
    for ref in refs:
        if found and ref.isdigit() and found[-1][-1].isdigit() and int(ref) == int(found[-1][-1]) + 1:
            found[-1].append(ref)
        else:
            found.append([ref])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in found)


def span(seconds: float) -> str:
    """A length of time in its largest unit, rounded: `41m`, `3h`, `2d`."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if round(seconds) >= size:
            return f"{round(seconds / size)}{unit}"
    return f"{max(round(seconds), 0)}s"


def age(now: datetime, then: datetime | None) -> str:
    """How long ago, as `span`; empty when it has not happened."""
    return span((now - then).total_seconds()) if then else ""


def clock(at: datetime) -> str:
    """An instant as people read it on the wall of the machine that runs the world."""
    return at.astimezone().strftime("%H:%M")


def effects(items: Iterable[dict[str, Any]]) -> list[str]:
    """Declared effects, one a line, exact."""
    return [exact(f"{item.get('kind', '?')} {item.get('target', '')}") for item in items]


def actor_word(actor: str) -> str:
    """`agent:timmy` as `timmy (agent)`: who, and as what."""
    kind, _, name = actor.partition(":")
    return visible(f"{name} ({kind})" if name and name != kind else kind)


def plain_data(value: Any) -> Any:
    """A value in JSON types: instants as ISO 8601, rows and sets as lists, the rest as text."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): plain_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_data(item) for item in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)

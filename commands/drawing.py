"""The surroundings drawn as text. Pure.

Owns the small map: the room one stands in and those beside it, three by three, with who is
there; and the same as sentences, where columns do not fit or are not wanted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.kernel.text import visible
from commands.layout import cut
from world.screen import display_width, paint

Cell = tuple[int, int]
_SLOPE: Mapping[Cell, str] = {(-1, 1): "\\", (0, 1): "|", (1, 1): "/", (-1, -1): "/", (0, -1): "|", (1, -1): "\\"}


@dataclass(frozen=True)
class Near:
    """A room one step away: the way's name, the room's name, who is there, and where it lies
    (steps east and north, each -1 to 1), None when up, down or nowhere on the grid. `closed` is
    why the one who looks may not go there, empty when it may.
    """

    way: str
    name: str
    who: Sequence[str] = ()
    at: Cell | None = None
    closed: str = ""


def grid(here: str, who: Sequence[str], near: Sequence[Near], width: int) -> list[str]:
    """Three rows of rooms, joined where there is a way."""
    side = max((width - 2) // 3, 8)
    placed = {room.at: room for room in near if room.at not in (None, (0, 0))}
    lines: list[str] = []
    for north in (1, 0, -1):
        row = [placed.get((east, north)) for east in (-1, 0, 1)]
        names = [f"{room.name}{' (locked)' if room.closed else ''}" if room else "" for room in row]
        people = [", ".join(room.who) if room else "" for room in row]
        if north == 0:
            names[1], people[1] = f"[{here}]", ", ".join(who)
            names = [names[0] and f"{names[0]} --", names[1], names[2] and f"-- {names[2]}"]
        if not any(names):
            continue
        slopes = (
            "".join(
                _SLOPE[(east, north)].center(side) if (east, north) in placed else " " * side for east in (-1, 0, 1)
            )
            if north
            else ""
        )
        if north == -1:
            lines.append(slopes)
        lines.append("".join(_centred(name, side, "good" if name == f"[{here}]" else "") for name in names))
        if any(people):
            lines.append("".join(_centred(text, side, "name") for text in people))
        if north == 1:
            lines.append(slopes)
    return [line.rstrip() for line in lines]


def _centred(text: str, width: int, style: str) -> str:
    text = cut(visible(text), width - 1)
    left = (width - display_width(text)) // 2
    shown = paint(style, text) if style and text else text  # type: ignore[arg-type]
    return " " * left + shown + " " * (width - display_width(text) - left)


def sentences(here: str, who: Sequence[str], near: Sequence[Near]) -> list[str]:
    """The same, one way a line."""
    lines = [f"You are in {visible(here)}" + (f", with {', '.join(map(visible, who))}." if who else ".")]
    for room in near:
        people = f": {', '.join(map(visible, room.who))}" if room.who else ""
        locked = f" Locked: {visible(room.closed.rstrip('.'))}." if room.closed else ""
        lines.append(f"{visible(room.way)} leads to {visible(room.name)}{people}.{locked}")
    return lines

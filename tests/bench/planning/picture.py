"""The result as a picture: how many times faster than each peer, on a logarithmic scale, as SVG.

Owns what is drawn, and the shapes that tell the peers apart besides their colours.
"""

from __future__ import annotations

import math
from typing import Any

from server.drawing import STYLE, Drawing

LEFT, RIGHT, TOP, ROW, WIDTH = 130, 40, 74, 40, 760
SHAPES = (  # in the order of the result's peers: the fill's colour, and a shape around (0, 0)
    ("#d9480f", '<circle r="6.5"/>'),
    ("#1c7ed6", '<rect x="-5.5" y="-5.5" width="11" height="11"/>'),
    ("#2b8a3e", '<path d="M0-7 7 5.5H-7z"/>'),
    ("#868e96", '<path d="M0-7 7 0 0 7-7 0z"/>'),
)


def plot(told: dict[str, Any]) -> str:
    """The SVG text of a result of `planner.measure`."""
    problems = told["problems"]
    names = list(dict.fromkeys(name for p in problems for name in p["times_faster"]))
    shapes = dict(zip(names, SHAPES, strict=False))
    values = [x for p in problems for x in p["times_faster"].values() if x > 0]
    ticks = _ticks(min(1, *values), max(values))
    low, high = math.log(ticks[0]), math.log(ticks[-1])
    bottom = TOP + ROW * len(problems)

    def across(value: float) -> float:
        return round(LEFT + (math.log(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT), 1)

    drawing = Drawing()
    drawing.text(16, 26, "How many times faster plans are found here than by others", style="title")
    drawing.text(
        16,
        46,
        "CPU medians over many starts, logarithmic scale. Right of the bold line: this project is faster.",
        style="small",
    )
    for tick in ticks:
        x = across(tick)
        drawing.line(x, TOP - 10, x, bottom, "even" if tick == 1 else "grid")
        drawing.text(x, bottom + 18, f"{tick:g}×", "middle", "small")
    for row, problem in enumerate(problems):
        y = TOP + ROW * row + ROW // 2 - 5
        drawing.text(LEFT - 14, y + 4, problem["name"], "end")
        drawing.line(LEFT, y, WIDTH - RIGHT, y)
        for name, value in problem["times_faster"].items():
            apart = 6 * names.index(name) - 3 * (len(names) - 1)  # so that equal values do not hide each other
            drawing.mark(across(value), y + apart, *shapes[name], f"{name}: {value:g}")
    for row, name in enumerate(names):
        y = bottom + 44 + 22 * row
        drawing.mark(LEFT, y, *shapes[name])
        drawing.text(LEFT + 16, y + 4, f"than {name}", style="small")
    return drawing.svg(WIDTH, bottom + 44 + 22 * len(names), "Times faster per problem", STYLE)


def _ticks(least: float, most: float) -> list[float]:
    """1, 2, 5, 10 … from at or below `least` to at or above `most`."""
    steps = [base * 10.0**power for power in range(-6, 9) for base in (1, 2, 5)]
    first = max(i for i, step in enumerate(steps) if step <= least)
    last = min(i for i, step in enumerate(steps) if step >= most and i > first)
    return [round(step, 6) for step in steps[first : last + 1]]

"""The result as a picture: how many times faster than each peer, on a logarithmic scale, as SVG.

Owns the drawing. Colours are told apart by shape too, and the text follows the reader's light or dark
theme.
"""

from __future__ import annotations

import math
from typing import Any
from xml.sax.saxutils import escape

LEFT, RIGHT, TOP, ROW, WIDTH = 130, 40, 74, 40, 760
SHAPES = (  # in the order of the result's peers: the fill's colour, and a shape around (0, 0)
    ("#d9480f", '<circle r="6.5"/>'),
    ("#1c7ed6", '<rect x="-5.5" y="-5.5" width="11" height="11"/>'),
    ("#2b8a3e", '<path d="M0-7 7 5.5H-7z"/>'),
    ("#868e96", '<path d="M0-7 7 0 0 7-7 0z"/>'),
)
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-weight:600;font-size:15px}.small{font-size:12px}"
    ".grid{stroke:#8c959f;stroke-opacity:.35}.even{stroke:#57606a;stroke-width:1.5}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.even{stroke:#adbac7}}"
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

    out = [
        '<text class="title" x="16" y="26">How many times faster plans are found here than by others</text>',
        '<text class="small" x="16" y="46">CPU medians over many starts, logarithmic scale. Right of the bold line: this project is faster.</text>',
    ]
    for tick in ticks:
        x = across(tick)
        out.append(f'<line class="{"even" if tick == 1 else "grid"}" x1="{x}" x2="{x}" y1="{TOP - 10}" y2="{bottom}"/>')
        out.append(f'<text class="small" x="{x}" y="{bottom + 18}" text-anchor="middle">{tick:g}×</text>')
    for row, problem in enumerate(problems):
        y = TOP + ROW * row + ROW // 2 - 5
        out.append(f'<text x="{LEFT - 14}" y="{y + 4}" text-anchor="end">{escape(problem["name"])}</text>')
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
        for name, value in problem["times_faster"].items():
            colour, shape = shapes[name]
            apart = 6 * names.index(name) - 3 * (len(names) - 1)  # so that equal values do not hide each other
            out.append(f'<g transform="translate({across(value)} {y + apart})" fill="{colour}" fill-opacity=".9">{shape}'
                       f"<title>{escape(name)}: {value:g}</title></g>")  # fmt: skip
    for row, name in enumerate(names):
        y = bottom + 44 + 22 * row
        colour, shape = shapes[name]
        out.append(f'<g transform="translate({LEFT} {y})" fill="{colour}">{shape}</g>')
        out.append(f'<text class="small" x="{LEFT + 16}" y="{y + 4}">than {escape(name)}</text>')
    height = bottom + 44 + 22 * len(names)
    body = "\n".join(out)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="Times faster per problem">\n<style>{STYLE}</style>\n{body}\n</svg>\n'
    )


def _ticks(least: float, most: float) -> list[float]:
    """1, 2, 5, 10 … from at or below `least` to at or above `most`."""
    steps = [base * 10.0**power for power in range(-6, 9) for base in (1, 2, 5)]
    first = max(i for i, step in enumerate(steps) if step <= least)
    last = min(i for i, step in enumerate(steps) if step >= most and i > first)
    return [round(step, 6) for step in steps[first : last + 1]]

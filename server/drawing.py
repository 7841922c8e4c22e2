"""Plots as SVG, without a library: a canvas, and three kinds of chart on it.

Owns scales, marks and the escaping of text. Counts nothing: it is given the numbers. Colours work on light and dark
backgrounds, and text follows the reader's theme.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

from agents.kernel.text import clean, shorten

STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-weight:600;font-size:15px}.small{font-size:12px}"
    ".grid{stroke:#8c959f;stroke-opacity:.35}.even{stroke:#57606a;stroke-width:1.5}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.even{stroke:#adbac7}}"
)
COLOURS = ("#3b82c4", "#d9730d", "#2f9e62", "#9a5fd0", "#c9a227", "#1a9aa6", "#d6453d", "#868e96")
"""In the order of what is shown; each has a contrast of at least 2.5 to white and to black."""
DASHES = ("", "7 3", "2 3", "8 3 2 3")
WIDTH, LEFT, RIGHT, TOP, HIGH = 420, 46, 6, 12, 190
"""Size of a chart: narrow, so that its text can be read on a phone."""
NAMES, ROW = 174, 22
"""In a chart of rows: the width of their names, and the height of each."""
MOST_LABELS, MOST_NAME = 5, 22


def safe(text: object) -> str:
    """Escaped for SVG and HTML, including attributes, whoever wrote it."""
    return escape(clean(str(text), keep_lines=False), {'"': "&quot;", "'": "&#39;"})


class Drawing:
    """A picture in progress, with marks in the order in which they are drawn."""

    def __init__(self) -> None:
        self._marks: list[str] = []

    def text(self, x: float, y: float, text: str, anchor: str = "start", style: str = "") -> None:
        """Text that starts, is centred or ends at `x`."""
        self._marks.append(
            f'<text{_if(" class", style)} x="{_(x)}" '
            f'y="{_(y)}"{_if(" text-anchor", anchor.removeprefix("start"))}>{safe(text)}</text>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, style: str = "grid") -> None:
        """A line of the grid."""
        self._marks.append(f'<line class="{style}" x1="{_(x1)}" x2="{_(x2)}" y1="{_(y1)}" y2="{_(y2)}"/>')

    def mark(self, x: float, y: float, colour: str, shape: str, told: str = "") -> None:
        """A shape (SVG around its own origin) that stands for a value, with a tooltip."""
        title = f"<title>{safe(told)}</title>" if told else ""
        self._marks.append(
            f'<g transform="translate({_(x)} {_(y)})" fill="{colour}" fill-opacity=".9">{shape}{title}</g>'
        )

    def box(self, x: float, y: float, width: float, height: float, colour: str, told: str) -> None:
        """A bar, or part of one."""
        self._marks.append(
            f'<rect x="{_(x)}" y="{_(y)}" width="{_(width)}" height="{_(height)}" '
            f'fill="{colour}"><title>{safe(told)}</title></rect>'
        )

    def path(self, points: Iterable[tuple[float, float]], colour: str, dash: str = "") -> None:
        """A line through these points."""
        joined = " ".join(f"{_(x)},{_(y)}" for x, y in points)
        self._marks.append(
            f'<polyline points="{joined}" fill="none" stroke="{colour}" '
            f'stroke-width="2.5"{_if(" stroke-dasharray", dash)}/>'
        )

    def svg(self, width: float, height: float, label: str, style: str = "") -> str:
        """The picture; `label` says in words what it shows. `style` is for a picture that stands alone."""
        body = "\n".join([f"<style>{style}</style>"] * bool(style) + self._marks)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_(width)} {_(height)}" '
            f'width="{_(width)}" height="{_(height)}" '
            f'role="img" aria-label="{safe(label)}">\n{body}\n</svg>\n'
        )


def columns(label: str, words: Sequence[str], series: Mapping[str, Sequence[int]]) -> str:
    """Stacked columns, each with its label; the first of `series` is at the bottom."""
    drawing, scale = _frame(words, max(map(sum, zip(*series.values(), strict=True)), default=0))
    wide = (WIDTH - LEFT - RIGHT) / len(words)
    for i, word in enumerate(words):
        low = 0
        for name, colour in coloured(series):
            if value := series[name][i]:
                high = low + value
                drawing.box(
                    LEFT + i * wide + wide * 0.08,
                    scale(high),
                    wide * 0.84,
                    scale(low) - scale(high),
                    colour,
                    f"{word}, {name}: {value:,}",
                )
                low = high
    return drawing.svg(WIDTH, HIGH, label)


def lines(label: str, words: Sequence[str], series: Mapping[str, Sequence[int]]) -> str:
    """A line for each row, also distinguished by dashes."""
    drawing, scale = _frame(words, max((max(row) for row in series.values()), default=0))
    wide = (WIDTH - LEFT - RIGHT) / len(words)
    for (name, colour), dash in zip(coloured(series), DASHES, strict=False):
        points = [(LEFT + (i + 0.5) * wide, scale(value)) for i, value in enumerate(series[name])]
        drawing.path(points if len(points) > 1 else [(LEFT, points[0][1]), (WIDTH - RIGHT, points[0][1])], colour, dash)
    return drawing.svg(WIDTH, HIGH, label)


def rows(label: str, names: Sequence[str], series: Mapping[str, Sequence[int]]) -> str:
    """Horizontal stacked bars, one for each name, with their sums after them."""
    drawing, sums = Drawing(), [sum(row) for row in zip(*series.values(), strict=True)]
    unit = (WIDTH - NAMES - RIGHT - 40) / max([*sums, 1])
    for i, name in enumerate(names):
        y, x = i * ROW, float(NAMES)
        drawing.text(NAMES - 8, y + 15, shorten(name, MOST_NAME), "end", "small")
        for kind, colour in coloured(series):
            if value := series[kind][i]:
                drawing.box(x, y + 3, value * unit, ROW - 6, colour, f"{name}, {kind}: {value:,}")
                x += value * unit
        drawing.text(x + 6, y + 15, f"{sums[i]:,}", style="small")
    return drawing.svg(WIDTH, max(len(names), 1) * ROW + 4, label)


def coloured(names: Iterable[str]) -> list[tuple[str, str]]:
    """Each name with its colour, the same in every chart and legend."""
    return [(name, COLOURS[i % len(COLOURS)]) for i, name in enumerate(names)]


class _Scale:
    """The height of a value in the picture; 0 is at the bottom."""

    def __init__(self, most: float) -> None:
        step = next(s for power in range(12) for s in (10**power, 2 * 10**power, 5 * 10**power) if s * 4 >= most)
        self.ticks = range(0, step * max(-int(-most // step), 1) + 1, step)

    def __call__(self, value: float) -> float:
        bottom = HIGH - 24
        return bottom - value / self.ticks[-1] * (bottom - TOP)


def _frame(words: Sequence[str], most: float) -> tuple[Drawing, _Scale]:
    """The grid of a chart with columns: a line for each round number, labels below some of the columns."""
    drawing, scale = Drawing(), _Scale(most)
    for tick in scale.ticks:
        drawing.line(LEFT, scale(tick), WIDTH - RIGHT, scale(tick), "grid" if tick else "even")
        drawing.text(LEFT - 6, scale(tick) + 4, _short(tick), "end", "small")
    every = -(-len(words) // MOST_LABELS)
    wide = (WIDTH - LEFT - RIGHT) / len(words)
    for i in range(0, len(words), every):
        drawing.text(LEFT + i * wide, HIGH - 6, words[i], "start", "small")
    return drawing, scale


def _short(value: int) -> str:
    return f"{value / 1000:g}k" if value >= 10_000 else f"{value:,}"


def _(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _if(attribute: str, value: str) -> str:
    return f'{attribute}="{value}"' if value else ""

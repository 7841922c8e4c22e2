"""The few Markdown elements that reports use.

Owns how untrusted text appears in a report: always in a code span, with dangerous characters shown as escapes, so
that a name can never become a link, a heading or a colour.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agents.kernel.text import visible


def code(text: str) -> str:
    """`text` as a code span (CommonMark 6.1): nothing in it is parsed as Markdown."""
    shown = visible(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    if not shown.strip() or shown[0] == "`" or shown[-1] == "`":
        shown = f" {shown} "
    return f"{fence}{shown}{fence}"


def block(text: str) -> str:
    """Lines of `text` as a fenced code block, each made visible."""
    lines = [visible(line) for line in text.split("\n")]
    fence = "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0))
    return "\n".join((fence, *lines, fence))


def count(number: int, one: str, many: str = "") -> str:
    """`1 commit`, `2,000 commits`; `many` if an s will not do."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(number: int) -> str:
    """Bytes as people read them, followed by the exact number."""
    for unit, step in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if number >= step:
            return f"{number / step:.1f} {unit} ({number:,} bytes)"
    return count(number, "byte")


def items(lines: Sequence[str], total: int | None = None, shown: int = 200) -> str:
    """A list of the first `shown` lines; the last line says how many more there are."""
    kept = [f"- {line}" for line in lines[:shown]]
    if (rest := (len(lines) if total is None else total) - len(kept)) > 0:
        kept.append(f"- … and {rest:,} more")
    return "\n".join(kept)


def together(paragraphs: Iterable[str]) -> str:
    """Paragraphs, without empty ones, as one document."""
    return "\n\n".join(p for p in paragraphs if p) + "\n"

"""Reports on a screen: Markdown as lines of the screen's own, at most a screenful before the rest is asked for.

Owns the little Markdown that reports are made of (`agents.work.markdown`): headings, lists, code, tables. What stands
in them was made harmless when they were written, and is cleaned again here. Refuses to leave a mark of Markdown
standing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from commands.layout import Column, block, heading, hint, one_column, table
from commands.verbs import Caller
from world.screen import HANG, wrap

FIRST = 20
"""Lines of the screen that are shown at first."""
_FENCE = re.compile(r"^(`{3,})\s*\w*$")
_HEAD = re.compile(r"^(#{1,6})\s+(.*)$")
_SPAN = re.compile(r"(?<!`)(`{1,5})(?!`)(.{1,500}?)(?<!`)\1(?!`)")
_BULLET = re.compile(r"^( *)[-*] ")
_RULE = re.compile(r"^\|[\s:|-]+\|$")


@dataclass(frozen=True)
class _Line:
    text: str
    head: bool = False


def rendered(caller: Caller, text: str) -> list[str]:
    """The whole report as lines."""
    return [line.text for line in _lines(caller, text)]


def first(caller: Caller, text: str, more: str) -> list[str]:
    """As much of its beginning as a screen holds; what it tells besides is named, and `more` shows all of it."""
    whole = _lines(caller, text)
    if _tall(caller, whole) <= FIRST:
        return [line.text for line in whole]
    parts = ", ".join(_plain(line[3:]) for line in block(text) if line.startswith("## "))
    rest = _Line(hint(f"{more} shows all of it: {parts}." if parts else f"{more} shows all of it."))
    shown: list[_Line] = []
    for line in whole:
        if _tall(caller, [*shown, line, rest]) > FIRST:
            break
        shown.append(line)
    while shown and (shown[-1].head or not shown[-1].text):
        shown.pop()
    return [line.text for line in (*shown, rest)]


def _tall(caller: Caller, lines: Iterable[_Line]) -> int:
    return sum(len(wrap(line.text, caller.width)) for line in lines)


def _lines(caller: Caller, text: str) -> list[_Line]:
    """Without an empty line after a heading, or after another."""
    kept: list[_Line] = []
    for line in _marked(caller, block(text)):
        if line.text or (kept and kept[-1].text and not kept[-1].head):
            kept.append(line)
    return kept


def _marked(caller: Caller, lines: list[str]) -> Iterator[_Line]:
    fence, rows = "", list[list[str]]()
    for line in [*lines, ""]:
        if not fence and line.startswith("|") and line.endswith("|"):
            if not _RULE.match(line):
                rows.append([_plain(cell.strip()) for cell in line[1:-1].split("|")])
            continue
        yield from map(_Line, _table(caller, rows))
        rows = []
        if fence:
            fence = "" if line == fence else fence
            if fence:
                yield _Line(f"    {HANG}{line}")
        elif found := _FENCE.match(line):
            fence = found[1]
        elif found := _HEAD.match(line):
            yield _Line(heading(_plain(found[2])), head=True)
        else:
            yield _Line(_BULLET.sub(rf"\1 {HANG}", _plain(line)))


def _table(caller: Caller, rows: list[list[str]]) -> list[str]:
    if not rows:
        return []
    names, *cells = rows
    filled = len(names) - 1
    columns = [Column("" if at == 0 else name, 24, fill=at == filled) for at, name in enumerate(names)]
    head = [] if one_column(caller) else table(caller, columns, [names])
    return [*head, *table(caller, columns, [row for row in cells if len(row) == len(names)])]


def _plain(text: str) -> str:
    """Code without what marks it as code."""
    return _SPAN.sub(lambda found: found[2].strip(), text)

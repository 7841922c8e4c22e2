"""Reports as a screen shows them: no mark of Markdown, no line too wide, at most twenty lines at first."""

from __future__ import annotations

import pytest

from agents.governance.rules import Actor
from agents.work.markdown import block, code, items, together
from commands import report
from commands.verbs import Caller
from tests.support.hostile import naughty
from world import screen

ROWS = "\n".join(
    ["| language | files | lines |", "|---|---:|---:|", "| Python | 835 | 111,975 |", "| other | 12 | 9 |"]
)
REPORT = together(
    [
        f"# Survey of {code('~/src/`x`')}",
        "## In short",
        "957 files, and nothing is broken.",
        "## What is in it",
        "### Files",
        items([f"{code(f'part{n}.py')}: {n} bytes" for n in range(40)]),
        ROWS,
        "## What failed",
        block("assert a | b\n# no heading\n- no item"),
    ]
)


def seen(width: int, plain: bool) -> Caller:
    return Caller(Actor("owner", "owner"), "telnet", width=width, plain=plain)


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("width", [79, 39])
def test_a_report_is_read_without_marks_and_fits_the_screen(width: int, plain: bool) -> None:
    caller = seen(width, plain)
    whole = report.rendered(caller, REPORT)
    pieces = [piece for line in whole for piece in screen.wrap(line, width)]
    assert all(screen.display_width(piece) <= width for piece in pieces)
    text = "\n".join(screen.unmarked(line) for line in whole)
    assert "Survey of ~/src/`x`" in text, "what stands in code stands as it is"
    assert not any(screen.unmarked(line).startswith(("#", "|", "```", "- ")) for line in whole)
    assert (
        "part39.py: 39 bytes" in text and "111,975" in text and "files 835" in text.replace("  ", " ")
    ) or width > 60
    assert "    assert a | b" in text and "    # no heading" in text, "a block is shown as it was printed"


@pytest.mark.parametrize("width", [79, 39])
def test_at_first_it_takes_twenty_lines_at_most_and_names_the_rest(width: int) -> None:
    caller = seen(width, False)
    lines = report.first(caller, REPORT, "task 1/report all")
    assert sum(len(screen.wrap(line, width)) for line in lines) <= report.FIRST
    last = screen.unmarked(lines[-1])
    assert last == "task 1/report all shows all of it: In short, What is in it, What failed."
    assert "957 files" in " ".join(map(screen.unmarked, lines))
    short = together(["# Built", "All is well."])
    assert report.first(caller, short, "x") == report.rendered(caller, short), "what fits is shown whole"


def test_no_text_of_others_becomes_a_mark_of_ours() -> None:
    for string in naughty():
        for text in (string, f"| {string} | b |", f"# {string}", f"`{string}`", f"```\n{string}\n```"):
            for line in report.rendered(seen(79, False), text):
                assert screen.carried(screen.unmarked(line), screen.Profile()) == screen.unmarked(line)

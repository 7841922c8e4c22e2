"""The documentation and the help are plain English: none of the phrases that read as translated is in them.

The phrases are data. A text that needs one of them needs another sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.kernel.location import PROJECT

PHRASES = (
    (r"\blaid to rest\b|\bto rest: it", "its mind is laid to rest", "paused"),
    (r"\b(?:to|may|can|cannot|could|then) be had\b", "what is needed cannot be had", "is available, is missing"),
    (r"\b(?:lies|lie|lay|stands?) sealed\b", "it lies sealed for ten seconds", "is sealed"),
    (r"\bmay not (?:policy|decide;)", "visitors may not policy", "may not change policy"),
    (r"\bas (?:it|he|she) said\b(?! (?:so|that))", "it is done as it said", "name what was said"),
    (r"\bnot known together\b", "these are not known together", "at least one is unknown"),
    (r"\b(?:found|useful|ends?|is back|goes on|comes? back) by (?:it|them)sel", "is found by itself", "automatically"),
    (r"\b(?:do|does|acts?|others) of (?:it|them)sel", "what it does of itself", "without being asked"),
    (r"\banew\b", "it is made anew", "again"),
    (r"\bbesides\b(?=[.,;:]|$)", "and `anchors/` besides.", "also, as well"),
    (r"\b(?:put|puts|set) aside\b", "what it proposed is put aside", "shelved, withdrawn"),
    (r"\b[Tt]he one who\b|\b(?:against|by|for|to) one who\b", "the one who runs a world", "the person who"),
    (r"(?:^|[.;] )Who (?:calls|comes|does|has|is|knows|takes|wants)\b[^?]*$", "Who comes late waits.", "whoever"),
    (r"\b(?:who|whoever) comes (?:first|second)\b", "whoever comes second is told", "the second person"),
    (r"\b(?:is|are) nobody's\b", "bodies are nobody's to change", "nobody may"),
    (
        r"(?<![Tt]here )\b(?:is|are) no (?:command|event|request|setting|UTF-8|JSON|address|slug|folder|path|tool)\b",
        "a name that is no setting",
        "is not a setting",
    ),
    (r"\b(?:carries|order|words|stands?) stands? (?:in|behind)\b", "what else it carries stands in it", "is in"),
    (r"\b(?:hold|holds|held|holding) (?:nobody|anybody|the world) up\b", "it holds nobody up", "blocks"),
    (r"\bto be asked for so\b|\bis asked for so\b", "a survey is asked for so", "the form is"),
    (r"\bcosts only (?:itself|its)\b", "a broken file costs only itself", "disables nothing else"),
    (r"\btells? of (?:it|them)sel", "what the service tells of itself", "reports"),
    (r"\b(?:words|ways?) of (?:its|their) own\b", "each fails in ways of its own", "each fails differently"),
    (r"\bof late\b", "what failed of late", "recently"),
    (r"\bfor want of\b", "refused for want of a program", "for lack of, because there is no"),
    (r"\bstands? in (?:`|tables?\b|events\b|sections\b)", "its port stands in `ports.py`", "is in"),
    (r"\bwhat (?:came|comes) of (?:it|that|them)\b", "it says what came of it", "the outcome, the result"),
    (r"\bdearer\b", "a dearer plan", "more expensive"),
)
"""Expressions that must not be found, each with a text that has it and with what to say instead."""

PAGES = (
    *(PROJECT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")),
    *sorted((PROJECT / "docs").rglob("*.md")),
    *sorted((PROJECT / "world" / "help").glob("*.md")),
)


def passages(page: Path) -> Iterator[str]:
    """Each paragraph, list item and row of a page on one line, without its examples; of the changelog, what is new."""
    text = page.read_text(encoding="utf-8")
    if page.name == "CHANGELOG.md":
        text = text.partition("## [Unreleased]")[2].partition("\n## ")[0]
    text = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    yield from (" ".join(one.split()) for one in re.split(r"\n\s*\n|\n(?=\s*[-*|#] ?)", text) if one.strip())


def found(text: str) -> list[str]:
    """What is awkward in a text, with what to say instead."""
    return [f"'{match[0]}': {better}" for worst, _, better in PHRASES for match in re.finditer(worst, text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_a_page_has_none_of_the_worst_phrases(page: Path) -> None:
    lines = list(passages(page))
    assert lines
    assert [(one, line) for line in lines for one in found(line)] == []


@pytest.mark.parametrize(("worst", "text"), [(worst, text) for worst, text, _ in PHRASES])
def test_each_phrase_is_found_where_it_is(worst: str, text: str) -> None:
    assert re.search(worst, text)


def test_every_word_of_the_glossary_is_told_once_and_in_order() -> None:
    tables = (PROJECT / "docs" / "glossary.md").read_text(encoding="utf-8").split("\n## ")[1:]
    words = [re.findall(r"^\| ([a-z, ]+) \| .+ \|$", table, re.MULTILINE)[1:] for table in tables]
    assert all(rows == sorted(rows) and len(rows) > 20 for rows in words)
    assert len({word for rows in words for word in rows}) == sum(map(len, words))

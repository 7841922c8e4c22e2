"""What the documentation claims of the code: its diagram of tasks, its links, its list of verbs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.kernel.location import PROJECT
from agents.work.rules import TRANSITIONS
from commands import verbs

DOCS = PROJECT / "docs"
PAGES = [PROJECT / "README.md", *sorted(DOCS.rglob("*.md"))]


def test_the_diagram_of_a_task_is_the_table_of_transitions() -> None:
    rows = re.findall(
        r"^ ([A-Z_, ]+?) +--([a-z]+)--> +([A-Z_]+)$", (DOCS / "architecture.md").read_text(), re.MULTILINE
    )
    drawn = [(name, frozenset(sources.split(", ")), target) for sources, name, target in rows]
    assert sorted(drawn, key=str) == sorted(((t.name, t.sources, t.target) for t in TRANSITIONS.values()), key=str)


def test_files_named_in_the_architecture_are_there() -> None:
    named = set(
        re.findall(
            r"\b(?:agents|commands|server|typeclasses|world|tests)/[\w/.]*\w", (DOCS / "architecture.md").read_text()
        )
    )
    assert len(named) > 20
    assert [path for path in sorted(named) if not (PROJECT / path).exists()] == []


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings make."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}


def links() -> Iterator[tuple[Path, str]]:
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if "://" not in target and not target.startswith("mailto:"):
                yield page, target


@pytest.mark.parametrize(
    ("page", "target"), sorted(set(links())), ids=lambda value: str(value).removeprefix(f"{PROJECT}/")
)
def test_a_link_leads_somewhere(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    there = (page.parent / path).resolve() if path else page
    assert there.exists()
    if anchor:
        assert anchor in anchors(there)


def test_every_page_is_reached_from_the_contents() -> None:
    reached = {
        (page.parent / target.partition("#")[0]).resolve() for page, target in links() if page.name == "README.md"
    }
    assert [p for p in PAGES[1:] if p.name != "README.md" and p not in reached] == []


@pytest.mark.parametrize("verb", verbs.all_verbs(), ids=lambda verb: verb.name)
def test_every_verb_is_in_the_owner_s_book(verb: verbs.Verb) -> None:
    assert re.search(rf"`(?:timmy )?{re.escape(verb.name)}\b", (DOCS / "owner.md").read_text())


def test_every_word_of_timmy_is_told() -> None:
    from server import words

    text = (DOCS / "owner.md").read_text()
    known, problems = words.load()
    assert known
    assert problems == []
    assert [word for word in known if f"`timmy {word}" not in text] == []

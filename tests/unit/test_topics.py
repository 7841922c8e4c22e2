"""Topics of events are declared where they are written, and found by themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from agents.events import declared, page
from agents.events.models import Event
from agents.events.topic import SLUG, Form, Topic
from agents.governance.rules import Actor
from agents.kernel.location import PROJECT
from agents.work.rules import TRANSITIONS
from commands import sight, telling
from tests.support import part_beside
from world.screen import unmarked

COMMON = {"n", "by", "verdict"}
"""Fields that words may name of any event."""
STATES: list[dict[str, Any]] = [
    {},
    {"state": "READY"},
    {"state": "FAILED"},
    {"state": "SHUTDOWN"},
    {"error": "e"},
    {"of": 2},
]
LARDER = """
from agents.events.topic import Form, Topic
TOPICS = (
    Topic("agent.<slug>.larder.filled", "it was filled", ("with",), Form("fills the larder with {with}"), seen="all"),
    Topic("larder.emptied", "mice came", ("mice",), kept=True),
)
"""


def forms(topic: Topic) -> list[Form]:
    return [topic.form_of(data) for data in STATES]


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """Puts a package with topics beside those of the agents, without touching the project's folders."""

    def plant(text: str) -> None:
        part_beside.plant(monkeypatch, tmp_path, {"topics.py": text})
        forget()

    def forget() -> None:
        declared.discover.cache_clear()
        declared.check.cache_clear()
        part_beside.forget()

    yield plant
    monkeypatch.undo()
    forget()


def event(topic: str, **more: Any) -> Event:
    return Event(
        **{
            "seq": 1,
            "at": datetime(2026, 4, 1, tzinfo=UTC),
            "topic": topic,
            "actor": "agent:ezra",
            "agent": "ezra",
            "data": {},
            **more,
        }
    )


def test_the_page_of_events_is_made_from_the_declarations() -> None:
    told = (PROJECT / "docs" / "events.md").read_text()
    assert told == page.page(), "it is not what the packages declare; `make pages` writes it anew"


def test_every_package_s_topics_are_taken() -> None:
    topics, problems = declared.discover()
    assert problems == []
    assert {f"task.{t.past}" for t in TRANSITIONS.values()} <= topics.keys()


@pytest.mark.parametrize("topic", declared.found().values(), ids=lambda topic: topic.name)
def test_words_name_what_the_event_carries(topic: Topic) -> None:
    assert len(topic.meaning) >= 8
    for form in forms(topic):
        named = {field for text in (form.words, form.more) for _, field, _, _ in Formatter().parse(text) if field}
        assert named <= {*topic.data, *COMMON}
        assert not form.together or form.words


@pytest.mark.parametrize("name", ["task", "Task.x", "agent.ezra.move", "agent.<slug>", "a b.c", "task.<slug>"])
def test_a_name_that_no_event_can_have_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"topic|agent"):
        Topic(name, "whatever it means")


def unwritten(folder: Path, topics: Iterable[Topic]) -> list[str]:
    """Those whose name, or the end of it, is said nowhere in the code of the package."""
    said = {text for path in folder.rglob("*.py") if path.name != "topics.py" for text in strings(path)}
    return [t.name for t in topics if not {t.name, t.kind, t.kind.rpartition(".")[2]} & said]


def strings(path: Path) -> Iterator[str]:
    """The strings in a file of code, each place that is filled in as a slug is."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else SLUG for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


FILES = sorted([*PROJECT.glob("*/topics.py"), *PROJECT.glob("agents/*/topics.py")])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_what_is_declared_is_written_by_its_package(path: Path) -> None:
    module = import_module(".".join(path.relative_to(PROJECT).with_suffix("").parts))
    assert unwritten(path.parent, module.TOPICS) == []


def test_a_topic_that_nobody_writes_is_found(tmp_path: Path) -> None:
    topics = [Topic(f"larder.{past}", "whatever it means") for past in ("filled", "emptied", "swept")]
    (tmp_path / "part.py").write_text('append("larder.filled")\nnote(f"larder.{past}", "emptied")\n')
    assert unwritten(tmp_path, topics) == ["larder.swept"]


def test_what_nobody_declared_is_refused_and_told_where_it_belongs() -> None:
    assert declared.check("agent.ezra.move") == "agent.ezra.move"
    with pytest.raises(ValueError, match=r"agent\.<slug>\.flew is declared nowhere: add it to the topics.py"):
        declared.check("agent.ezra.flew")


def test_a_part_that_is_added_brings_its_topics(part: Any) -> None:
    part(LARDER)
    assert declared.discover()[1] == []
    filled, emptied = (
        event("agent.ezra.larder.filled", data={"with": "figs"}),
        event("larder.emptied", actor="system:world", agent=""),
    )
    assert declared.check(filled.topic) == filled.topic
    assert unmarked(telling.sentence(filled)) == "Ezra fills the larder with figs"
    assert sight.sees(Actor("person", "mia"), filled)
    assert not sight.sees(Actor("person", "mia"), emptied)
    assert telling.sentence(emptied) == "the world: larder emptied"
    assert "## agents/larder\n" in page.page()
    assert "| `larder.emptied` | mice came | `mice` |  | feed, watch | for ever |" in page.page()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("TOPICS = 3", "it has no TOPICS"),
        ("import nothing_that_is_there", "ModuleNotFoundError"),
        (LARDER.replace("larder.emptied", "bug.filed"), "bug.filed is already in agents/selfmod/topics.py"),
    ],
)
def test_a_broken_file_of_topics_costs_its_part_alone(part: Any, text: str, why: str) -> None:
    before = set(declared.found())
    part(text)
    topics, (problem,) = declared.discover()
    assert why in problem.reason
    assert problem.file == "agents/larder/topics.py"
    assert {name for name in before if not name.startswith(("bug.", "agent.<slug>.larder"))} <= topics.keys()


def test_an_event_whose_part_is_gone_is_told_by_its_topic_and_is_the_owner_s() -> None:
    old = event("agent.ezra.attic_swept")
    assert unmarked(telling.sentence(old)) == "Ezra attic swept"
    assert not telling.is_quiet(old)
    assert sight.sees(Actor("owner", "alex"), old)
    assert not sight.sees(Actor("person", "mia"), old)

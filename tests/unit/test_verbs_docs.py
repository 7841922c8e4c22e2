"""Every verb documents itself: purpose, syntax, two examples, see also; every concept has a file."""

from __future__ import annotations

import re

import pytest

from commands import intents, verbs
from commands.verbs import Verb
from world import help as concepts

ALL = verbs.all_verbs()
VERDICTS = {"approve", "veto", "edit", "later", "undo", "redo", "golden"}
ENGINE = {"look", "say", "get", "drop", "quit", "who", "option"}


def _by_name(verb: Verb) -> str:
    return verb.name


@pytest.mark.parametrize("verb", ALL, ids=_by_name)
def test_a_verb_has_purpose_syntax_examples_and_see_also(verb: Verb) -> None:
    assert verb.help.endswith("."), "a purpose is a sentence"
    assert 10 < len(verb.help) <= 110, "a purpose is one line"
    assert verb.syntax
    assert all(form.split()[0] in verb.names for form in verb.syntax)
    assert len(verb.examples) >= 2
    assert len(set(verb.examples)) == len(verb.examples)
    assert any(example.split()[0] in verb.names for example in verb.examples)
    assert verb.see, "a verb leads on to others"


@pytest.mark.parametrize("verb", ALL, ids=_by_name)
def test_what_it_refers_to_exists(verb: Verb) -> None:
    known = verbs.names()
    for name in verb.see:
        assert name in known or name in concepts.topics() or name in ENGINE, f"{verb.name} refers to {name}"
    for example in verb.examples:
        assert example.split()[0] in known, f"{verb.name} shows {example}"


def test_the_verbs_of_this_world_are_there() -> None:
    wanted = [
        "task",
        "board",
        "lectern",
        "approve",
        "ok",
        "veto",
        "no",
        "undo",
        "why",
        "read",
        "later",
        "edit",
        "assign",
        "pause",
        "resume",
        "retry",
        "backlog",
        "prioritise",
        "reopen",
        "agents",
        "watch",
        "unwatch",
        "plan",
        "feed",
        "map",
        "plain",
        "history",
        "arrival",
        "golden",
        "help",
        "?",
        "status",
        "audit",
        "here",
        "kinds",
    ]
    assert [name for name in wanted if name not in verbs.names()] == []


def test_money_verdicts_and_deletion_are_never_guessed() -> None:
    assert {verb.name for verb in ALL if verb.exact} == VERDICTS


CONCEPTS = [
    "tasks",
    "approvals",
    "verdicts",
    "seals",
    "risk",
    "people",
    "plans",
    "rooms",
    "sandbox",
    "reports",
    "events",
    "permissions",
    "building",
    "connecting",
    "typing",
]


@pytest.mark.parametrize("concept", [*CONCEPTS, "plain mode"])
def test_each_concept_is_explained(concept: str) -> None:
    topic = concepts.topics()[concept]
    assert len(topic.text) > 150


def test_commands_named_in_concepts_exist() -> None:
    known = set(verbs.names()) | ENGINE | {"timmy", "make", "connect", "emote", "whisper", "give", "help", "create"}
    scene = intents.Scene(agents={"timmy": "Timmy", "ezra": "Ezra"}, rooms={"forge": "forge", "library": "library"})
    for topic in set(concepts.topics().values()):
        for quoted in re.findall(r"`([^`]+)`", topic.text):
            word = quoted.split()[0]
            if re.fullmatch(r"[a-z?]+", word) and word not in known:
                meant = intents.read(quoted, scene)
                assert not isinstance(meant, intents.Guess), f"{topic.title} names {quoted!r}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no title\ntext", "begins with"),
        ("# Title\n", "says something"),
        ("# Title\naliases: x\n\n \n", "says something"),
    ],
)
def test_a_concept_without_title_or_text_is_refused(tmp_path, text, reason) -> None:
    path = tmp_path / "x.md"
    path.write_text(text)
    with pytest.raises(ValueError, match=reason):
        concepts.read(path)

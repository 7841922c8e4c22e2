"""Which providers a question goes to, and why not to the others."""

from __future__ import annotations

from typing import Any

from agents.cascade.joining import key
from agents.cascade.ports import Abilities, Model
from agents.cascade.rules import Choice, Known, choose, needs_of
from tests.support.scripted import question


def known(name: str = "near", *models: str | Model, **more: Any) -> Known:
    local = more.pop("local", True)
    rows = tuple(Model(m, local) if isinstance(m, str) else m for m in models or ("small",))
    return Known(name, local, more.pop("abilities", Abilities()), rows, **more)


def said(*providers: Known, embed: bool = False, **asked: Any) -> list[str]:
    shown = asked.pop("shown", 0)
    found = [
        choose(
            question("x" * shown, **asked),
            one,
            needs_of(question("x" * shown, **asked), ("x" * shown,) if embed else None),
        )
        for one in providers
    ]
    return [f"{one.provider}: {one.model.name if isinstance(one, Choice) else one.said}" for one in found]


def test_providers_keep_their_order_and_each_takes_its_default() -> None:
    assert said(known("a", "x", "y", default="y"), known("b", "z")) == ["a: y", "b: z"]


def test_nothing_leaves_the_machine_that_was_not_enabled() -> None:
    cloud = Model("big-cloud", local=False)
    assert said(known("a", cloud), known("b", local=False)) == [
        "a: its models are not on this machine",
        "b: not enabled for timmy",
    ]
    assert said(known("a", cloud, "small"), known("b", local=False), remote=frozenset({"b"})) == [
        "a: small",
        "b: small",
    ]
    assert said(known("a", cloud), remote=frozenset({"a"})) == ["a: big-cloud"]


def test_each_reason_is_told() -> None:
    assert said(
        known("no-chat", abilities=Abilities(chat=False, embed=True)),
        known("open", closed=(("", "its breaker is open"),)),
        Known("silent", True, Abilities(), None, why="nothing listens"),
        Known("bare", True, Abilities(), ()),
        known("spent", local=False, spent="timmy's budget is spent"),
        known("model-open", closed=(("small", "it fails"),)),
        remote=frozenset({"spent"}),
    ) == [
        "no-chat: it cannot chat",
        "open: its breaker is open",
        "silent: nothing listens",
        "bare: it has no model",
        "spent: timmy's budget is spent",
        "model-open: it fails",
    ]
    assert said(known("a"), embed=True) == ["a: it cannot embed"]


def test_an_agent_prefers_a_program_insists() -> None:
    both = known("a", "x", "llama3:latest"), known("b", "big")
    assert said(*both, models=("none", "llama3", "x")) == ["a: llama3:latest", "b: big"]
    assert said(*both, models=("b/big",)) == ["a: x", "b: big"]
    assert said(*both, models=("b/big",), purpose="other") == ["a: it has no model b/big", "b: big"]
    assert said(known("a", "x", "y", closed=(("x", "it fails"),)), models=("x", "y")) == ["a: y"]


def test_a_model_that_only_makes_vectors_is_not_talked_to() -> None:
    both = known(
        "a", Model("minilm", True, family="bert"), Model("llama", True, family="llama"), abilities=Abilities(embed=True)
    )
    assert said(both) == ["a: llama"]
    assert said(both, embed=True) == ["a: minilm"]


def test_what_a_server_says_of_a_model_counts_and_its_name_only_where_it_says_nothing() -> None:
    vectors, words = Abilities(chat=False, embed=True), Abilities(json=True)
    both = known(
        "a",
        Model("nomic-embed", True, family="nomic", abilities=vectors),
        Model("bert-chat", True, family="bertha", abilities=words),
        abilities=Abilities(embed=True),
        default="nomic-embed",
    )
    assert said(both) == ["a: bert-chat"]
    assert said(both, embed=True) == ["a: nomic-embed"]
    assert said(known("a", Model("nomic-embed", True, abilities=vectors))) == ["a: it cannot chat"]
    assert said(known("a", Model("bert-chat", True, abilities=words), abilities=Abilities(embed=True)), embed=True) == [
        "a: it cannot embed"
    ]
    assert said(known("a", Model("minilm", True, family="bert"))) == ["a: minilm"], "a name is no proof"


def test_a_question_with_a_schema_goes_where_answers_are_held_to_one() -> None:
    able, far = Abilities(json=True), Model("far", True, abilities=Abilities())
    assert said(known("a"), known("b", abilities=able), schema={}) == ["a: it cannot produce JSON", "b: small"]
    assert said(known("a")) == ["a: small"]
    assert said(known("a", far, abilities=able), known("b", far, "near", abilities=able, default="far"), schema={}) == [
        "a: it cannot produce JSON",
        "b: near",
    ]


def test_a_question_goes_where_it_and_its_answer_have_room() -> None:
    small, large = Model("small", True, context=2048), Model("large", True, context=8192)
    asked = {"shown": 4000, "max_tokens": 1998}
    assert said(known("a", small), known("b", small, large, default="small"), known("c", "unknown"), **asked) == [
        "a: its context of 2,048 tokens is too small for about 3,000",
        "b: large",
        "c: unknown",
    ]
    assert said(known("a", small, large), models=("small",), **asked) == ["a: large"], (
        "what an agent prefers is no more than that"
    )
    assert said(known("a", small, large), models=("small",), purpose="other", **asked) == [
        "a: its context of 2,048 tokens is too small for about 3,000"
    ]
    assert said(known("a", small), shown=4000, max_tokens=1000) == ["a: small"]
    both = known("a", small, large, closed=(("large", "it fails"),))
    assert said(both, **asked) == ["a: it fails"]


def test_of_texts_for_vectors_the_longest_has_to_have_room() -> None:
    one = known("a", Model("minilm", True, family="bert", context=512), abilities=Abilities(embed=True))
    found = [
        choose(question(), one, needs_of(question(), texts)) for texts in (("x" * 1600,) * 100, ("a", "x" * 40_000))
    ]
    assert found[0] == Choice("a", one.models[0]) and "too small for about 10,000" in str(found[1])  # type: ignore[index]


def test_an_agent_or_a_program_that_names_a_model_which_cannot_do_it() -> None:
    both = known("a", Model("nomic", True, abilities=Abilities(chat=False, embed=True)), "small")
    guessed = known("a", Model("bert-chat", True, family="bert"), "small")
    assert said(guessed) == ["a: small"] and said(guessed, models=("bert-chat",)) == ["a: bert-chat"]
    assert said(both, models=("nomic",)) == ["a: small"], "what an agent prefers is no more than that"
    assert said(both, models=("nomic",), purpose="other") == ["a: it cannot chat"]


def test_what_is_the_same_question() -> None:
    plain = (None, None, ())
    one = key(question(id="1"), plain)
    assert one is not None
    assert one == key(question(id="2", agent="ezra", person=True), plain)
    assert one != key(question("other"), plain)
    assert one != key(question(remote=frozenset({"openai"})), plain)
    assert one != key(question(), (0.5, None, ()))
    assert key(question(purpose="other"), plain) is None
    assert key(question(purpose="other"), (0, None, ())) is not None

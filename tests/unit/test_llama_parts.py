"""The pure parts of the llama provider: what a grammar is made from, how bytes become text, what a file has to be."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from agents.cascade.ports import Fault, ProviderFault
from agents.cascade.providers import llama_engine
from agents.cascade.providers.growing_text import Text
from agents.cascade.providers.llama_engine import LONGEST_TEXT, MOST_ITEMS, narrowed
from agents.cascade.thoughts import Split

# -- schemas -----------------------------------------------------------------------------------

NAMES = ("maxLength", "properties", "type", "a", "enum")
"""Names of keys, words of the schema language among them."""
LEAVES = st.one_of(
    st.builds(
        lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more},
        st.integers(-50, 50),
        st.integers(0, 600),
    ),
    st.builds(
        lambda low, more: {"type": "integer", "exclusiveMinimum": low, "exclusiveMaximum": low + 2 + more},
        st.integers(-9, 9),
        st.integers(0, 9),
    ),
    st.just({"type": "integer"}),
    st.builds(
        lambda low, more: {"type": "string", "minLength": low, "maxLength": low + more},
        st.integers(0, 9),
        st.integers(0, 900),
    ),
    st.just({"type": "string"}),
    st.builds(lambda low: {"type": "string", "minLength": low}, st.integers(390, 410)),
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.builds(
        lambda values: {"enum": values},
        st.lists(
            st.sampled_from(["a", 'q"', "back\\slash", "\n", 7, None, {"type": "string"}]), min_size=1, max_size=3
        ),
    ),
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda items, low: {"type": "array", "items": items, "minItems": low}, inner, st.integers(0, 2)),
        st.builds(
            lambda parts: {
                "type": "object",
                "properties": parts,
                "required": list(parts),
                "additionalProperties": False,
            },
            st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
        ),
        st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, min_size=1, max_size=2)),
    ),
    max_leaves=6,
)


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that meet a schema of the kinds above."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of(*map(values, schema["anyOf"]))
    kind = schema["type"]
    if kind == "integer":
        low = schema.get("minimum", schema["exclusiveMinimum"] + 1 if "exclusiveMinimum" in schema else None)
        return st.integers(
            low, schema.get("maximum", schema["exclusiveMaximum"] - 1 if "exclusiveMaximum" in schema else None)
        )
    if kind == "string":
        return st.integers(schema.get("minLength", 0), schema["maxLength"]).map(lambda size: "x" * size)
    if kind == "array":
        return st.lists(
            values(schema["items"]), min_size=schema.get("minItems", 0), max_size=min(schema["maxItems"], 4)
        )
    if kind == "object":
        return st.fixed_dictionaries({name: values(part) for name, part in schema["properties"].items()})
    return st.booleans() if kind == "boolean" else st.none()


@given(st.data())
def test_whatever_meets_the_narrowed_schema_meets_the_given_one(data: st.DataObject) -> None:
    schema = data.draw(SCHEMAS)
    before = json.dumps(schema)
    tight = narrowed(schema)
    jsonschema.Draft202012Validator.check_schema(tight)
    assert json.dumps(schema) == before, "the given schema was changed"
    assert narrowed(tight) == tight
    value = data.draw(values(tight))
    jsonschema.validate(value, schema)


def test_texts_and_lists_have_an_end_and_near_bounds_are_listed() -> None:
    class Step(BaseModel):
        do: str
        times: int = Field(ge=1, le=3)

    class Plan(BaseModel):
        steps: list[Step] = Field(min_length=1)
        why: str | None
        far: int = Field(ge=0, le=10**9)

    tight = narrowed(Plan.model_json_schema())
    step = tight["$defs"]["Step"]["properties"]
    assert step["do"]["maxLength"] == LONGEST_TEXT and step["times"] == {"enum": [1, 2, 3]}
    assert tight["properties"]["steps"]["maxItems"] == MOST_ITEMS
    assert tight["properties"]["why"]["anyOf"][0]["maxLength"] == LONGEST_TEXT
    assert tight["properties"]["far"]["maximum"] == 10**9
    assert narrowed({"type": "string", "pattern": "^a$"}) == {"type": "string", "pattern": "^a$"}


def test_the_bindings_are_known_and_a_missing_one_is_a_fault(tmp_path: Any) -> None:
    assert set(llama_engine.installed()) <= set(llama_engine.BINDINGS)
    with pytest.raises(ProviderFault, match=r"^other is not installed$") as caught:
        llama_engine.load("other", tmp_path, 512, 1)
    assert caught.value.kind is Fault.DEAD


def test_without_any_binding_it_says_so(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama_engine, "installed", list)
    with pytest.raises(ProviderFault, match=r"^no binding to llama\.cpp is installed$"):
        llama_engine.load("", tmp_path, 512, 1)


# -- bytes that become text ------------------------------------------------------------------------


def told(parts: list[bytes], stop: tuple[str, ...] = (), *, exact: bool = False) -> tuple[str, str, bool]:
    """What comes of the parts: the text, the thinking, and whether it stopped by itself."""
    text, thinking = [], []
    one, split = Text(stop, exact=exact), Split()

    def keep(said: str, thought: str) -> None:
        text.append(said)
        thinking.append(thought)

    def give(said: str, thought: str) -> bool:
        assert not thought
        keep(*split.take(said))
        return False

    stopped = any(one.take(part, give) for part in parts)
    one.finish(give)
    keep(*split.end())
    return "".join(text), "".join(thinking), stopped


def split(whole: bytes, at: list[int]) -> list[bytes]:
    cuts = sorted({0, len(whole), *(place % (len(whole) + 1) for place in at)})
    return [whole[a:b] for a, b in pairwise(cuts)]


CUTS = st.lists(st.integers(0, 200), max_size=30)


@given(st.text(), CUTS)
def test_a_text_is_the_same_however_its_bytes_come(text: str, at: list[int]) -> None:
    whole = text.encode(errors="replace")
    if not whole.decode().lstrip().startswith("<think>"):
        assert told(split(whole, at)) == (whole.decode(), "", False)


@given(st.binary(), CUTS)
def test_any_bytes_become_text_that_can_be_written(data: bytes, at: list[int]) -> None:
    text, thinking, _ = told(split(data, at))
    (text + thinking).encode()


@given(
    st.text(alphabet="ab<>/thinkE \n", max_size=40),
    st.sampled_from([("END",), ("\n\n", "E"), ("aba", "bab"), ()]),
    CUTS,
)
def test_a_stop_word_ends_the_text_wherever_it_is_cut(text: str, stop: tuple[str, ...], at: list[int]) -> None:
    if "<think>" in text:
        return
    found, _, stopped = told(split(text.encode(), at), stop)
    first = re.search("|".join(map(re.escape, stop)), text) if stop else None
    assert stopped is bool(first)
    if first and len(stop) == 1:
        assert found == text[: first.start()]
    assert text.startswith(found) and (first or found == text)


@given(st.text(alphabet="ab </k", max_size=20), st.text(alphabet="ab </k", max_size=20), CUTS)
def test_thinking_is_told_from_the_answer_wherever_it_is_cut(thought: str, answer: str, at: list[int]) -> None:
    if "</think>" in thought:
        return
    whole = f" <think>{thought}</think>\n{answer}".encode()
    text, thinking, _ = told(split(whole, at))
    assert (text.lstrip(), thinking) == (answer.lstrip(), thought)


def test_thinking_without_an_end_is_thinking() -> None:
    assert told([b"<thi", b"nk>on and", b" on</thi"]) == ("", "on and on</thi", False)
    assert told([b"<thinner"]) == ("<thinner", "", False)
    assert told([b"<thi"]) == ("<thi", "", False)


def test_what_a_grammar_took_for_one_character_does_not_become_several() -> None:
    assert told([b"a\xc1", b"\x81b"], exact=True)[0] == "ab"
    assert told([b"a\xc1", b"\x81b"])[0] == "a\ufffd\ufffdb"

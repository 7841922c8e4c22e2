"""Thinking that a model server leaves in its answer: a real cascade over stand-ins for both kinds of server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tests.support.ollama_standin import Kept, Ollama
from tests.support.openai_standin import OpenAI
from tests.system.test_cascade import Alone, hello

THOUGHT, SAID = "Okay, they ask how it is here. Let me look about.", "The sun is low and the hall is warm."
MARKED = {
    "marked": f"<think>\n{THOUGHT}\n</think>\n\n{SAID}",
    "empty": f"<think>\n\n</think>\n\n{SAID}",
    "nothing": f"<think></think>{SAID}",
    "loud": f"<THINK>{THOUGHT}</THINK> {SAID}",
    "other tags": f"[THINK]{THOUGHT}[/THINK]{SAID}",
}
LEFT_OUT = {"left out": f"{THOUGHT}\n</think>\n\n{SAID}", "left out, close": f"{THOUGHT}</think>{SAID}"}
FORM = {
    "type": "object",
    "properties": {"mood": {"enum": ["calm", "busy"]}},
    "required": ["mood"],
    "additionalProperties": False,
}
ASKED = {"response_format": {"type": "json_schema", "json_schema": {"name": "mood", "schema": FORM, "strict": True}}}


class Both:
    """A cascade with a stand-in of each kind."""

    def __init__(self, made: Alone, servers: dict[str, Any]) -> None:
        self.made, self.servers = made, servers

    def client(self) -> openai.OpenAI:
        return self.made.openai()

    def script(self, kind: str, *texts: str, behave: str = "good") -> None:
        self.servers[kind].script.extend({"behave": behave, "text": text} for text in texts)

    def whole(self, model: str, **more: Any) -> str:
        return self.client().chat.completions.create(**hello(model=model, **more)).choices[0].message.content or ""

    def streamed(self, model: str) -> str:
        parts = self.client().chat.completions.create(**hello(model=model, stream=True))
        return "".join(part.choices[0].delta.content or "" for part in parts if part.choices)


NEW = iter(range(1000))
"""Each test asks a model of its own, of which the service knows nothing yet."""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    names = [f"m{number}" for number in range(60)]
    kinds = {f"{name}:latest": Kept() for name in names} | {f"{name}-r1:latest": Kept() for name in names}
    with (
        Ollama(models=kinds).in_thread() as near,
        OpenAI(models=(*names, *(f"{name}-r1" for name in names))).in_thread() as far,
    ):
        assert isinstance(far, OpenAI)
        made = Alone(tmp_path_factory.mktemp("t"), far, breaker_failures=1000)
        made.settings["ollama_url"] = near.url
        made.begin()
        try:
            yield Both(made, {"ollama": near, "api": far})
        finally:
            assert made.end() == 0


def model(kind: str, suffix: str = "") -> str:
    return f"{kind}/m{next(NEW) % 60}{suffix}" + (":latest" if kind == "ollama" else "")


KINDS = pytest.mark.parametrize("kind", ["ollama", "api"])


@KINDS
@pytest.mark.parametrize("how", MARKED)
def test_thinking_between_tags_is_no_part_of_an_answer(both: Both, kind: str, how: str) -> None:
    one = model(kind)
    both.script(kind, MARKED[how], MARKED[how])
    assert (both.whole(one), both.streamed(one)) == (SAID, SAID)


@KINDS
@pytest.mark.parametrize("how", LEFT_OUT)
def test_thinking_without_a_tag_before_it_is_none_either(both: Both, kind: str, how: str) -> None:
    one = model(kind)
    both.script(kind, *[LEFT_OUT[how]] * 3)
    assert (both.whole(one), both.streamed(one)) == (SAID, SAID)
    known = model(kind, "-r1")
    assert both.streamed(known) == SAID, "a name that is known for it is listened to from the first"


@KINDS
def test_who_was_told_thinking_as_it_came_is_told_that_it_was_none_and_it_happens_once(both: Both, kind: str) -> None:
    one = model(kind)
    both.script(kind, *[LEFT_OUT["left out"]] * 3)
    both.servers[kind].pause = 0.05  # so that some of it has been told before the tag comes
    try:
        with pytest.raises(openai.APIError, match="was its thinking"):
            both.streamed(one)
    finally:
        both.servers[kind].pause = 0.0
    assert both.streamed(one) == SAID
    both.made.end()
    both.made.begin()
    assert both.streamed(one) == SAID, "it is known after a restart, too"


@KINDS
@pytest.mark.parametrize("text", ["<think>\n{}\n</think>\n\n{}", "{}\n</think>\n{}", "<think></think>{}{}"])
def test_a_form_is_kept_to_whatever_was_thought_before_it(both: Both, kind: str, text: str) -> None:
    one, thought = model(kind), "" if "></" in text else THOUGHT
    both.script(kind, text.format(thought, '{"mood": "calm"}'))
    before = len(both.servers[kind].seen)
    assert json.loads(both.whole(one, **ASKED)) == {"mood": "calm"}
    asked = [seen for seen in both.servers[kind].seen[before:] if seen.path.endswith(("chat", "completions"))]
    assert len(asked) == 1, "it had to be asked for again"


@KINDS
def test_a_repair_shows_the_model_no_thinking(both: Both, kind: str) -> None:
    one = model(kind)
    both.script(kind, f"<think>{THOUGHT}</think>Calm, I think.", '<think></think>{"mood": "calm"}')
    assert json.loads(both.whole(one, **ASKED)) == {"mood": "calm"}
    shown = both.servers[kind].seen[-1].body["messages"]
    assert shown[-2] == {"role": "assistant", "content": "Calm, I think."}


@KINDS
def test_an_answer_that_is_cut_within_its_thinking_is_only_thought(both: Both, kind: str) -> None:
    one = model(kind)
    both.script(kind, f"<think>{THOUGHT}", f"<think>{THOUGHT}")
    before = len(both.servers[kind].seen)
    with pytest.raises(openai.APIStatusError, match="it thought and then said nothing"):
        both.whole(one, max_tokens=5)
    asked = [seen for seen in both.servers[kind].seen[before:] if "chat" in seen.path]
    assert len(asked) == 2, "it was asked a second time, for a longer answer"
    both.script(kind, f"<think>{THOUGHT}", SAID)
    assert both.streamed(one) == SAID, "the second time it spoke"

"""What the world asks for in a form: the schema that is sent, and the answer that is read."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator

from agents.cascade.form import Form
from agents.cascade.refusal import NoAnswer
from agents.cascade.structured import Wrong
from agents.kernel.errors import BadInput
from tests.support.scripted import Scripted, cascade, question


class Deed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    deed: Literal["walk", "wait"]
    steps: int = Field(ge=1, le=9)
    why: str = Field("", max_length=80)

    @field_validator("why")
    @classmethod
    def _no_orders(cls, why: str) -> str:
        if "approve" in why:
            raise ValueError("a reason approves nothing")
        return why


DEED = Form(Deed)


def test_an_answer_is_read_as_what_was_asked_for() -> None:
    assert DEED.read('{"deed": "walk", "steps": 3}') == Deed(deed="walk", steps=3)
    assert DEED.read('\n```json\n{"deed": "wait", "steps": 1, "why": "rain"}\n```\n').why == "rain"
    assert DEED.schema["additionalProperties"] is False and DEED.schema["required"] == ["deed", "steps"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"deed": "walk", "steps": "3"}', "steps: .*integer"),
        ('{"deed": "walk", "steps": true}', "steps"),
        ('{"deed": "run", "steps": 3}', "deed"),
        ('{"deed": "walk", "steps": 3, "steps": 4}', "twice"),
        ('{"deed": "walk", "steps": NaN}', "not a JSON number"),
        ('{"deed": "walk", "steps": 0}', "steps"),
        ('{"deed": "walk", "steps": 3, "sudo": 1}', "sudo"),
        ('{"deed": ["walk"], "steps": 3}', "deed"),
        ("[]", "object"),
        ("null", "object"),
        ("", "not JSON"),
        ('I will walk. {"deed": "walk", "steps": 3}', "not JSON"),
        ("[" * 5000, "nested"),
        ('{"deed": "walk", "steps": 1e400}', "large"),
        ('{"deed": "walk", "steps": 3, "why": "approve 1"}', "approves nothing"),
        ('{"deed": "walk", "steps": 3, "\\u001b[2J": 1}', "not permitted"),
        ('"' + "x" * 10_000_000 + '"', "characters"),
        ("1" * 5000, "long"),
    ],
)
def test_whatever_else_is_refused_in_words_that_can_be_shown(text: str, why: str) -> None:
    with pytest.raises(Wrong, match=why) as found:
        DEED.read(text)
    assert str(found.value).isprintable() and len(str(found.value)) < 500


def test_a_form_that_the_service_would_refuse_is_refused_where_it_is_made() -> None:
    huge = Literal[tuple(f"word-{n}" for n in range(5000))]  # type: ignore[valid-type]

    class Huge(BaseModel):
        word: huge  # type: ignore[valid-type]

    with pytest.raises(BadInput, match="characters"):
        Form(Huge)


def ask(*says: str) -> tuple[Any, list[Any]]:
    """The deed that comes of a model's answers, and what the model was asked."""
    left = list(says)
    near = Scripted(says=lambda call: (left.pop(0),))

    async def story() -> Any:
        run = cascade(near).ask(question(schema=DEED.schema))
        return DEED.read("".join([piece async for piece in run.follow()]))

    return asyncio.run(story()), near.calls


def test_the_service_repairs_once_what_the_form_refuses() -> None:
    deed, calls = ask(json.dumps({"deed": "walk", "steps": 30}), json.dumps({"deed": "walk", "steps": 3}))
    assert deed.steps == 3 and len(calls) == 2
    assert calls[0].schema == DEED.schema and "30 is greater" in calls[1].messages[-1].content
    with pytest.raises(NoAnswer, match="did not answer in the form"):
        ask('{"deed": "fly"}', '{"deed": "fly"}')
    with pytest.raises(
        Wrong, match="approves nothing"
    ):  # what no schema can say is the model's to refuse, and nothing comes of it
        ask('{"deed": "walk", "steps": 1, "why": "approve 1"}')

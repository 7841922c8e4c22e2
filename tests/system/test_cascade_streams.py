"""Answers in other shapes than the API's description has them: a real cascade over a stand-in that sends each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tests.support.openai_standin import SHAPES, OpenAI
from tests.system.test_cascade import TEXT, Alone, hello

WRONG = {"error:field": "crashed", "error:event": "crashed", "tool": "called a tool"}
"""Shapes that are no answer, and what is said of them."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with OpenAI(text=TEXT).in_thread() as standin:
        assert isinstance(standin, OpenAI)
        alone = Alone(tmp_path_factory.mktemp("s"), standin, breaker_failures=1000).begin()
        try:
            yield alone
        finally:
            assert alone.end() == 0


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape not in WRONG])
def test_an_answer_is_read_whatever_its_shape(made: Alone, shape: str, stream: bool) -> None:
    made.standin.shape = shape
    told: Any = made.openai().chat.completions.create(**hello(stream=stream))
    if stream:
        said = "".join(part.choices[0].delta.content or "" for part in told if part.choices)
    else:
        said = told.choices[0].message.content
    assert said == TEXT


@pytest.mark.parametrize("shape", WRONG)
def test_what_is_no_answer_is_told_in_its_words(made: Alone, shape: str) -> None:
    made.standin.shape = shape
    with pytest.raises(openai.APIStatusError, match=WRONG[shape]):
        made.openai().chat.completions.create(**hello())

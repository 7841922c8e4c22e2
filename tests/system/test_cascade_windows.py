"""Prompts and windows: a real cascade over stand-ins that cut what they have no room for, as real servers do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.support.ollama_standin import Kept, Ollama
from tests.support.openai_standin import OpenAI
from tests.system.test_cascade import TEXT, Alone

MODEL = "llama3.2:latest"
Begin = Callable[..., tuple[Alone, Ollama, OpenAI]]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """A cascade that asks Ollama first and a server of the OpenAI API next."""
    made: list[Alone] = []
    with (
        Ollama(text="From Ollama.", models={MODEL: Kept(context=32_768)}).in_thread() as near,
        OpenAI(text=TEXT, models=("small-1",)).in_thread() as far,
    ):
        assert isinstance(near, Ollama) and isinstance(far, OpenAI)

        def start(**settings: Any) -> tuple[Alone, Ollama, OpenAI]:
            for name in ("window", "largest", "cuts", "loaded"):
                if name in settings:
                    setattr(near, name, settings.pop(name))
            far.window = settings.pop("far_window", 0)
            made.append(Alone(tmp_path, far, **{"cascade_order": "ollama api"} | settings))
            made[-1].settings["ollama_url"] = near.url
            return made[-1].begin(), near, far

        yield start
        for one in made:
            assert one.end() == 0


def asked(made: Alone, words: int, word: str = "lamp", **more: Any) -> str:
    content = f"{word} " * words
    messages = [{"role": "user", "content": content}]
    found = made.openai().chat.completions.create(model="timmy", messages=messages, max_tokens=100, **more)  # type: ignore[call-overload]
    return str(found.choices[0].message.content)


def windows(near: Ollama) -> list[int]:
    return [seen.body["options"]["num_ctx"] for seen in near.seen if seen.path == "/api/chat"]


def test_a_window_is_asked_for_that_holds_the_prompt_and_no_model_is_loaded_twice_for_one(begin: Begin) -> None:
    made, near, _ = begin(window=2048)
    for count in (10, 3000, 6000, 10, 3000):
        assert asked(made, count) == "From Ollama."
    assert windows(near) == [4096, 8192, 16_384, 16_384, 16_384] and near.loads == 3
    assert all(seen.body["truncate"] is seen.body["shift"] is False for seen in near.seen if seen.path == "/api/chat")


def test_a_window_that_is_loaded_is_kept_to(begin: Begin) -> None:
    made, near, _ = begin(loaded={MODEL: 12_288})
    assert asked(made, 10) == "From Ollama." and windows(near) == [12_288] and near.loads == 0


def test_a_prompt_beyond_the_largest_window_is_not_sent(begin: Begin) -> None:
    made, near, far = begin(ollama_context=4096)
    assert asked(made, 10_000) == TEXT
    assert not windows(near) and len([s for s in far.seen if s.path.endswith("completions")]) == 1
    assert "its context of 4,096 tokens is too small" in str(made.get("/status").json()["calls"][0]["way"])


@pytest.mark.parametrize("cuts", [False, True])
def test_an_answer_to_a_part_of_a_prompt_is_none(begin: Begin, cuts: bool) -> None:
    made, near, _ = begin(largest=2048, cuts=cuts)
    assert asked(made, 6000) == TEXT, "the next is asked"
    way = str(made.get("/status").json()["calls"][0]["way"])
    assert ("read 2,048 tokens of a prompt of 6,000 or more" if cuts else "prompt is too long for it") in way
    assert asked(made, 6000) == TEXT and asked(made, 10) == "From Ollama."
    assert len(windows(near)) == (2 if cuts else 3), "what was cut is not sent again for a while"


def heard(made: Alone, words: int) -> list[str]:
    """What came of an answer as it was streamed, and of its failure."""
    parts = []
    messages = [{"role": "user", "content": "lamp " * words}]
    try:
        told = made.openai().chat.completions.create(model="timmy", messages=messages, stream=True)  # type: ignore[call-overload]
        parts += [part.choices[0].delta.content for part in told if part.choices and part.choices[0].delta.content]
    except openai.APIError as error:
        parts.append(error.message)
    return parts


def test_nothing_is_heard_of_an_answer_to_a_part_of_a_prompt(begin: Begin) -> None:
    made, near, far = begin(largest=2048, cuts=True)
    assert "".join(heard(made, 6000)) == TEXT
    assert len(windows(near)) == 1 and len([s for s in far.seen if s.path.endswith("completions")]) == 1


def aloud(made: Alone, server: Ollama | OpenAI, words: int) -> bool:
    """Whether an answer of the first server is heard as it comes: one that breaks off then, is given by nobody else."""
    server.script.append("error_line")
    told = heard(made, words)
    assert "broke off" in told[-1] or "".join(told) == "From Ollama.", told
    return "broke off" in told[-1]


def test_a_prompt_is_answered_aloud_once_as_long_a_one_was_read(begin: Begin) -> None:
    made, _, far = begin(cascade_order="api ollama", breaker_failures=1000)
    assert aloud(made, far, 10) and not aloud(made, far, 3000)
    assert asked(made, 3000) == TEXT
    assert aloud(made, far, 3000) and aloud(made, far, 3700) and not aloud(made, far, 6000)
    assert made.end() == 0
    made.begin()
    assert aloud(made, far, 3000), "that is known over a restart"


def test_a_server_that_tells_its_window_is_heard_from_the_first_time_on(begin: Begin) -> None:
    made, near, _ = begin(breaker_failures=1000)
    assert aloud(made, near, 3000), "it tells when it has loaded the model"
    assert aloud(made, near, 6000)
    assert near.loads == 2


def test_what_a_server_does_not_count_is_heard_from_the_second_time_on(begin: Begin) -> None:
    made, _, far = begin(cascade_order="api", breaker_failures=1000)
    far.script.append("uncounted")
    assert "".join(heard(made, 3000)) == TEXT
    far.script.append("hang_mid")
    told = made.openai().chat.completions.create(
        model="timmy", messages=[{"role": "user", "content": "lamp " * 9000}], stream=True
    )
    assert next(part.choices[0].delta.content for part in told if part.choices and part.choices[0].delta.content)
    told.close()


def test_so_is_that_of_a_server_of_the_openai_api(begin: Begin) -> None:
    made, _, _ = begin(cascade_order="api", far_window=2048)
    with pytest.raises(openai.APIStatusError, match="read 2,048 tokens of a prompt of 6,000 or more"):
        asked(made, 6000)
    assert asked(made, 10) == TEXT


def test_other_scripts_are_given_the_room_that_they_take(begin: Begin) -> None:
    made, near, _ = begin()
    assert asked(made, 1000, "灯火通明") == "From Ollama."
    assert windows(near) == [8192], "four thousand characters are more than a thousand tokens"

"""Structured answers that are hostile JSON: by the reader itself, and said by a model server over a real socket."""

from __future__ import annotations

import httpx
import pytest
from pydantic import BaseModel, ConfigDict

from agents.cascade import composition, structured
from agents.cascade.breaker import Policy
from agents.cascade.budget import Budget
from agents.cascade.cascade import Cascade
from agents.cascade.form import Form
from agents.cascade.ports import Timeouts
from agents.cascade.providers.ollama import Ollama
from agents.cascade.roster import Entry
from agents.cascade.structured import Wrong
from agents.kernel.clock import SystemClock
from tests.support import hostile_json
from tests.support.ollama_standin import Ollama as Standin
from tests.support.scripted import tables
from tests.support.served import TOKEN, Served


class Numbered(BaseModel):
    model_config = ConfigDict(extra="forbid")
    n: int


NUMBERED = Form(Numbered)
EXACT = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], "additionalProperties": False}


def parses(text: str) -> bool:
    """Whether the reader takes it; else it says why in one line that can be shown."""
    why = ""
    try:
        structured.read(text)
    except Wrong as wrong:
        why = str(wrong)
    assert (not why or why.isprintable()) and len(why) < 300
    return not why


def test_what_is_json_is_read_and_what_is_not_is_refused() -> None:
    for name, text in hostile_json.samples():
        taken = parses(text)
        if not name.startswith("i_"):
            assert taken is (name.startswith("y_") and name not in hostile_json.TWICE), name


def test_no_hostile_text_passes_for_an_answer() -> None:
    checker = structured.validator(EXACT)
    for text in hostile_json.PLANTED:
        with pytest.raises(Wrong):
            structured.check(text, checker)
        with pytest.raises(Wrong):
            NUMBERED.read(text)


def over(url: str) -> Cascade:
    """A cascade over one Ollama."""
    entry = Entry(Ollama(url, timeouts=Timeouts()), "ollama", True, url)
    return composition.of([entry], tables(), SystemClock(), Timeouts(), Policy(), Budget())


def answers(texts: list[tuple[str, str]], schema: object) -> list[tuple[str, int, str, str]]:
    """What the service gives for each text that a model server says: the sample's name, status, text, code of the
    refusal.
    """
    found = []
    with Standin().in_thread() as standin:
        assert isinstance(standin, Standin)
        with (
            Served(lambda: over(standin.url)) as served,
            httpx.Client(
                base_url=f"http://127.0.0.1:{served.port}", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60
            ) as client,
        ):
            form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
            for name, text in texts:
                standin.script.clear()
                standin.script.extend([{"text": text}] * 2)
                standin.seen.clear()
                told = client.post(
                    "/v1/chat/completions",
                    json={
                        "model": "timmy",
                        "messages": [{"role": "user", "content": "Well?"}],
                        "response_format": form,
                        "max_tokens": 32768,
                    },
                )
                assert len([one for one in standin.seen if one.path == "/api/chat"]) <= 2, "it is asked again once"
                made = told.json()
                said = made["choices"][0]["message"]["content"] if told.status_code == 200 else ""
                found.append((name, told.status_code, said, "" if said else made["error"]["code"]))
            assert client.get("/healthz").status_code == 200
    return found


@pytest.mark.parametrize("every", [pytest.param(3, id="third"), pytest.param(1, id="all", marks=pytest.mark.soak)])
def test_the_service_gives_out_what_is_json_and_refuses_the_rest(every: int) -> None:
    said = dict(hostile_json.samples()[::every])
    for name, status, text, code in answers(list(said.items()), {}):
        if status == 200:
            assert not name.startswith("n_") and parses(text) and text == said[name], name
        else:
            assert not name.startswith("y_") or name in hostile_json.TWICE, (name, code)
            assert code in ("schema", "nobody"), (name, code)


def test_the_service_gives_out_no_hostile_answer() -> None:
    planted = [(text[:40], text) for text in hostile_json.PLANTED if len(text) < 2_000_000]
    assert {(status, code) for _, status, _, code in answers(planted, EXACT)} == {(422, "schema"), (503, "nobody")}


def test_of_ten_megabytes_nothing_is_given_out() -> None:
    """More than an answer may have ends its reading."""
    ((_, status, said, code),) = answers([("huge", '{"n": "' + "x" * 10_000_000 + '"}')], EXACT)
    assert (status, said, code) == (503, "", "nobody")

"""What model servers send is not trusted, and what is sent to them holds no more than it must."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from agents.cascade.ports import Fault, ProviderFault
from agents.cascade.providers import http
from agents.cascade.providers.ollama import Ollama
from agents.cascade.providers.openai_api import OpenAIApi, strict
from agents.kernel.errors import BadInput
from tests.support import hostile_json
from tests.support.providers import KEY, KINDS, SCHEMA, TIMES, Pair, ask, heard, with_pair

# -- what others send is not trusted -------------------------------------------------------------


def _lines_of(kind: str, text: str) -> str:
    return text if kind == "ollama" else f"data: {text}\n"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "7",
        "null",
        '"text"',
        "[" * 100_000,
        '{"a":' * 50_000,
        "{",
        "NaN",
        "1" * 5000,
        '{"message": 7, "choices": 7}',
        '{"message": {"role": 7}, "choices": [7]}',
        '{"message": {"role": "assistant", "content": 7}, "choices": [{"delta": {"content": 7}}]}',
        '{"choices": [{"delta": 7}]}',
        '{"done": "perhaps", "choices": {"a": 1}}',
        "\ufeff{}",
        '{"choices": [{"delta": {"content": ["x"]}}]}',
    ],
    ids=range(16),
)
def test_any_line_that_is_not_the_protocols_is_a_fault(kind: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(both: Pair) -> None:
        async def odd(reply: Any, name: str, pieces: Any, error: bytes, huge: bytes, media: str) -> None:
            await reply.begin(media)
            await reply.chunk(_lines_of(kind, line).encode() + b"\n")
            await reply.finish()

        monkeypatch.setattr(both.standin, "stream", odd)
        fault = await both.fault("good")
        assert fault.kind in (Fault.BROKEN, Fault.CUT), fault.said

    with_pair(kind, body)


@pytest.mark.parametrize("every", [pytest.param(3, id="third"), pytest.param(1, id="all", marks=pytest.mark.soak)])
@pytest.mark.parametrize("kind", KINDS)
def test_hostile_json_is_a_fault_or_no_answer(kind: str, every: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sample as a line of an answer: nothing but a ProviderFault may come of it."""

    async def body(both: Pair) -> None:
        current = b""

        async def odd(reply: Any, name: str, pieces: Any, error: bytes, huge: bytes, media: str) -> None:
            await reply.begin(media)
            await reply.chunk((b"" if kind == "ollama" else b"data: ") + current + b"\n\n")
            await reply.finish()

        monkeypatch.setattr(both.standin, "stream", odd)
        for name, sample in hostile_json.raw()[::every]:
            current = sample
            fault = await both.fault("good")
            assert fault.kind in (Fault.BROKEN, Fault.CUT), (name, fault.said)

    with_pair(kind, body)


@pytest.mark.parametrize("kind", KINDS)
def test_half_characters_become_ones_that_can_be_written(kind: str) -> None:
    async def body(both: Pair) -> None:
        both.standin.script.append({"text": "a\ud800b \u2028 \U0001f600 \x00"})
        text, _, _ = await heard(both.provider, ask(both.model))
        assert text == "a\ufffdb \u2028 \U0001f600 \x00"

    with_pair(kind, body)


@pytest.mark.parametrize("kind", KINDS)
def test_lines_end_at_newlines_alone(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Unicode too calls the end of a line, as servers send it in the midst of a text, is a part of the text."""
    said = "one\u2028two\x85three\x85" if kind == "openai" else "one\x85two\xc2\x85three\x85\x85"
    lines = {
        "openai": (
            f'data: {{"choices":[{{"delta":{{"content":"{said}"}},"finish_reason":"stop"}}]}}\r\n\r\ndata: [DONE]'
        ),
        "ollama": (
            f'{{"message":{{"role":"assistant","content":"{said}"}},'
            f'"done":false}}\n{{"message":{{"role":"assistant"}},"done":true}}'
        ),
    }

    async def body(both: Pair) -> None:
        for size in (1, 7, 10_000):

            async def raw(
                reply: Any, name: str, pieces: Any, error: bytes, huge: bytes, media: str, size: int = size
            ) -> None:
                await reply.begin(media)
                told = lines[kind].encode()
                for at in range(0, len(told), size):
                    await reply.chunk(told[at : at + size])
                await reply.finish()

            monkeypatch.setattr(both.standin, "stream", raw)
            assert (await heard(both.provider, ask(both.model)))[0] == said

    with_pair(kind, body)


def test_a_compressed_body_is_refused() -> None:
    async def body(both: Pair) -> None:
        async def packed(reply: Any) -> None:
            await reply.whole(200, b"\x1f\x8b" + bytes(100), {"Content-Encoding": "gzip"})

        both.standin.answer = packed  # type: ignore[method-assign]
        with pytest.raises(ProviderFault, match="compressed") as caught:
            await both.provider.models()
        assert caught.value.kind is Fault.BROKEN
        assert both.standin.seen[-1].headers["accept-encoding"] == "identity"

    for kind in KINDS:
        with_pair(kind, body)


# -- the OpenAI-compatible API's own --------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("99999999999", http.LONGEST_RETRY),
        ("Sun, 01 Mar 2026 07:31:00 GMT", 60.0),
        ("Sun, 01 Mar 2026 07:29:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("Sun, 99 Mar 2026", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(given: str, seconds: float | None) -> None:
    now = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
    assert http.retry_after({"retry-after": given}, now) == seconds
    dated = {"retry-after": "Sun, 01 Mar 2026 09:00:09 GMT", "date": "Sun, 01 Mar 2026 09:00:00 GMT"}
    assert http.retry_after(dated, now) == 9.0, "a server's date counts against its own clock"


def test_retry_after_reaches_the_fault() -> None:
    async def body(both: Pair) -> None:
        assert (await both.fault("limited")).retry_after == 7.0
        assert (await both.fault("busy")).retry_after == 7.0
        both.standin.retry_after = ""
        assert (await both.fault("limited")).retry_after is None

    with_pair("openai", body)


def test_the_key_is_in_one_header_and_nowhere_else(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def body(both: Pair) -> None:
        fault = await both.fault("denied")
        assert "[key]" in fault.said and KEY not in fault.said and KEY not in repr(fault)
        assert fault.__cause__ is None
        await heard(both.provider, ask(both.model))
        seen = both.standin.seen[-1]
        assert seen.headers["authorization"] == f"Bearer {KEY}"
        assert KEY not in json.dumps(
            [seen.path, seen.body, {k: v for k, v in seen.headers.items() if k != "authorization"}]
        )
        assert KEY not in repr(vars(both.provider)["_link"]) and KEY not in repr(vars(vars(both.provider)["_link"]))

    with_pair("openai", body)
    assert KEY not in caplog.text


def test_addresses_and_keys_that_cannot_be_are_refused_in_words() -> None:
    for url in (
        "",
        "ftp://x",
        "http://",
        "http://user:pass@127.0.0.1",
        "http://127.0.0.1/?a=1",
        "http://[::1",
        "127.0.0.1:80",
    ):
        for make in (lambda u: Ollama(u, timeouts=TIMES), lambda u: OpenAIApi("far", u, KEY, timeouts=TIMES)):
            with pytest.raises(BadInput, match="The address of"):
                make(url)
    with pytest.raises(BadInput, match="is not this machine"):
        OpenAIApi("near", "https://192.0.2.1", KEY, timeouts=TIMES, local=True)
    with pytest.raises(BadInput, match="https") as caught:
        OpenAIApi("far", "http://192.0.2.1", KEY, timeouts=TIMES)
    assert KEY not in str(caught.value)
    for key in ("a b", "sk-\n", "schlüssel"):
        with pytest.raises(BadInput, match="characters that no key has") as caught:
            OpenAIApi("far", "https://192.0.2.1", key, timeouts=TIMES)
        assert key not in str(caught.value)


def test_a_server_that_cannot_hold_an_answer_to_a_schema_is_not_asked_to_again() -> None:
    async def body(both: Pair) -> None:
        assert both.provider.abilities.json
        with pytest.raises(ProviderFault, match="cannot hold an answer to a schema") as caught:
            await heard(both.provider, ask(both.model, schema=SCHEMA))
        assert caught.value.kind is Fault.NO_MODEL
        assert not both.provider.abilities.json

    with_pair("openai", body, schemas=False)


def test_a_schema_that_a_server_finds_invalid_says_nothing_of_the_server() -> None:
    async def body(both: Pair) -> None:
        async def picky(reply: Any) -> None:
            await reply.whole(
                400,
                both.standin.mistake(
                    400, "Invalid schema for response_format 'answer': 'additionalProperties' is required."
                ),
            )

        both.standin.answer = picky  # type: ignore[method-assign]
        with pytest.raises(ProviderFault, match="does not take this schema") as caught:
            await heard(both.provider, ask(both.model, schema=SCHEMA))
        assert caught.value.kind is Fault.NO_MODEL and both.provider.abilities.json

    with_pair("openai", body)


def test_the_other_name_of_the_longest_length_is_learned() -> None:
    async def body(both: Pair) -> None:
        good = both.standin.answer

        async def newer(reply: Any) -> None:
            if "max_tokens" in reply.seen.body:
                await reply.whole(
                    400,
                    both.standin.mistake(
                        400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
                    ),
                )
            else:
                await good(reply)

        both.standin.answer = newer  # type: ignore[method-assign]
        with pytest.raises(ProviderFault) as caught:
            await heard(both.provider, ask(both.model))
        assert (caught.value.kind, caught.value.retry_after) == (Fault.BUSY, 0)
        assert (await heard(both.provider, ask(both.model, max_tokens=2)))[2].cut

    with_pair("openai", body)


def test_what_the_strict_form_takes() -> None:
    assert strict(SCHEMA)
    assert not strict({"type": "object", "properties": {"a": {}}, "required": [], "additionalProperties": False})
    assert not strict({"type": "array", "items": {"type": "object", "properties": {}}})
    assert strict({"anyOf": [{"type": "string"}, {"type": "null"}]})

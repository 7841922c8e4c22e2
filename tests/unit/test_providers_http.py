"""Ollama and OpenAI-compatible servers: every way in which they answer and fail, over real sockets."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from agents.cascade.ports import Call, Fault, Message, Piece, Provider, ProviderFault, Timeouts, Usage
from agents.cascade.providers import http
from agents.cascade.providers.ollama import Ollama
from agents.cascade.providers.openai_api import OpenAIApi, strict
from agents.kernel import location
from agents.kernel.errors import BadInput
from tests.support import ollama_standin, openai_standin
from tests.support.model_server import ModelServer
from tests.support.raw_http import dead_port, silent_port

KEY = "sk-test-1234567890abcdef"
TIMES = Timeouts(connect=1.0, first=20.0, whole=20.0)
SCHEMA = {"type": "object", "properties": {"mood": {"enum": ["calm", "busy"]}}, "required": ["mood"], "additionalProperties": False}
JSON_SAMPLES = location.PROJECT.parent / "shared" / "data" / "json" / "test_parsing"
KINDS = ("ollama", "openai")


def ask(model: str, **more: Any) -> Call:
    return Call(model, (Message("system", "You are Timmy."), Message("user", "How is the evening?")), **more)


async def heard(provider: Provider, call: Call) -> tuple[str, str, Usage]:
    """The whole answer: text, thinking, and what it cost."""
    text = thinking = ""
    usage = None
    async with aclosing(provider.chat(call)) as parts:
        async for part in parts:
            assert usage is None, "something came after the end"
            if isinstance(part, Piece):
                text, thinking = text + part.text, thinking + part.thinking
            else:
                usage = part
    assert usage is not None
    return text, thinking, usage


class Pair:
    """A provider and the stand-in it asks."""

    def __init__(self, kind: str, standin: ModelServer, provider: Provider) -> None:
        self.kind, self.standin, self.provider = kind, standin, provider
        self.model = "llama3.2:latest" if kind == "ollama" else "small-1"
        self.embedder = "all-minilm" if kind == "ollama" else "small-1"

    async def fault(self, name: str, model: str = "") -> ProviderFault:
        self.standin.script.append(name)
        with pytest.raises(ProviderFault) as caught:
            await heard(self.provider, ask(model or self.model))
        return caught.value


def provider_of(kind: str, url: str, **more: Any) -> Provider:
    return Ollama(url, timeouts=TIMES, **more) if kind == "ollama" else OpenAIApi("far", url, KEY, timeouts=TIMES, **more)


@asynccontextmanager
async def pair(kind: str, **more: Any) -> AsyncIterator[Pair]:
    """A stand-in with a provider; afterwards nothing of either is left."""
    made = ollama_standin.Ollama(**more) if kind == "ollama" else openai_standin.OpenAI(secret=KEY, **more)
    before = asyncio.all_tasks()
    async with made as standin:
        provider = provider_of(kind, standin.url)
        try:
            yield Pair(kind, standin, provider)
        finally:
            await provider.close()
            for _ in range(500):
                if not standin.open_connections:
                    break
                await asyncio.sleep(0.01)
            assert not standin.open_connections, "a connection was left open"
    for _ in range(500):  # a client's own inner generators are closed by the loop, a turn later
        if not (left := asyncio.all_tasks() - before):
            break
        await asyncio.sleep(0.01)
    assert not left, "a task was left behind"


def with_pair(kind: str, body: Callable[[Pair], Awaitable[None]], **more: Any) -> None:
    async def run() -> None:
        async with pair(kind, **more) as both:
            await body(both)

    asyncio.run(run())


# -- what works --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_comes_in_pieces_and_ends_with_what_it_cost(kind: str) -> None:
    async def body(both: Pair) -> None:
        parts = [part async for part in both.provider.chat(ask(both.model, temperature=0.5, seed=3, stop=("\n",), max_tokens=100))]
        *pieces, usage = parts
        assert isinstance(usage, Usage) and all(isinstance(piece, Piece) for piece in pieces) and len(pieces) > 5
        assert "".join(piece.text for piece in pieces) == both.standin.text
        assert (usage.tokens_in > 0, usage.tokens_out, usage.counted, usage.cut) == (True, 9, True, False)
        assert usage.model == both.model
        sent = both.standin.seen[-1].body
        assert sent["stream"] is True and [m["role"] for m in sent["messages"]] == ["system", "user"]
        if kind == "ollama":
            assert sent["think"] is False and sent["keep_alive"] and "format" not in sent
            assert sent["options"] == {"num_predict": 100, "temperature": 0.5, "seed": 3, "stop": ["\n"]}
            assert usage.local
        else:
            assert (sent["max_tokens"], sent["temperature"], sent["seed"], sent["stop"]) == (100, 0.5, 3, ["\n"])
            assert not usage.local

    with_pair(kind, body)


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_that_reached_its_longest_length_says_so(kind: str) -> None:
    async def body(both: Pair) -> None:
        text, _, usage = await heard(both.provider, ask(both.model, max_tokens=3))
        assert (text, usage.cut, usage.tokens_out) == ("The sun is", True, 3)

    with_pair(kind, body)


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_sent_and_its_answer_meets_it(kind: str) -> None:
    async def body(both: Pair) -> None:
        text, _, _ = await heard(both.provider, ask(both.model, schema=SCHEMA))
        assert json.loads(text) == {"mood": "calm"}
        sent = both.standin.seen[-1].body
        if kind == "ollama":
            assert sent["format"] == SCHEMA
        else:
            assert sent["response_format"]["json_schema"] == {"name": "answer", "schema": SCHEMA, "strict": True}

    with_pair(kind, body)


@pytest.mark.parametrize("kind", KINDS)
def test_thinking_is_never_part_of_the_answer(kind: str) -> None:
    async def body(both: Pair) -> None:
        both.standin.script.append("thought")
        text, thinking, _ = await heard(both.provider, ask(both.model))
        assert (text, thinking) == (both.standin.text, both.standin.thought)

    with_pair(kind, body)


@pytest.mark.parametrize("kind", KINDS)
def test_tokens_that_are_not_counted_are_estimated(kind: str) -> None:
    async def body(both: Pair) -> None:
        both.standin.script.append("uncounted")
        _, _, usage = await heard(both.provider, ask(both.model))
        assert not usage.counted and usage.tokens_in > 0 and usage.tokens_out == -(-len(both.standin.text) // 4)

    with_pair(kind, body)


@pytest.mark.parametrize("kind", KINDS)
def test_embeddings_come_in_the_order_of_the_texts(kind: str) -> None:
    async def body(both: Pair) -> None:
        found = await both.provider.embed(both.embedder, ("one", "two words", "one"))
        first, second, third = found.rows
        assert first == third != second and len(first) == both.standin.dimension
        assert found.usage.tokens_in == 4 and found.usage.counted

    with_pair(kind, body)


def test_the_models_of_ollama_are_told_apart_by_where_they_run() -> None:
    async def body(both: Pair) -> None:
        found = {model.name: model for model in await both.provider.models()}
        assert set(found) == set(ollama_standin.MODELS)
        here, far = found["llama3.2:latest"], found["gpt-oss:120b-cloud"]
        assert here.local and here.size == 2_019_393_189 and here.family == "llama"
        assert not far.local
        _, _, usage = await heard(both.provider, ask("gpt-oss:120b-cloud"))
        assert not usage.local

    with_pair("ollama", body)


def test_a_model_that_thinks_unless_told_not_to_is_told() -> None:
    async def body(both: Pair) -> None:
        text, thinking, _ = await heard(both.provider, ask("deepseek-r1"))
        assert (text, thinking) == (both.standin.text, "")
        text, thinking, _ = await heard(both.provider, ask("deepseek-r1", think=True))
        assert (text, thinking) == (both.standin.text, both.standin.thought)
        with pytest.raises(ProviderFault, match="does not support thinking") as caught:
            await heard(both.provider, ask(both.model, think=True))
        assert caught.value.kind is Fault.NO_MODEL

    with_pair("ollama", body)


def test_an_ollama_elsewhere_is_not_local_and_no_key_of_the_environment_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", KEY)
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{dead_port()}")

    async def body(both: Pair) -> None:
        await heard(both.provider, ask(both.model))
        assert "authorization" not in both.standin.seen[-1].headers

    with_pair("ollama", body)
    assert Ollama("http://192.0.2.7:11434", timeouts=TIMES)._local is False


def test_the_models_of_an_openai_server_are_local_only_when_it_is_said() -> None:
    async def run() -> None:
        async with openai_standin.OpenAI() as standin:
            for local in (False, True):
                provider = OpenAIApi("near", standin.url, "", timeouts=TIMES, local=local)
                assert [(m.name, m.local) for m in await provider.models()] == [("small-1", local), ("large-1", local)]
                assert (await heard(provider, ask("small-1")))[2].local is local
                assert "authorization" not in standin.seen[-1].headers
                await provider.close()

    asyncio.run(run())


# -- what fails --------------------------------------------------------------------------------

SHAPES = {
    "refused": Fault.REFUSED, "denied": Fault.DENIED, "unpaid": Fault.DENIED, "no_model": Fault.NO_MODEL, "limited": Fault.LIMITED,
    "failed": Fault.BROKEN, "busy": Fault.BUSY, "error_page": Fault.BROKEN, "error_line": Fault.BROKEN, "empty": Fault.EMPTY,
    "only_thought": Fault.ONLY_THOUGHT, "broken_json": Fault.BROKEN, "wrong_shape": Fault.BROKEN, "garbage": Fault.BROKEN,
    "garbage_body": Fault.BROKEN, "huge": Fault.TOO_MUCH, "huge_line": Fault.TOO_MUCH, "cut": Fault.CUT, "cut_clean": Fault.CUT,
    "redirect": Fault.BROKEN,
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SHAPES)
def test_every_way_to_fail_is_told_by_its_own_fault(kind: str, name: str) -> None:
    async def body(both: Pair) -> None:
        fault = await both.fault(name)
        assert fault.kind is SHAPES[name], fault.said
        assert fault.said and len(fault.said) < 300 and fault.said.isprintable()
        text, _, _ = await heard(both.provider, ask(both.model))  # and the next answer is whole
        assert text == both.standin.text
        if name in ("huge", "huge_line"):
            assert both.standin.seen[0].ended == "left" and both.standin.seen[0].bytes < 40_000_000

    with_pair(kind, body)


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_is_not_there(kind: str) -> None:
    async def run() -> None:
        provider = provider_of(kind, f"http://127.0.0.1:{dead_port()}")
        for action in (lambda: heard(provider, ask("m")), provider.models, lambda: provider.embed("m", ("a",))):
            with pytest.raises(ProviderFault) as caught:
                await action()
            assert caught.value.kind is Fault.DEAD
        await provider.close()
        async with silent_port() as port:
            provider = provider_of(kind, f"http://127.0.0.1:{port}")
            with pytest.raises(ProviderFault, match="too long to connect") as caught:
                await heard(provider, ask("m"))
            assert caught.value.kind is Fault.SILENT
            await provider.close()

    asyncio.run(run())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["hang", "hang_mid"])
def test_silence_is_ended_by_the_providers_own_last_limit(kind: str, name: str) -> None:
    async def run() -> None:
        made = ollama_standin.Ollama(default=name) if kind == "ollama" else openai_standin.OpenAI(default=name)
        async with made as standin:
            short = Timeouts(connect=1.0, first=0.3, whole=0.3)
            provider: Provider = Ollama(standin.url, timeouts=short) if kind == "ollama" else OpenAIApi("far", standin.url, KEY, timeouts=short)
            with pytest.raises(ProviderFault) as caught:
                await heard(provider, ask("llama3.2" if kind == "ollama" else "small-1"))
            assert caught.value.kind is Fault.SILENT
            await provider.close()

    asyncio.run(run())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("how", ["aclose", "cancel", "cancel before"])
def test_who_stops_listening_makes_the_server_stop(kind: str, how: str) -> None:
    async def body(both: Pair) -> None:
        both.standin.script.append("hang" if how == "cancel before" else "drip")
        if how == "aclose":
            stream = both.provider.chat(ask(both.model))
            async for part in stream:
                if isinstance(part, Piece) and part.text:
                    break
            await stream.aclose()  # type: ignore[attr-defined]
        else:
            begun = asyncio.Event()

            async def listen() -> None:
                async with aclosing(both.provider.chat(ask(both.model))) as parts:
                    async for _ in parts:
                        begun.set()

            task = asyncio.create_task(listen())
            if how == "cancel":
                await begun.wait()
            else:
                while not both.standin.seen:
                    await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        while not both.standin.seen[0].ended:
            await asyncio.sleep(0.01)
        assert both.standin.seen[0].ended == "left" and both.standin.seen[0].pieces < 9

    with_pair(kind, body)


DISCOVERY = {"failed": Fault.BROKEN, "busy": Fault.BUSY, "broken_json": Fault.BROKEN, "garbage_body": Fault.BROKEN, "wrong_shape": Fault.BROKEN,
             "huge_line": Fault.TOO_MUCH, "redirect": Fault.BROKEN, "garbage": Fault.BROKEN}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", DISCOVERY)
def test_discovery_fails_by_the_same_faults(kind: str, name: str) -> None:
    async def body(both: Pair) -> None:
        both.standin.script.append(("tags:" if kind == "ollama" else "models:") + name)
        with pytest.raises(ProviderFault) as caught:
            await both.provider.models()
        assert caught.value.kind is DISCOVERY[name], caught.value.said
        assert await both.provider.models()

    with_pair(kind, body)


EMBEDDING = {"no_model": Fault.NO_MODEL, "limited": Fault.LIMITED, "broken_json": Fault.BROKEN, "wrong_shape": Fault.BROKEN, "empty": Fault.EMPTY,
             "cut": Fault.CUT, "garbage": Fault.BROKEN}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", EMBEDDING)
def test_embedding_fails_by_the_same_faults(kind: str, name: str) -> None:
    async def body(both: Pair) -> None:
        both.standin.script.append(name)
        with pytest.raises(ProviderFault) as caught:
            await both.provider.embed(both.embedder, ("one", "two"))
        assert caught.value.kind is EMBEDDING[name], caught.value.said

    with_pair(kind, body)


def test_vectors_that_cannot_be_compared_are_refused() -> None:
    usage = Usage(1, 0, True)
    for rows in ([[0.1], [0.1, 0.2]], [[0.1]], [[], []], [[float("nan")], [0.1]], [[float("inf")], [0.1]]):
        with pytest.raises(ProviderFault) as caught:
            http.vectors(rows, 2, usage)
        assert caught.value.kind is Fault.BROKEN


# -- what others send is not trusted -------------------------------------------------------------


def _lines_of(kind: str, text: str) -> str:
    return text if kind == "ollama" else f"data: {text}\n"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("line", [
    "[]", "7", "null", '"text"', "[" * 100_000, '{"a":' * 50_000, "{", "NaN", "1" * 5000, '{"message": 7, "choices": 7}', '{"message": {"role": 7}, "choices": [7]}',
    '{"message": {"role": "assistant", "content": 7}, "choices": [{"delta": {"content": 7}}]}', '{"choices": [{"delta": 7}]}',
    '{"done": "perhaps", "choices": {"a": 1}}', "\ufeff{}", '{"choices": [{"delta": {"content": ["x"]}}]}',
], ids=range(16))  # fmt: skip
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


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_json_is_a_fault_or_no_answer(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sample as a line of an answer: nothing but a ProviderFault may come of it."""
    if not JSON_SAMPLES.is_dir():
        pytest.skip("the folder ../shared/data/json is not there")
    samples = sorted(JSON_SAMPLES.glob("*.json"))
    assert len(samples) > 300

    async def body(both: Pair) -> None:
        current = b""

        async def odd(reply: Any, name: str, pieces: Any, error: bytes, huge: bytes, media: str) -> None:
            await reply.begin(media)
            await reply.chunk((b"" if kind == "ollama" else b"data: ") + current + b"\n\n")
            await reply.finish()

        monkeypatch.setattr(both.standin, "stream", odd)
        for sample in samples:
            current = sample.read_bytes()
            fault = await both.fault("good")
            assert fault.kind in (Fault.BROKEN, Fault.CUT), (sample.name, fault.said)

    with_pair(kind, body)


@pytest.mark.parametrize("kind", KINDS)
def test_half_characters_become_ones_that_can_be_written(kind: str) -> None:
    async def body(both: Pair) -> None:
        both.standin.script.append({"text": "a\ud800b \u2028 \U0001f600 \x00"})
        text, _, _ = await heard(both.provider, ask(both.model))
        assert text == "a\ufffdb \u2028 \U0001f600 \x00"

    with_pair(kind, body)


def test_lines_end_at_newlines_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A raw U+2028 or U+0085 inside a text, as servers that do not escape it send, is a part of it."""

    async def body(both: Pair) -> None:
        async def raw(reply: Any, name: str, pieces: Any, error: bytes, huge: bytes, media: str) -> None:
            await reply.begin(media)
            told = 'data: {"choices":[{"delta":{"content":"one\u2028two\x85"},"finish_reason":"stop"}]}\r\n\r\ndata: [DONE]'.encode()
            for at in range(0, len(told), 7):
                await reply.chunk(told[at : at + 7])
            await reply.finish()

        monkeypatch.setattr(both.standin, "stream", raw)
        assert (await heard(both.provider, ask(both.model)))[0] == "one\u2028two\x85"

    with_pair("openai", body)


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


@pytest.mark.parametrize(("given", "seconds"), [
    ("7", 7.0), ("0", 0.0), ("1.5", 1.5), ("-3", 0.0), ("99999999999", http.LONGEST_RETRY), ("Sun, 01 Mar 2026 07:31:00 GMT", 60.0),
    ("Sun, 01 Mar 2026 07:29:00 GMT", 0.0), ("", None), ("soon", None), ("nan", None), ("inf", None), ("Sun, 99 Mar 2026", None),
])  # fmt: skip
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
        assert KEY not in json.dumps([seen.path, seen.body, {k: v for k, v in seen.headers.items() if k != "authorization"}])
        assert KEY not in repr(vars(both.provider)["_client"])

    with_pair("openai", body)
    assert KEY not in caplog.text


def test_addresses_and_keys_that_cannot_be_are_refused_in_words() -> None:
    for url in ("", "ftp://x", "http://", "http://user:pass@127.0.0.1", "http://127.0.0.1/?a=1", "http://[::1", "127.0.0.1:80"):
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
        await heard(both.provider, ask(both.model, schema=SCHEMA))
        assert "response_format" not in both.standin.seen[-1].body

    with_pair("openai", body, schemas=False)


def test_the_other_name_of_the_longest_length_is_learned() -> None:
    async def body(both: Pair) -> None:
        good = both.standin.answer

        async def newer(reply: Any) -> None:
            if "max_tokens" in reply.seen.body:
                await reply.whole(400, both.standin.mistake(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."))
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

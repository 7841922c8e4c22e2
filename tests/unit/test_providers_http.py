"""Ollama and OpenAI-compatible servers: every way in which they answer and fail, over real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import aclosing

import httpx
import pytest

from agents.cascade.ports import Abilities, Fault, Piece, Provider, ProviderFault, Timeouts, Usage
from agents.cascade.providers import http, ollama
from agents.cascade.providers.ollama import Ollama
from agents.cascade.providers.openai_api import OpenAIApi
from tests.support import ollama_standin, openai_standin
from tests.support.providers import KEY, KINDS, SCHEMA, TIMES, Pair, ask, heard, provider_of, with_pair
from tests.support.raw_http import dead_port, silent_port

# -- what works --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_comes_in_pieces_and_ends_with_what_it_cost(kind: str) -> None:
    async def body(both: Pair) -> None:
        parts = [
            part
            async for part in both.provider.chat(ask(both.model, temperature=0.5, seed=3, stop=("\n",), max_tokens=100))
        ]
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


def shows(both: Pair) -> list[str]:
    """The models that were asked about."""
    return sorted(one.body["model"] for one in both.standin.seen if one.path == "/api/show")


def test_what_ollamas_models_are_is_asked_once_and_of_those_here() -> None:
    async def body(both: Pair) -> None:
        for _ in range(3):
            found = {model.name: model for model in await both.provider.models()}
        here, small = found["llama3.2:latest"], found["all-minilm:latest"]
        assert (here.context, here.parameters, here.quantisation) == (131_072, 3_212_749_888, "Q4_K_M")
        assert (small.context, small.parameters, small.quantisation) == (512, 22_565_376, "F16")
        assert found["gpt-oss:120b-cloud"].context == 0
        assert shows(both) == sorted(name for name, kept in ollama_standin.MODELS.items() if not kept.remote)
        both.standin.models["qwen2.5:1.5b"] = ollama_standin.Kept("qwen2", parameters=1_543_714_304, context=32_768)  # type: ignore[attr-defined]
        del both.standin.models["llama3.2:latest"]  # type: ignore[attr-defined]
        found = {model.name: model for model in await both.provider.models()}
        assert (
            found["qwen2.5:1.5b"].context == 32_768 and shows(both).count("qwen2.5:1.5b") == 1 and len(shows(both)) == 4
        )
        both.standin.models["llama3.2:latest"] = ollama_standin.Kept()  # type: ignore[attr-defined]
        await both.provider.models()
        assert shows(both).count("llama3.2:latest") == 2, "what is not there is not remembered"

    with_pair("ollama", body, models=dict(ollama_standin.MODELS))


def test_what_each_of_ollamas_models_can_do_is_what_it_says() -> None:
    async def body(both: Pair) -> None:
        assert {model.name: model.abilities for model in await both.provider.models()} == {
            "llama3.2:latest": Abilities(json=True, tools=True),
            "llava:latest": Abilities(json=True, tools=True, vision=True),
            "all-minilm:latest": Abilities(chat=False, embed=True),
            "gpt-oss:120b-cloud": Abilities(),  # Ollama's cloud holds no answer to a schema
        }

    with_pair(
        "ollama",
        body,
        models={
            **{name: kept for name, kept in ollama_standin.MODELS.items() if not kept.thinks},
            "llava:latest": ollama_standin.Kept(sees=True),
        },
    )


def test_an_ollama_too_old_to_say_what_its_models_can_do_leaves_it_open() -> None:
    async def body(both: Pair) -> None:
        both.standin.shows = "incapable"  # type: ignore[attr-defined]
        here = {model.name: model for model in await both.provider.models()}["llama3.2:latest"]
        assert (here.abilities, here.context) == (None, 131_072)

    with_pair("ollama", body)


def test_a_model_is_shown_no_more_than_it_is_loaded_with() -> None:
    async def body(both: Pair) -> None:
        bounded = Ollama(both.standin.url, timeouts=TIMES, context=4096)
        assert {model.name: model.context for model in await bounded.models()} == {
            "llama3.2:latest": 4096,
            "deepseek-r1:latest": 4096,
            "all-minilm:latest": 512,
            "gpt-oss:120b-cloud": 0,
        }
        await bounded.close()

    with_pair("ollama", body)


@pytest.mark.parametrize(
    "wrong",
    [
        "failed",
        "busy",
        "no_model",
        "broken_json",
        "garbage_body",
        "garbage",
        "wrong_shape",
        "empty",
        "uncounted",
        "huge_line",
        "redirect",
        "hang",
    ],
)
def test_a_server_that_does_not_tell_what_its_models_are_has_them_all_the_same(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ollama, "SHOWN_SECONDS", 0.5 if wrong == "hang" else 60.0)

    async def body(both: Pair) -> None:
        both.standin.shows = wrong  # type: ignore[attr-defined]
        found = {model.name: model for model in await both.provider.models()}
        assert set(found) == set(ollama_standin.MODELS)
        assert (found["llama3.2:latest"].context, found["llama3.2:latest"].parameters) == (0, 3_200_000_000), (
            "as its list tells it"
        )
        assert (found["all-minilm:latest"].parameters, found["all-minilm:latest"].quantisation) == (23_000_000, "F16")
        asked = len(shows(both))
        both.standin.shows = "good"  # type: ignore[attr-defined]
        told = {model.name: model.context for model in await both.provider.models()}
        if wrong == "uncounted":
            assert len(shows(both)) == asked, "it was told, and says nothing"
        else:
            assert told["llama3.2:latest"] == 131_072, "it is asked again at the next look"

    with_pair("ollama", body)


def test_of_many_models_a_bounded_number_is_asked_about_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ollama, "SHOWN_SECONDS", 60.0)

    async def body(both: Pair) -> None:
        for told in (64, 100, 100):
            found = await both.provider.models()
            assert sum(model.context > 0 for model in found) == told == len(shows(both))
        assert both.standin.open_connections <= 10

    with_pair("ollama", body, models={f"m{number}:latest": ollama_standin.Kept() for number in range(100)})


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


def test_an_ollama_elsewhere_is_not_local_and_no_key_of_the_environment_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", KEY)
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{dead_port()}")

    async def body(both: Pair) -> None:
        await heard(both.provider, ask(both.model))
        assert "authorization" not in both.standin.seen[-1].headers

    with_pair("ollama", body)
    assert Ollama("http://192.0.2.7:11434", timeouts=TIMES)._local is False


def test_an_address_where_nothing_is_answers_with_what_was_asked_for() -> None:
    async def run() -> None:
        async with openai_standin.OpenAI() as standin:
            provider = OpenAIApi("near", f"{standin.url}/v2", "", timeouts=TIMES, local=True)
            for action in (provider.models, lambda: heard(provider, ask("small-1"))):
                with pytest.raises(ProviderFault, match="404: there is nothing at /v2/") as caught:
                    await action()
                assert caught.value.kind is Fault.NO_MODEL
            await provider.close()

    asyncio.run(run())


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


@pytest.mark.parametrize("kind", KINDS)
def test_one_connection_serves_one_answer_after_another(kind: str) -> None:
    async def body(both: Pair) -> None:
        for _ in range(10):
            assert (await heard(both.provider, ask(both.model)))[0] == both.standin.text
        assert [seen.ended for seen in both.standin.seen] == ["whole"] * 10
        assert both.standin.connections == 1

    with_pair(kind, body)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["hang_end", "babble_end"])
def test_what_follows_an_answer_is_not_waited_for(kind: str, name: str) -> None:
    async def body(both: Pair) -> None:
        both.standin.script.append(name)
        assert (await heard(both.provider, ask(both.model)))[0] == both.standin.text
        for _ in range(500):
            if both.standin.seen[0].ended:
                break
            await asyncio.sleep(0.01)
        assert both.standin.seen[0].ended == "left" and both.standin.seen[0].bytes < 20_000_000
        assert (await heard(both.provider, ask(both.model)))[0] == both.standin.text
        assert both.standin.connections == 2

    with_pair(kind, body)


# -- what fails --------------------------------------------------------------------------------

SHAPES = {
    "refused": Fault.REFUSED,
    "denied": Fault.DENIED,
    "unpaid": Fault.DENIED,
    "no_model": Fault.NO_MODEL,
    "limited": Fault.LIMITED,
    "failed": Fault.BROKEN,
    "busy": Fault.BUSY,
    "error_page": Fault.BROKEN,
    "error_line": Fault.BROKEN,
    "empty": Fault.EMPTY,
    "only_thought": Fault.ONLY_THOUGHT,
    "broken_json": Fault.BROKEN,
    "wrong_shape": Fault.BROKEN,
    "garbage": Fault.BROKEN,
    "garbage_body": Fault.BROKEN,
    "huge": Fault.TOO_MUCH,
    "huge_line": Fault.TOO_MUCH,
    "cut": Fault.CUT,
    "cut_clean": Fault.CUT,
    "redirect": Fault.BROKEN,
}


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
        port = dead_port()
        provider = provider_of(kind, f"http://127.0.0.1:{port}")
        for action in (lambda: heard(provider, ask("m")), provider.models, lambda: provider.embed("m", ("a",))):
            with pytest.raises(ProviderFault) as caught:
                await action()
            assert (caught.value.kind, caught.value.said) == (Fault.DEAD, f"nothing listens at 127.0.0.1:{port}")
        await provider.close()
        async with silent_port() as port:
            provider = provider_of(kind, f"http://127.0.0.1:{port}")
            with pytest.raises(ProviderFault, match="too long to connect") as caught:
                await heard(provider, ask("m"))
            assert caught.value.kind is Fault.SILENT
            await provider.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (socket.gaierror(-2, "Name or service not known"), "the name of far.example:443 cannot be resolved"),
        (OSError(101, "Network is unreachable"), "far.example:443 cannot be reached (Network is unreachable)"),
        (
            ExceptionGroup("several", [ConnectionRefusedError(111, "Connection refused")]),
            "nothing listens at far.example:443",
        ),
        (None, "far.example:443 cannot be reached"),
    ],
)
def test_why_a_server_was_not_reached_is_told_in_our_words(cause: Exception | None, said: str) -> None:
    with pytest.raises(ProviderFault) as caught, http.translated(http.place(httpx.URL("https://far.example/v1"))):
        raise httpx.ConnectError("All connection attempts failed") from cause
    assert (caught.value.kind, caught.value.said) == (Fault.DEAD, said)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["hang", "hang_mid"])
def test_silence_is_ended_by_the_providers_own_last_limit(kind: str, name: str) -> None:
    async def run() -> None:
        made = ollama_standin.Ollama(default=name) if kind == "ollama" else openai_standin.OpenAI(default=name)
        async with made as standin:
            short = Timeouts(connect=1.0, first=0.3, whole=0.3)
            provider: Provider = (
                Ollama(standin.url, timeouts=short)
                if kind == "ollama"
                else OpenAIApi("far", standin.url, KEY, timeouts=short)
            )
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


DISCOVERY = {
    "failed": Fault.BROKEN,
    "busy": Fault.BUSY,
    "broken_json": Fault.BROKEN,
    "garbage_body": Fault.BROKEN,
    "wrong_shape": Fault.BROKEN,
    "huge_line": Fault.TOO_MUCH,
    "redirect": Fault.BROKEN,
    "garbage": Fault.BROKEN,
}


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


EMBEDDING = {
    "no_model": Fault.NO_MODEL,
    "limited": Fault.LIMITED,
    "broken_json": Fault.BROKEN,
    "wrong_shape": Fault.BROKEN,
    "empty": Fault.EMPTY,
    "cut": Fault.CUT,
    "garbage": Fault.BROKEN,
}


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

"""llama.cpp in its worker process, on a model file small enough for tests: real loading, real answers, real crashes."""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from agents.cascade.ports import Call, Fault, Message, Piece, Timeouts
from agents.cascade.providers import worker_link
from agents.cascade.providers.llama import Llama
from agents.cascade.providers.openai_api import OpenAIApi
from tests.support import tiny_gguf
from tests.support.tiny_llama import BINDINGS, TIMES, ask, fault_of, heard, heard_of, running, with_llama

pytestmark = pytest.mark.system


def listening_of(pid: int) -> list[str]:
    """The sockets on which a process listens, of any kind; none where one cannot look."""
    if not Path("/proc/net/unix").is_file():
        return []
    held = {os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()}
    rows = [
        (line.split(), table)
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
    ]
    found = [row[1] for row, _ in rows if row[3] == "0A" and f"socket:[{row[9]}]" in held]
    paths = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:]]
    return found + [row[7] for row in paths if len(row) > 7 and f"socket:[{row[6]}]" in held and Path(row[7]).exists()]


# -- answers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("binding", BINDINGS)
def test_it_answers_in_pieces_and_counts_its_tokens(binding: str, tiny: tuple[Path, str]) -> None:
    async def body(provider: Llama) -> None:
        assert provider.pid is None, "nothing runs before it is needed"
        (model,) = await provider.models()
        assert (model.name, model.local, model.size) == ("tiny", True, tiny[0].stat().st_size)
        pieces, usage = await heard(provider, ask())
        assert len(pieces) > 3 and usage.local and usage.counted and usage.cut and usage.model == "tiny"
        assert usage.tokens_out == 24 and usage.tokens_in > 30
        pid = provider.pid
        assert not listening_of(pid or 0), "it may be asked by whoever started it alone"
        again, _ = await heard(provider, ask())
        assert "".join(again) == "".join(pieces), "the same seed says the same"
        other, _ = await heard(provider, ask(seed=2, temperature=1.5))
        assert "".join(other) != "".join(pieces)
        assert provider.pid == pid, "one worker serves many calls"
        assert (await fault_of(heard(provider, Call("other", (Message("user", "?"),))))).kind is Fault.NO_MODEL

    with_llama(tiny, body, binding=binding)


@pytest.mark.parametrize("binding", BINDINGS)
def test_calls_at_once_are_answered_one_after_another(binding: str, tiny: tuple[Path, str]) -> None:
    async def body(provider: Llama) -> None:
        alone = ["".join((await heard(provider, ask(seed=seed)))[0]) for seed in range(4)]
        together = await asyncio.gather(*(heard(provider, ask(seed=seed)) for seed in range(4)))
        assert ["".join(pieces) for pieces, _ in together] == alone

    with_llama(tiny, body, binding=binding)


@pytest.mark.parametrize("binding", BINDINGS)
def test_vectors_are_of_one_length_and_the_same_for_the_same_text(binding: str, tiny: tuple[Path, str]) -> None:
    async def body(provider: Llama) -> None:
        found = await provider.embed("tiny", ("a warm hall", "a cold night", "a warm hall"))
        first, second, third = found.rows
        assert len(first) == tiny_gguf.WIDTH and first != second
        assert all(abs(a - b) < 1e-4 for a, b in zip(first, third, strict=True))
        assert all(math.isclose(math.hypot(*row), 1, rel_tol=1e-4) for row in found.rows)
        assert found.usage.tokens_in > 20 and found.usage.local
        assert (await heard(provider, ask()))[1].tokens_out == 24, "it still answers"

    with_llama(tiny, body, binding=binding)


DEEP = {
    "$defs": {
        "Step": {
            "type": "object",
            "properties": {
                "do": {"enum": ["walk", 'say "hi"', "back\\slash", "new\nline", "ünï"]},
                "times": {"type": "integer", "minimum": 1, "maximum": 12},
            },
            "required": ["do", "times"],
            "additionalProperties": False,
        }
    },
    "type": "object",
    "additionalProperties": False,
    "required": ["mood", "steps", "sure", "note", "far"],
    "properties": {
        "mood": {"type": "string", "maxLength": 8},
        "steps": {"type": "array", "items": {"$ref": "#/$defs/Step"}, "minItems": 1, "maxItems": 3},
        "sure": {"type": "boolean"},
        "note": {"anyOf": [{"type": "string", "minLength": 2, "maxLength": 12}, {"type": "null"}]},
        "far": {"type": "integer", "minimum": -3, "maximum": 3},
    },
}
FREE = {
    "type": "object",
    "properties": {"title": {"type": "string"}},
    "required": ["title"],
    "additionalProperties": False,
}


async def _whole_answers(provider: Llama, seeds: range) -> int:
    """How many answers to schemas came to their end; each of those has to meet its schema."""
    whole = 0
    for seed in seeds:
        for schema in (DEEP, FREE):
            pieces, usage = await heard(provider, ask(schema=schema, seed=seed, temperature=2.0, max_tokens=480))
            if not usage.cut:
                jsonschema.validate(json.loads("".join(pieces)), schema)
                whole += 1
    return whole


@pytest.mark.parametrize("binding", BINDINGS)
def test_an_answer_to_a_schema_always_parses_and_meets_it(binding: str, tiny: tuple[Path, str]) -> None:
    """A model of random weights says anything it may, so what it may say is what the grammar allows."""

    async def body(provider: Llama) -> None:
        assert await _whole_answers(provider, range(25)) >= 40, "hardly an answer came to its end"

    with_llama(tiny, body, binding=binding)


@pytest.mark.soak
@pytest.mark.parametrize("binding", BINDINGS)
def test_many_answers_to_schemas_all_meet_them(binding: str, tiny: tuple[Path, str]) -> None:
    async def body(provider: Llama) -> None:
        assert await _whole_answers(provider, range(1000, 1200)) >= 320

    with_llama(tiny, body, binding=binding)


@pytest.mark.parametrize("binding", BINDINGS)
def test_an_answer_that_does_not_meet_its_schema_is_a_fault(
    binding: str, tiny: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever slips through a grammar is caught: here the grammar is of another schema than the one checked."""

    async def body(provider: Llama) -> None:
        real = worker_link.Link.ask

        def other(link: Any, what: dict[str, Any]) -> Any:
            return real(link, {"chat": what["chat"] | {"schema": {"enum": [7]}}})

        monkeypatch.setattr(worker_link.Link, "ask", other)
        fault = await fault_of(heard(provider, ask(schema=FREE)))
        assert fault.kind is Fault.BROKEN and "does not meet the schema" in fault.said

    with_llama(tiny, body, binding=binding)


@pytest.mark.parametrize("binding", BINDINGS)
def test_what_is_too_long_for_the_model_is_told(binding: str, tiny: tuple[Path, str]) -> None:
    async def body(provider: Llama) -> None:
        fault = await fault_of(heard(provider, Call("tiny", (Message("user", "x" * 3000),))))
        assert fault.kind is Fault.NO_MODEL and "512" in fault.said
        assert (await heard(provider, ask()))[1].tokens_out == 24

    with_llama(tiny, body, binding=binding)


# -- stopping and dying ----------------------------------------------------------------------------


@pytest.mark.parametrize("binding", BINDINGS)
def test_an_answer_nobody_wants_stops_and_the_worker_stays(binding: str, tiny: tuple[Path, str]) -> None:
    async def body(provider: Llama) -> None:
        await heard(provider, ask())
        pid = provider.pid
        for _ in range(5):
            stream = provider.chat(ask(max_tokens=100_000))
            async for part in stream:
                assert isinstance(part, Piece)
                break
            async with asyncio.timeout(worker_link.PATIENCE + 10):
                await stream.aclose()  # type: ignore[attr-defined]
        assert provider.pid == pid, "it had to be killed"
        assert (await heard(provider, ask()))[1].tokens_out == 24

    with_llama(tiny, body, binding=binding)


def test_a_worker_that_does_not_stop_is_killed_and_another_started(tiny: tuple[Path, str]) -> None:
    async def body(provider: Llama) -> None:
        stream = provider.chat(ask(max_tokens=100_000))
        await anext(stream)
        first = provider.pid
        assert first
        os.kill(first, signal.SIGSTOP)
        await stream.aclose()  # type: ignore[attr-defined]
        assert provider.pid is None
        assert (await heard(provider, ask()))[1].tokens_out == 24
        assert provider.pid not in (None, first)

    with_llama(tiny, body)


@pytest.mark.parametrize("when", ["idle", "answering", "loading"])
def test_a_worker_that_crashes_is_a_fault_and_started_anew(
    when: str, tiny: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body(provider: Llama) -> None:
        if when == "idle":
            await heard(provider, ask())
            first = provider.pid
            os.kill(first or 0, signal.SIGSEGV)
            while provider.pid is not None:
                await asyncio.sleep(0.01)
        elif when == "answering":
            stream = provider.chat(ask(max_tokens=100_000))
            await anext(stream)
            first = provider.pid
            os.kill(first or 0, signal.SIGSEGV)
            fault = await fault_of(heard_of(stream))
            assert fault.kind is Fault.BROKEN and "SIGSEGV" in fault.said
        else:
            real = worker_link.Link.load

            async def dying(link: worker_link.Link, wanted: Any) -> int:
                os.kill(link.pid, signal.SIGKILL)
                return await real(link, wanted)

            with monkeypatch.context() as patched:
                patched.setattr(worker_link.Link, "load", dying)
                fault = await fault_of(heard(provider, ask()))
            assert fault.kind is Fault.BROKEN and "SIGKILL" in fault.said
            first = None
        pieces, _ = await heard(provider, ask())
        assert pieces and provider.pid not in (None, first)

    with_llama(tiny, body)


def test_loading_goes_on_when_whoever_waited_has_gone(tiny: tuple[Path, str]) -> None:
    async def body(provider: Llama) -> None:
        task = asyncio.create_task(heard(provider, ask()))
        while provider._loading is None:
            await asyncio.sleep(0)
        loading = provider._loading
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not loading.cancelled()
        assert (await heard(provider, ask()))[1].tokens_out == 24
        assert provider._loading is loading, "it was loaded once"

    with_llama(tiny, body)


def test_a_worker_that_never_ends_loading_is_killed(tiny: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        real, pids = worker_link.Link.load, []

        async def held(link: worker_link.Link, wanted: Any) -> int:
            pids.append(link.pid)
            os.kill(link.pid, signal.SIGSTOP)
            return await real(link, wanted)

        async with running(*tiny, timeouts=Timeouts(whole=0.3)) as provider:
            with monkeypatch.context() as patched:
                patched.setattr(worker_link.Link, "load", held)
                fault = await fault_of(heard(provider, ask()))
            assert fault.kind is Fault.SILENT and "was not loaded" in fault.said
            with pytest.raises(ProcessLookupError):
                os.kill(pids[0], 0)

    asyncio.run(run())


def test_a_worker_ends_with_whoever_started_it(tiny: tuple[Path, str], tmp_path: Path) -> None:
    """`kill -9` of the cascade leaves no model in memory, also in the midst of an answer."""
    program = (
        "import asyncio, pathlib, sys\n"
        "from agents.cascade.ports import Call, Message, Timeouts\n"
        "from agents.cascade.providers.llama import Llama\n"
        "async def main():\n"
        "    one = Llama(pathlib.Path(sys.argv[1]), sys.argv[2], timeouts=Timeouts(), context=512, threads=1)\n"
        "    async for _ in one.chat(Call('tiny', (Message('user', 'go'),), max_tokens=10**6)):\n"
        "        print(one.pid, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )

    async def run() -> None:
        import sys

        parent = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, str(tiny[0]), tiny[1], stdout=asyncio.subprocess.PIPE
        )
        assert parent.stdout is not None
        worker = int(await parent.stdout.readline())
        os.kill(worker, 0)
        parent.kill()
        await parent.wait()
        for _ in range(1000):
            try:
                os.kill(worker, 0)
                status = Path(f"/proc/{worker}/status")
                if status.is_file() and "\nState:\tZ" in status.read_text():
                    return  # it has ended, and whoever inherited it has not looked yet
            except (ProcessLookupError, FileNotFoundError):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("the worker lives on")

    asyncio.run(run())


# -- llama.cpp's own server, asked as any OpenAI-compatible one ------------------------------------

SERVER = """
import sys, threading, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.n_ctx, params.n_parallel, params.embedding = sys.argv[1], 512, 1, True
params.hostnames, params.api_keys, params.verbosity, params.cpuparams.n_threads = ["127.0.0.1"], ["right"], -1, 1
params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


def test_the_openai_provider_asks_a_real_llama_cpp_server(tiny: tuple[Path, str]) -> None:
    async def run() -> None:
        import sys

        server = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            SERVER,
            str(tiny[0]),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert server.stdout is not None and server.stdin is not None
        url = (await server.stdout.readline()).decode().strip()
        provider = OpenAIApi("near", url, "right", timeouts=TIMES, local=True)
        stranger = OpenAIApi("near", url, "wrong", timeouts=TIMES, local=True)
        try:
            (model,) = await provider.models()
            assert model.local
            call = Call(model.name, ask().messages, max_tokens=24, seed=1)
            pieces, usage = await heard(provider, call)
            assert len(pieces) > 3 and (usage.tokens_out, usage.cut, usage.local, usage.counted) == (
                24,
                True,
                True,
                True,
            )
            mood = {
                "type": "object",
                "properties": {"mood": {"enum": ["calm", "busy"]}},
                "required": ["mood"],
                "additionalProperties": False,
            }
            text = "".join(
                (await heard(provider, Call(model.name, ask().messages, schema=mood, max_tokens=400, seed=1)))[0]
            )
            jsonschema.validate(json.loads(text), mood)
            rows = (await provider.embed(model.name, ("one", "two"))).rows
            assert len(rows) == 2 and len(rows[0]) == tiny_gguf.WIDTH
            assert (await fault_of(heard(stranger, call))).kind is Fault.DENIED
            long = await fault_of(heard(provider, Call(model.name, (Message("user", "x" * 3000),))))
            assert long.kind is Fault.NO_MODEL and "512" in long.said
            stream = provider.chat(Call(model.name, ask().messages, max_tokens=100_000))
            async for _ in stream:
                break
            await stream.aclose()  # type: ignore[attr-defined]
            assert (await heard(provider, call))[1].tokens_out == 24, "the one slot is free again"
        finally:
            await provider.close()
            await stranger.close()
            server.kill()
            await server.wait()
            server.stdin.close()

    asyncio.run(run())

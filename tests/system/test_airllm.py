"""AirLLM in its worker process, on a folder small enough for tests: real loading, real answers, a real end.

Runs where the extra `air` is installed, which the lock has not.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
from pathlib import Path

import pytest

from agents.cascade.ports import Call, Fault, Message, Timeouts
from agents.cascade.providers.air import Air
from tests.support import tiny_air
from tests.support.tiny_llama import ask, fault_of, heard, heard_of

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(importlib.util.find_spec("airllm") is None, reason="AirLLM is not installed"),
]


def test_it_answers_token_by_token_stops_and_is_started_anew(tmp_path: Path) -> None:
    async def body() -> None:
        provider = Air(folder, timeouts=Timeouts())
        try:
            assert provider.pid is None, "nothing runs before it is needed"
            pieces, usage = await heard(provider, ask())
            first = provider.pid
            assert len(pieces) > 3 and set("".join(pieces).split()) <= set(tiny_air.WORDS)
            assert (
                usage.local
                and usage.counted
                and usage.model == "tiny"
                and 0 < usage.tokens_out <= 24
                and usage.tokens_in > 5
            )
            assert (await provider.models())[0].context == tiny_air.CONTEXT
            again, _ = await heard(provider, ask())
            assert again == pieces, "the same seed says the same"
            other, _ = await heard(provider, ask(seed=2, temperature=1.5))
            assert other != pieces and provider.pid == first
            word = "".join(pieces).split()[2]
            short, usage = await heard(provider, ask(stop=(word,)))
            assert word not in "".join(short) and not usage.cut and "".join(pieces).startswith("".join(short))
            fault = await fault_of(heard(provider, Call("tiny", (Message("user", "hall " * 300),))))
            assert fault.kind is Fault.NO_MODEL and str(tiny_air.CONTEXT) in fault.said

            stream = provider.chat(ask(max_tokens=200))
            await anext(stream)
            await stream.aclose()  # type: ignore[attr-defined]
            assert (await heard(provider, ask()))[0] == pieces, (
                "in the same worker, or in another if it had to be killed"
            )

            stream = provider.chat(ask(max_tokens=200))
            await anext(stream)
            os.kill(provider.pid or 0, signal.SIGKILL)
            fault = await fault_of(heard_of(stream))
            assert fault.kind is Fault.BROKEN and "SIGKILL" in fault.said
            assert (await heard(provider, ask()))[0] == pieces
        finally:
            await provider.close()
        assert provider.pid is None

    folder = tmp_path / "tiny"
    tiny_air.make(folder)
    asyncio.run(body())


def test_a_folder_that_it_cannot_read_is_refused_until_it_changes(tmp_path: Path) -> None:
    async def body() -> None:
        provider = Air(folder, timeouts=Timeouts())
        try:
            fault = await fault_of(heard(provider, ask()))
            assert fault.kind is Fault.NO_MODEL and "AirLLM cannot load the folder" in fault.said
            assert (await fault_of(provider.models())).said == fault.said and provider.pid is None
        finally:
            await provider.close()

    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "config.json").write_text('{"architectures": ["LlamaForCausalLM"], "model_type": "llama"}')
    (folder / "model.safetensors").write_bytes(b"no weights")
    asyncio.run(body())

"""The llama provider on a model file small enough for tests, in its real worker process.

Owns the provider's beginning and end: afterwards neither its worker nor a task of it may be left.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from agents.cascade.ports import Call, Message, ProviderFault, Timeouts, Usage
from agents.cascade.providers import llama_engine
from agents.cascade.providers.llama import Llama

TIMES = Timeouts()
BINDINGS = [
    pytest.param(name, marks=() if name in llama_engine.installed() else pytest.mark.skip(f"{name} is not installed"))
    for name in llama_engine.BINDINGS
]


def ask(**more: Any) -> Call:
    return Call(
        "tiny",
        (Message("system", "You are Timmy."), Message("user", "How is the evening?")),
        **{"max_tokens": 24, "seed": 1} | more,
    )


async def heard(provider: Any, call: Call) -> tuple[list[str], Usage]:
    return await heard_of(provider.chat(call))


async def heard_of(stream: Any) -> tuple[list[str], Usage]:
    async with aclosing(stream) as parts:
        *pieces, usage = [part async for part in parts]
    assert isinstance(usage, Usage)
    return [piece.text for piece in pieces], usage


async def fault_of(action: Awaitable[Any]) -> ProviderFault:
    with pytest.raises(ProviderFault) as caught:
        await action
    return caught.value


@asynccontextmanager
async def running(path: Path, sha256: str, **more: Any) -> AsyncIterator[Llama]:
    """A provider; afterwards neither its worker nor a task of its is left."""
    provider = Llama(path, sha256, **{"timeouts": TIMES, "context": 512, "threads": 1} | more)
    before = asyncio.all_tasks()
    pids: set[int] = set()
    try:
        yield provider
        pids.add(provider.pid or 0)
    finally:
        await provider.close()
    assert asyncio.all_tasks() == before
    for pid in pids - {0}:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def with_llama(tiny: tuple[Path, str], body: Callable[[Llama], Awaitable[None]], **more: Any) -> None:
    async def run() -> None:
        async with running(*tiny, **more) as provider:
            await body(provider)

    asyncio.run(run())

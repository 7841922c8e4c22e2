"""A provider that asks by HTTP beside the stand-in it asks, and what a test hears of its answer.

Owns the pair's beginning and end: afterwards no connection and no task of it may be left.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from agents.cascade.ports import Call, Message, Piece, Provider, ProviderFault, Timeouts, Usage
from agents.cascade.providers.ollama import Ollama
from agents.cascade.providers.openai_api import OpenAIApi
from tests.support import ollama_standin, openai_standin
from tests.support.model_server import ModelServer

KEY = "sk-test-1234567890abcdef"
TIMES = Timeouts(connect=1.0, first=20.0, whole=20.0)
KINDS = ("ollama", "openai")
SCHEMA = {
    "type": "object",
    "properties": {"mood": {"enum": ["calm", "busy"]}},
    "required": ["mood"],
    "additionalProperties": False,
}


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
    return (
        Ollama(url, timeouts=TIMES, **more) if kind == "ollama" else OpenAIApi("far", url, KEY, timeouts=TIMES, **more)
    )


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

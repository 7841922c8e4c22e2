"""Ollama, asked by its own client.

Owns the translation between the cascade's words and Ollama's. Refuses to call an answer local because the server is:
Ollama passes some models on to other machines and says so in `remote_host`, which its client's own types drop.
Always streams, because a call that does not may go on after it was cancelled; always says whether to think, because a
model that can does when nothing is said. What each model is (`/api/show`) is asked once, a few at a time and for a moment: a
server that does not tell has its models all the same.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from typing import Any

import httpx
import ollama
from pydantic import Field

from agents.cascade.budget import estimate
from agents.cascade.ports import (
    Abilities,
    Call,
    Fault,
    Model,
    Piece,
    ProviderFault,
    Timeouts,
    Usage,
    Vectors,
    nothing,
)
from agents.cascade.providers import http

KEEP = "30m"
"""How long a model stays loaded after an answer: to load one again takes far longer than to answer."""
SHOWN, SHOWN_AT_ONCE, SHOWN_SECONDS = 64, 4, 2.0
"""How many models are asked about in one look, how many of them at once, and for how long in all; the rest in the next look."""
_COUNT = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)([KMBT])", re.IGNORECASE)
_NEXT_LINE = "\x85".encode()


class _Told(ollama.ChatResponse):
    remote_model: str | None = None
    remote_host: str | None = None


class _Listed(ollama.ListResponse.Model):
    remote_model: str | None = None
    remote_host: str | None = None


class _List(ollama.ListResponse):
    models: list[_Listed] = Field(default_factory=list)


_FULLER: dict[Any, Any] = {ollama.ChatResponse: _Told, ollama.ListResponse: _List}


class _Client(ollama.AsyncClient):
    """The official client, with answers that keep where they were made."""

    async def _request(self, cls: Any, *args: Any, **more: Any) -> Any:
        return await super()._request(_FULLER.get(cls, cls), *args, **more)


class _Lines(http.Bounded):
    """The transport of a client that also ends a line at U+0085: that reaches it as JSON's own escape."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        response.stream = _Escaped(response.stream)
        return response


class _Escaped(httpx.AsyncByteStream):
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        held = b""
        async for data in self._inner:
            data = held + data
            held = data[-1:] if data.endswith(_NEXT_LINE[:1]) else b""
            yield data[: len(data) - len(held)].replace(_NEXT_LINE, b"\\u0085")
        if held:
            yield held

    async def aclose(self) -> None:
        await self._inner.aclose()


class Ollama:
    """One Ollama server. `context`: tokens with which it shall load models; 0 leaves that to it."""

    name = "ollama"

    def __init__(self, url: str, *, timeouts: Timeouts, context: int = 0, keep: str = KEEP) -> None:
        """Connects at the first request. Raises BadInput when `url` is no address."""
        host = http.address(url, "Ollama")
        self.abilities = Abilities(embed=True, json=True)
        self._local, self._where = http.is_loopback(host.host), http.place(host)
        self._context, self._keep = context, keep
        self._shown: dict[tuple[str, str], tuple[int, int, Abilities | None]] = {}
        """Context, parameters and abilities of each model, by its name and the digest of its file; of none that is not there any more."""
        self._client = _Client(
            str(host), timeout=http.times(timeouts), transport=_Lines(), trust_env=False, follow_redirects=False,
            headers=http.HEADERS, event_hooks={"request": [_without_key]},
        )  # fmt: skip

    async def models(self) -> tuple[Model, ...]:
        """What is installed there, by `/api/tags`; what each is, by `/api/show`."""
        with _translated(self._where):
            found = [one for one in (await self._client.list()).models if one.model]
            await self._look([(str(one.model), str(one.digest)) for one in found if self._here(one)])
            return tuple(map(self._model, found))

    def _model(self, one: Any) -> Model:
        told = one.details
        context, parameters, able = self._shown.get((str(one.model), str(one.digest)), (0, 0, Abilities() if _passed_on(one) else None))
        return Model(
            http.text(one.model), self._here(one), min(context, self._context or context), http.number(int(one.size or 0)),
            http.text(told.family if told else ""), parameters or _count(told.parameter_size if told else ""),
            http.text(told.quantization_level if told else ""), able,
        )  # fmt: skip

    async def _look(self, found: list[tuple[str, str]]) -> None:
        """Ask what the models are of which that is not known; those that nothing is learnt of are asked again in the next look."""
        self._shown = {key: self._shown[key] for key in found if key in self._shown}
        new, places = [key for key in found if key not in self._shown][:SHOWN], asyncio.Semaphore(SHOWN_AT_ONCE)

        async def show(key: tuple[str, str]) -> None:
            with suppress(ProviderFault):
                async with places:
                    with _translated(self._where):
                        shown = await self._client.show(key[0])
                        told = shown.modelinfo or {}
                        kind = http.text(told.get("general.architecture"))
                        self._shown[key] = (http.number(told.get(f"{kind}.context_length")), http.number(told.get("general.parameter_count")),
                                            _abilities(shown.capabilities))  # fmt: skip

        with suppress(TimeoutError):
            async with asyncio.timeout(SHOWN_SECONDS):
                await asyncio.gather(*map(show, new))

    async def chat(self, call: Call) -> AsyncIterator[Piece | Usage]:
        """The answer as it comes."""
        options = {"num_predict": call.max_tokens, "temperature": call.temperature, "seed": call.seed,
                   "stop": list(call.stop) or None, "num_ctx": self._context or None}  # fmt: skip
        size, spoke, thought, here = 0, False, False, True
        with _translated(self._where):
            stream = await self._client.chat(
                call.model, [{"role": m.role, "content": m.content} for m in call.messages], stream=True, think=call.think,
                format=dict(call.schema) if call.schema is not None else None, keep_alive=self._keep,
                options={name: value for name, value in options.items() if value is not None},
            )  # fmt: skip
            async with aclosing(stream) as parts:  # type: ignore[type-var]
                async for part in parts:
                    here = here and self._here(part)
                    piece = Piece(http.text(part.message.content), http.text(part.message.thinking))
                    if piece.text or piece.thinking:
                        spoke, thought = spoke or bool(piece.text.strip()), thought or bool(piece.thinking)
                        size += len(piece.text) + len(piece.thinking)
                        yield piece
                    if part.done:
                        if not spoke:
                            raise nothing(thought)
                        with suppress(ollama.ResponseError):
                            await http.rest(parts)
                        yield self._usage(part, call, size, here)
                        return
        raise ProviderFault(Fault.CUT, "its answer stopped before the end")

    async def embed(self, model: str, texts: tuple[str, ...]) -> Vectors:
        """Embeddings, by `/api/embed`."""
        with _translated(self._where):
            found = await self._client.embed(model, list(texts), keep_alive=self._keep)
            counted = found.prompt_eval_count is not None
            tokens = http.number(found.prompt_eval_count) if counted else estimate(sum(map(len, texts)))
            return http.vectors(found.embeddings, len(texts), Usage(tokens, 0, self._local, counted, http.text(found.model)))

    async def close(self) -> None:
        """Let its connections go."""
        await self._client.close()  # type: ignore[no-untyped-call]

    def _here(self, told: Any) -> bool:
        return self._local and not _passed_on(told)

    def _usage(self, end: Any, call: Call, size: int, here: bool) -> Usage:
        counted = end.prompt_eval_count is not None and end.eval_count is not None
        tokens_in = http.number(end.prompt_eval_count) if counted else estimate(sum(len(m.content) for m in call.messages))
        tokens_out = http.number(end.eval_count) if counted else estimate(size)
        return Usage(tokens_in, tokens_out, here, counted, http.text(end.model) or call.model, end.done_reason == "length")


def _passed_on(told: Any) -> bool:
    """Whether it is made in Ollama's cloud, which chats, holds no answer to a schema, and makes no vectors."""
    return bool(getattr(told, "remote_host", None) or getattr(told, "remote_model", None))


def _abilities(told: Sequence[str] | None) -> Abilities | None:
    """What a model can do; None of a server that is too old to say it."""
    chat = "completion" in (told or ())
    return Abilities(chat, "embedding" in told, json=chat, tools="tools" in told, vision="vision" in told) if told else None


def _count(told: str | None) -> int:
    """What `3.2B` and `137M` say; 0 of anything else."""
    found = _COUNT.fullmatch(told or "")
    return round(float(found[1]) * 1000 ** ("KMBT".index(found[2].upper()) + 1)) if found else 0


async def _without_key(request: httpx.Request) -> None:
    """The client takes a key from the environment; that one is meant for another server than this."""
    request.headers.pop("authorization", None)


@contextmanager
def _translated(where: str) -> Any:
    with http.translated(where):
        try:
            yield
        except ollama.ResponseError as error:
            said = http.said(error.error)
            if error.status_code == -1:  # an error line in the stream
                raise ProviderFault(Fault.BROKEN, said) from None
            if "does not support" in said and error.status_code == 400:  # as chat with a model that only embeds
                raise ProviderFault(Fault.NO_MODEL, said) from None
            raise http.of_status(error.status_code, said) from None

"""Servers that speak the OpenAI-compatible HTTP API: remote ones that were opted into, and local ones.

Owns the translation between the cascade's vocabulary and that API's, read from a stream of server-sent events. Only
the server sees the key: it is in one header, and is removed from whatever the server says before that is shown or
logged.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import httpx

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
    nothing_but_a_call,
)
from agents.cascade.providers import http, openai_stream
from agents.cascade.tokens import estimate, tokens, weight
from agents.kernel.clock import Clock, SystemClock
from agents.kernel.errors import BadInput

ABILITIES = Abilities(embed=True, json=True)
ABLE = {"claude": Abilities()}
"""Abilities of APIs whose documentation promises less: Anthropic's ignores `response_format`, and has no embeddings."""
_CONTEXT = ("context_length", "context_window", "max_model_len")
"""The names under which servers give a model's context in tokens; the API has none."""
_MODEL = re.compile(r"\bmodel\b", re.IGNORECASE)
_TOO_LONG = ("context_length_exceeded", "exceed_context_size_error")


class OpenAIApi:
    """One such server. `local`: whether it is a program on this machine that generates its answers itself."""

    def __init__(
        self,
        name: str,
        url: str,
        key: str,
        *,
        timeouts: Timeouts,
        local: bool = False,
        abilities: Abilities = ABILITIES,
        clock: Clock | None = None,
    ) -> None:
        """`abilities`: what it can do, until it says otherwise. Raises BadInput for an address or a key that cannot be
        valid.
        """
        host = http.address(url, name)
        loopback = http.is_loopback(host.host)
        if local and not loopback:
            raise BadInput(f"{name} is said to be local, but {host.host} is not this machine.", next="timmy doctor")
        if key and not (key.isascii() and key.isprintable() and " " not in key):
            raise BadInput(f"The key of {name} holds characters that no key has.", next="timmy doctor")
        if key and host.scheme == "http" and not loopback:
            raise BadInput(
                f"The key of {name} would cross the network for all to read: its address has to begin with https://.",
                next="timmy doctor",
            )
        self.name, self.abilities = name, abilities
        self._key, self._local, self._clock = key, local, clock or SystemClock()
        self._limit, self._where = "max_tokens", http.place(host)
        base = host if host.path.strip("/") else host.copy_with(path="/v1")
        self._link = http.Link(base, timeouts, {"Authorization": f"Bearer {key}"} if key else {})

    async def models(self) -> tuple[Model, ...]:
        """What it offers, by `/v1/models`."""
        found = await self._whole("GET", "models")
        with http.translated():
            return tuple(self._model(one) for one in found["data"])

    def _model(self, told: Mapping[str, Any]) -> Model:
        context = next((number for key in _CONTEXT if (number := http.number(told.get(key)))), 0)
        return Model(http.text(told["id"]), self._local, context, window=context)

    async def chat(self, call: Call) -> AsyncIterator[Piece | Usage]:
        """The answer as it arrives."""
        size, spoke, thought, called, cut, ended = 0, False, False, False, False, False
        counts: Mapping[str, Any] = {}
        model = call.model
        with http.translated(self._where):
            async with (
                self._link.ask("POST", "chat/completions", self._body(call)) as response,
                aclosing(openai_stream.values(response, self._key)) as events,
            ):
                await self._check(response, call)
                async for event in events:
                    model, counts = http.text(event.get("model")) or model, event.get("usage") or counts
                    for choice in event.get("choices") or ():
                        piece, called = openai_stream.piece(choice), called or openai_stream.calls(choice)
                        if piece.text or piece.thinking:
                            spoke, thought = spoke or bool(piece.text.strip()), thought or bool(piece.thinking)
                            size += weight(piece.text) + weight(piece.thinking)
                            yield piece
                        ended, cut = (
                            ended or bool(choice.get("finish_reason")),
                            cut or choice.get("finish_reason") == "length",
                        )
                if not ended:
                    raise ProviderFault(Fault.CUT, "its answer stopped before the end")
                if not spoke:
                    raise nothing_but_a_call() if called else nothing(thought)
                counted = bool(counts)
                tokens_in = (
                    http.number(counts.get("prompt_tokens"))
                    if counted
                    else estimate(*(m.content for m in call.messages))
                )
                tokens_out = http.number(counts.get("completion_tokens")) if counted else tokens(size)
        yield Usage(tokens_in, tokens_out, self._local, counted, model, cut)

    async def embed(self, model: str, texts: tuple[str, ...]) -> Vectors:
        """Embeddings, by `/v1/embeddings`."""
        found = await self._whole(
            "POST", "embeddings", {"model": model, "input": list(texts), "encoding_format": "float"}
        )
        with http.translated():
            rows = [row["embedding"] for row in sorted(found["data"], key=lambda row: int(row["index"]))]
            counts = found.get("usage") or {}
            shown = http.number(counts.get("prompt_tokens")) if counts else estimate(*texts)
            return http.vectors(
                rows, len(texts), Usage(shown, 0, self._local, bool(counts), http.text(found.get("model")) or model)
            )

    async def close(self) -> None:
        """Close its connections."""
        await self._link.close()

    def _body(self, call: Call) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": call.model,
            "messages": [{"role": m.role, "content": m.content} for m in call.messages],
            self._limit: call.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        body |= {
            key: value for key, value in (("temperature", call.temperature), ("seed", call.seed)) if value is not None
        }
        if call.stop:
            body["stop"] = list(call.stop)
        if call.schema is not None:
            form = {"name": "answer", "schema": dict(call.schema), "strict": strict(call.schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        return body

    async def _whole(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        with http.translated(self._where):
            async with self._link.ask(method, path, body) as response:
                await self._check(response)
                found = json.loads(await response.aread())
                if not isinstance(found, dict):
                    raise TypeError("no object")
                return found

    async def _check(self, response: httpx.Response, call: Call | None = None) -> None:
        """Raise the fault for the status; learn from it what the server cannot do."""
        if response.is_success:
            return
        data = await http.beginning(response)
        words = http.words(data, self._key)
        status = response.status_code
        if status == 400 and call is not None:
            if self._limit == "max_tokens" and "max_completion_tokens" in words:
                self._limit = "max_completion_tokens"
                raise ProviderFault(
                    Fault.BUSY, "it names the longest length otherwise, and will be asked so", retry_after=0
                )
            if call.schema is not None and "invalid schema" in words.lower():
                raise ProviderFault(Fault.NO_MODEL, f"it does not take this schema ({words})")
            if call.schema is not None and ("response_format" in words or "json_schema" in words):
                self.abilities = replace(self.abilities, json=False)
                raise ProviderFault(Fault.NO_MODEL, f"it cannot hold an answer to a schema ({words})")
            if any(code in data.decode(errors="replace") for code in _TOO_LONG):
                raise ProviderFault(Fault.NO_MODEL, f"the prompt is too long for it ({words})")
        if status == 404 and not _MODEL.search(words):
            words = f"there is nothing at {response.request.url.path} ({words or 'it says no more'})"
        raise http.of_status(status, words, http.retry_after(response.headers, self._clock.now()))


def strict(schema: object) -> bool:
    """Whether the API's strict mode accepts the schema: each object requires all its keys and allows no others."""
    if isinstance(schema, Mapping):
        if schema.get("type") == "object":
            keys = set(schema.get("properties", ()))
            if schema.get("additionalProperties") is not False or keys != set(schema.get("required", ())):
                return False
        return all(strict(value) for value in schema.values())
    return not isinstance(schema, list) or all(strict(value) for value in schema)

"""Servers that speak the OpenAI-compatible HTTP API: remote ones that are opted into, and local ones.

Owns the translation between the cascade's words and that API's, read from a stream of server-sent events. Refuses to
show the key to anybody but the server: it is in one header, and taken out of whatever the server says before that is
shown or logged.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import httpx

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
from agents.kernel.clock import Clock, SystemClock
from agents.kernel.errors import BadInput

ABILITIES = Abilities(embed=True, json=True)
ABLE = {"claude": Abilities()}
"""What APIs can do whose documentation says less: Anthropic's ignores `response_format`, and has no embeddings."""
_CONTEXT = ("context_length", "context_window", "max_model_len")
"""Under which names servers tell how many tokens a model can be shown; the API has none."""
_THOUGHT = ("reasoning_content", "reasoning")
_FIELDS = (b"", b"data", b"event", b"id", b"retry")
_TOO_LONG = ("context_length_exceeded", "exceed_context_size_error")


class OpenAIApi:
    """One such server. `local`: whether it is a program on this machine that makes its answers itself."""

    def __init__(
        self, name: str, url: str, key: str, *, timeouts: Timeouts, local: bool = False, abilities: Abilities = ABILITIES,
        clock: Clock | None = None,
    ) -> None:
        """`abilities`: what it can do, until it says otherwise. Raises BadInput for an address or a key that cannot be one."""
        host = http.address(url, name)
        loopback = http.is_loopback(host.host)
        if local and not loopback:
            raise BadInput(f"{name} is said to be local, but {host.host} is not this machine.", next="timmy doctor")
        if key and not (key.isascii() and key.isprintable() and " " not in key):
            raise BadInput(f"The key of {name} holds characters that no key has.", next="timmy doctor")
        if key and host.scheme == "http" and not loopback:
            raise BadInput(f"The key of {name} would cross the network for all to read: its address has to begin with https://.", next="timmy doctor")
        self.name, self.abilities = name, abilities
        self._key, self._local, self._clock = key, local, clock or SystemClock()
        self._limit, self._where = "max_tokens", http.place(host)
        base = host if host.path.strip("/") else host.copy_with(path="/v1")
        self._link = http.Link(base, timeouts, {"Authorization": f"Bearer {key}"} if key else {})

    async def models(self) -> tuple[Model, ...]:
        """What it offers, by `/v1/models`."""
        found = await self._whole("GET", "models")
        with http.translated():
            return tuple(
                Model(http.text(one["id"]), self._local, next((n for key in _CONTEXT if (n := http.number(one.get(key)))), 0))
                for one in found["data"]
            )

    async def chat(self, call: Call) -> AsyncIterator[Piece | Usage]:
        """The answer as it comes."""
        size, spoke, thought, cut, ended = 0, False, False, False, False
        counts: Mapping[str, Any] = {}
        model = call.model
        with http.translated(self._where):
            async with (
                self._link.ask("POST", "chat/completions", self._body(call)) as response,
                aclosing(self._events(response, call)) as events,
            ):
                async for event in events:
                    model, counts = http.text(event.get("model")) or model, event.get("usage") or counts
                    for choice in event.get("choices") or ():
                        delta = choice.get("delta") or {}
                        thinking = next((told for key in _THOUGHT if (told := http.text(delta.get(key)))), "")
                        piece = Piece(http.text(delta.get("content")), thinking)
                        if piece.text or piece.thinking:
                            spoke, thought = spoke or bool(piece.text.strip()), thought or bool(piece.thinking)
                            size += len(piece.text) + len(piece.thinking)
                            yield piece
                        ended, cut = ended or bool(choice.get("finish_reason")), cut or choice.get("finish_reason") == "length"
                if not ended:
                    raise ProviderFault(Fault.CUT, "its answer stopped before the end")
                if not spoke:
                    raise nothing(thought)
                counted = bool(counts)
                tokens_in = http.number(counts.get("prompt_tokens")) if counted else estimate(sum(len(m.content) for m in call.messages))
                tokens_out = http.number(counts.get("completion_tokens")) if counted else estimate(size)
        yield Usage(tokens_in, tokens_out, self._local, counted, model, cut)

    async def embed(self, model: str, texts: tuple[str, ...]) -> Vectors:
        """Embeddings, by `/v1/embeddings`."""
        found = await self._whole("POST", "embeddings", {"model": model, "input": list(texts), "encoding_format": "float"})
        with http.translated():
            rows = [row["embedding"] for row in sorted(found["data"], key=lambda row: int(row["index"]))]
            counts = found.get("usage") or {}
            tokens = http.number(counts.get("prompt_tokens")) if counts else estimate(sum(map(len, texts)))
            return http.vectors(rows, len(texts), Usage(tokens, 0, self._local, bool(counts), http.text(found.get("model")) or model))

    async def close(self) -> None:
        """Let its connections go."""
        await self._link.close()

    def _body(self, call: Call) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": call.model, "messages": [{"role": m.role, "content": m.content} for m in call.messages], self._limit: call.max_tokens,
            "stream": True, "stream_options": {"include_usage": True},
        }  # fmt: skip
        body |= {key: value for key, value in (("temperature", call.temperature), ("seed", call.seed)) if value is not None}
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
        """Raise what the status says; learn from it what the server cannot do."""
        if response.is_success:
            return
        data = b""
        async for part in response.aiter_bytes():
            data += part
            if len(data) > http.MOST_ERROR:
                break
        words = self._said(data)
        status = response.status_code
        if status == 400 and call is not None:
            if self._limit == "max_tokens" and "max_completion_tokens" in words:
                self._limit = "max_completion_tokens"
                raise ProviderFault(Fault.BUSY, "it names the longest length otherwise, and will be asked so", retry_after=0)
            if call.schema is not None and "invalid schema" in words.lower():
                raise ProviderFault(Fault.NO_MODEL, f"it does not take this schema ({words})")
            if call.schema is not None and ("response_format" in words or "json_schema" in words):
                self.abilities = replace(self.abilities, json=False)
                raise ProviderFault(Fault.NO_MODEL, f"it cannot hold an answer to a schema ({words})")
            if any(code in data.decode(errors="replace") for code in _TOO_LONG):
                raise ProviderFault(Fault.NO_MODEL, f"it cannot be shown so much ({words})")
        raise http.of_status(status, words, http.retry_after(response.headers, self._clock.now()))

    async def _events(self, response: httpx.Response, call: Call) -> AsyncGenerator[dict[str, Any], None]:
        """The values of the stream, up to `[DONE]`. Raises the error that the status or one of them tells of."""
        await self._check(response, call)
        if "json" in response.headers.get("content-type", ""):
            raise ProviderFault(Fault.BROKEN, "it did not stream its answer")
        async with aclosing(http.lines(response)) as lines:
            async for line in lines:
                field, _, data = line.strip().partition(b":")
                if field not in _FIELDS:
                    raise ValueError("no event stream")
                data = data.strip()
                if field != b"data" or not data:
                    continue  # a comment that keeps the connection open, an event's name, the end of an event
                if data == b"[DONE]":
                    await http.rest(lines)
                    return
                event = json.loads(data)
                if error := event.get("error"):
                    code = error.get("code") if isinstance(error, dict) else None
                    words = self._said(data)
                    raise http.of_status(code, words) if isinstance(code, int) and 400 <= code < 600 else ProviderFault(Fault.BROKEN, words)
                yield event

    def _said(self, data: bytes) -> str:
        """What an error says, in whichever of its usual shapes."""
        words: Any = data.decode(errors="replace")
        try:
            found = json.loads(words)
            found = found.get("error") or found.get("detail") or found.get("message")
            words = (found.get("message") or found) if isinstance(found, dict) else found or words
        except http.MALFORMED:
            pass  # no JSON, or JSON of another shape: its text is shown as it is
        return http.said(words, self._key)


def strict(schema: object) -> bool:
    """Whether the API's strict form takes the schema: each object names all its keys as required and allows no other."""
    if isinstance(schema, Mapping):
        if schema.get("type") == "object":
            keys = set(schema.get("properties", ()))
            if schema.get("additionalProperties") is not False or keys != set(schema.get("required", ())):
                return False
        return all(strict(value) for value in schema.values())
    return not isinstance(schema, list) or all(strict(value) for value in schema)

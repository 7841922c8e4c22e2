"""A stand-in for servers that speak the OpenAI-compatible HTTP API, made from its public description.

    python -m tests.support.openai_standin --port 8080

Owns `/v1/models`, `/v1/chat/completions` and `/v1/embeddings`. Refuses to think: it says what it was given to say.
`model_server` says how it is run and how it is told what is to go wrong.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from tests.support.model_server import ModelServer, least, words
from tests.support.ollama_standin import BLOCK, vector
from tests.support.raw_http import Reply

KINDS = {400: "invalid_request_error", 401: "invalid_request_error", 402: "insufficient_quota", 404: "invalid_request_error",
         429: "rate_limit_error", 500: "server_error", 503: "service_unavailable_error"}  # fmt: skip
CODES = {401: "invalid_api_key", 402: "insufficient_quota", 404: "model_not_found", 429: "rate_limit_exceeded"}


@dataclass
class OpenAI(ModelServer):
    """An OpenAI-compatible server, as far as its clients see. `schemas`: whether it can hold an answer to one."""

    models: tuple[str, ...] = ("small-1", "large-1")
    schemas: bool = True
    NAME: ClassVar[str] = "stand-in for an OpenAI-compatible server"

    def mistake(self, status: int, said: str) -> Any:
        return {"error": {"message": said, "type": KINDS.get(status, "error"), "param": None, "code": CODES.get(status)}}

    async def answer(self, reply: Reply) -> None:
        seen = reply.seen
        if (seen.method, seen.path) == ("GET", "/v1/models"):
            await self._models(reply)
            return
        if seen.path not in ("/v1/chat/completions", "/v1/embeddings"):
            await reply.whole(404, self.mistake(404, f"Invalid URL ({seen.method} {seen.path})"))
            return
        body = seen.body if isinstance(seen.body, dict) else {}
        model = body.get("model", "")
        seen.behaviour, text = self.next()
        if await self.mishap(reply, seen.behaviour, model):
            return
        if model not in self.models:
            await reply.whole(404, self.mistake(404, f"The model `{model}` does not exist or you do not have access to it."))
        elif seen.path == "/v1/embeddings":
            await self._embed(reply, model, body)
        elif body.get("response_format", {}).get("type") == "json_schema" and not self.schemas:
            await reply.whole(400, self.mistake(400, "'response_format' of type 'json_schema' is not supported with this model."))
        else:
            await self._chat(reply, model, body, text)

    async def _models(self, reply: Reply) -> None:
        due = self.script[0] if self.script else ""
        if isinstance(due, str) and due.startswith("models:"):
            self.script[0] = due.removeprefix("models:")
            reply.seen.behaviour, _ = self.next()
            if await self.mishap(reply, reply.seen.behaviour, ""):
                return
            odd: dict[str, Any] = {"broken_json": b'{"data": [', "garbage_body": b"\x00\xff\xfe{[", "wrong_shape": {"data": 7},
                                   "huge_line": b'{"data": "' + b"x" * 50_000_000}  # fmt: skip
            if reply.seen.behaviour in odd:
                await reply.whole(200, odd[reply.seen.behaviour])
                return
        listed = [{"id": name, "object": "model", "created": 1772350200, "owned_by": "stand-in"} for name in self.models]
        await reply.whole(200, {"object": "list", "data": listed})

    async def _embed(self, reply: Reply, model: str, body: dict[str, Any]) -> None:
        given = body.get("input", [])
        texts = [given] if isinstance(given, str) else given
        rows = [vector(text, self.dimension) for text in texts]
        name = reply.seen.behaviour
        if name in ("garbage_body", "broken_json"):
            await reply.whole(200, b'{"data": [{"embedding": [0.1, ')
            return
        if name == "wrong_shape":
            await reply.whole(200, {"data": [{"embedding": ["a", None], "index": 0}]})
            return
        if name == "cut":
            await reply.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{")
            reply.reset()
            return
        coded = body.get("encoding_format") == "base64"
        data = [{"object": "embedding", "index": place, "embedding": base64.b64encode(struct.pack(f"<{len(row)}f", *row)).decode() if coded else row}
                for place, row in enumerate(rows)]  # fmt: skip
        tokens = sum(len(text.split()) for text in texts)
        await reply.whole(200, {"object": "list", "data": [] if name == "empty" else data[::-1], "model": model,
                                "usage": {"prompt_tokens": tokens, "total_tokens": tokens}})  # fmt: skip

    async def _chat(self, reply: Reply, model: str, body: dict[str, Any], text: str | None) -> None:
        name = reply.seen.behaviour
        schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
        if text is None:
            text = json.dumps(least(schema)) if schema else self.text
        thought = self.thought if name in ("thought", "only_thought") else ""
        said = "" if name in ("empty", "only_thought") else text
        limit = body.get("max_completion_tokens", body.get("max_tokens", -1))
        tokens_in = len(json.dumps(body.get("messages", []))) // 4
        if not body.get("stream"):
            pieces = words(said)
            cut = 0 <= limit < len(pieces)
            message = {"role": "assistant", "content": "".join(pieces[:limit] if cut else pieces)}
            usage = {"prompt_tokens": tokens_in, "completion_tokens": len(pieces), "total_tokens": tokens_in + len(pieces)}
            await reply.whole(200, {**self._head(model, "chat.completion"), "usage": usage,
                                    "choices": [{"index": 0, "message": message, "finish_reason": "length" if cut else "stop"}]})  # fmt: skip
            return
        counted = name != "uncounted" and body.get("stream_options", {}).get("include_usage", False)
        lines = self._lines(model, thought, said, limit, tokens_in, counted, name)
        error = _event(self.mistake(500, "an error was encountered while running the model"))
        await self.stream(reply, name, lines, error, self._delta(model, {"content": BLOCK}), "text/event-stream")

    @staticmethod
    def _head(model: str, kind: str) -> dict[str, Any]:
        return {"id": "chatcmpl-standin", "object": kind, "created": 1772350200, "model": model}

    def _delta(self, model: str, delta: dict[str, Any], finish: str | None = None) -> bytes:
        return _event({**self._head(model, "chat.completion.chunk"), "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    def _lines(self, model: str, thought: str, said: str, limit: int, tokens_in: int, counted: bool, name: str) -> Iterator[bytes]:
        yield b": keep-alive\n\n" + self._delta(model, {"role": "assistant", "content": ""})
        made = 0
        for kind, text in (("reasoning_content", thought), ("content", said)):
            for piece in words(text) if text else ():
                if made == limit:
                    break
                made += 1
                yield self._delta(model, {kind: piece})
        yield self._delta(model, {}, "length" if made == limit else "stop")
        if counted:
            yield _event({**self._head(model, "chat.completion.chunk"), "choices": [],
                          "usage": {"prompt_tokens": tokens_in, "completion_tokens": made, "total_tokens": tokens_in + made}})  # fmt: skip
        if name != "cut_clean":
            yield b"data: [DONE]\n\n"


def _event(value: Any) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


if __name__ == "__main__":
    OpenAI.main()

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

KINDS = {
    400: "invalid_request_error",
    401: "invalid_request_error",
    402: "insufficient_quota",
    404: "invalid_request_error",
    429: "rate_limit_error",
    500: "server_error",
    503: "service_unavailable_error",
}
SHAPES = (
    "bom",  # a byte order mark first
    "unknown",  # fields that no event stream has
    "ends:cr",  # lines that end in CR alone
    "ends:crlf",
    "error:field",  # an error in a field of that name
    "error:event",  # an error as an event of that name
    "json",  # an event stream that is said to be JSON
    "unstreamed",  # the answer whole, although it was to be streamed
    "unstreamed:indented",
    "lines",  # JSON, one value a line, without the words of an event stream
    "parts",  # content as a list of parts, thinking among them
    "together",  # no empty line between events
    "tool",  # the call of a tool in place of an answer
    "unnamed end",  # no reason why it ended
)
CODES = {401: "invalid_api_key", 402: "insufficient_quota", 404: "model_not_found", 429: "rate_limit_exceeded"}


@dataclass
class OpenAI(ModelServer):
    """An OpenAI-compatible server, as far as its clients see. `schemas`: whether it can hold an answer to one."""

    models: tuple[str, ...] = ("small-1", "large-1")
    schemas: bool = True
    window: int = 0
    """Tokens of its window; what of a prompt does not fit is left out without a word. 0: all fits."""
    shape: str = ""
    """How an answer is sent, where that is not as the API's description has it: one of `SHAPES`."""
    NAME: ClassVar[str] = "stand-in for an OpenAI-compatible server"

    def mistake(self, status: int, said: str) -> Any:
        return {
            "error": {"message": said, "type": KINDS.get(status, "error"), "param": None, "code": CODES.get(status)}
        }

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
            await reply.whole(
                404, self.mistake(404, f"The model `{model}` does not exist or you do not have access to it.")
            )
        elif seen.path == "/v1/embeddings":
            await self._embed(reply, model, body)
        elif body.get("response_format", {}).get("type") == "json_schema" and not self.schemas:
            await reply.whole(
                400, self.mistake(400, "'response_format' of type 'json_schema' is not supported with this model.")
            )
        else:
            await self._chat(reply, model, body, text)

    async def _models(self, reply: Reply) -> None:
        due = self.script[0] if self.script else ""
        if isinstance(due, str) and due.startswith("models:"):
            self.script[0] = due.removeprefix("models:")
            reply.seen.behaviour, _ = self.next()
            if await self.mishap(reply, reply.seen.behaviour, ""):
                return
            odd: dict[str, Any] = {
                "broken_json": b'{"data": [',
                "garbage_body": b"\x00\xff\xfe{[",
                "wrong_shape": {"data": 7},
                "huge_line": b'{"data": "' + b"x" * 50_000_000,
            }
            if reply.seen.behaviour in odd:
                await reply.whole(200, odd[reply.seen.behaviour])
                return
        listed = [
            {"id": name, "object": "model", "created": 1772350200, "owned_by": "stand-in"} for name in self.models
        ]
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
        data = [
            {
                "object": "embedding",
                "index": place,
                "embedding": base64.b64encode(struct.pack(f"<{len(row)}f", *row)).decode() if coded else row,
            }
            for place, row in enumerate(rows)
        ]
        tokens = sum(len(text.split()) for text in texts)
        await reply.whole(
            200,
            {
                "object": "list",
                "data": [] if name == "empty" else data[::-1],
                "model": model,
                "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
            },
        )

    async def _chat(self, reply: Reply, model: str, body: dict[str, Any], text: str | None) -> None:
        name = reply.seen.behaviour
        schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
        if text is None:
            text = json.dumps(least(schema)) if schema else self.text
        thought = self.thought if name in ("thought", "only_thought") else ""
        said = "" if name in ("empty", "only_thought") else text
        limit = body.get("max_completion_tokens", body.get("max_tokens", -1))
        sent = len(json.dumps(body.get("messages", []))) // 4
        tokens_in = min(sent, self.window or sent)
        if not body.get("stream"):
            pieces = words(said)
            cut = 0 <= limit < len(pieces)
            message = {"role": "assistant", "content": "".join(pieces[:limit] if cut else pieces)}
            usage = {
                "prompt_tokens": tokens_in,
                "completion_tokens": len(pieces),
                "total_tokens": tokens_in + len(pieces),
            }
            await reply.whole(
                200,
                {
                    **self._head(model, "chat.completion"),
                    "usage": usage,
                    "choices": [{"index": 0, "message": message, "finish_reason": "length" if cut else "stop"}],
                },
            )
            return
        counted = name != "uncounted" and body.get("stream_options", {}).get("include_usage", False)
        lines = self._lines(model, thought, said, limit, tokens_in, counted, name)
        error = _event(self.mistake(500, "an error was encountered while running the model"))
        if self.shape:
            await self._odd(reply, model, said, list(lines))
            return
        await self.stream(reply, name, lines, error, self._delta(model, {"content": BLOCK}), "text/event-stream")

    async def _odd(self, reply: Reply, model: str, said: str, lines: list[bytes]) -> None:
        """An answer in another shape than usual."""
        assert self.shape in SHAPES
        whole, kind, data = self._whole(model, said, len(said)), "text/event-stream", b"".join(lines)
        name, _, more = self.shape.partition(":")
        if name == "bom":
            data = "\ufeff".encode() + data
        elif name == "unknown":
            data = b"x-request: 7\n" + data.replace(b"data: ", b"seq: 3\ndata: ")
        elif name == "ends":
            data = data.replace(b"\n", {"cr": b"\r", "crlf": b"\r\n"}[more])
        elif name == "error":
            words = json.dumps(self.mistake(500, "the model has crashed")).encode()
            data = lines[0] + {"field": b"error: ", "event": b"event: error\ndata: "}[more] + words + b"\n\n"
        elif name == "json":
            kind = "application/json"
        elif name == "unstreamed":
            data, kind = json.dumps(whole, indent=2 if more else None).encode(), "application/json"
        elif name == "lines":
            data = b"".join(line.replace(b"data: ", b"").strip() + b"\n" for line in lines[1:-1])
        elif name == "parts":
            parts = [{"type": "thinking", "thinking": [{"type": "text", "text": self.thought}]}, *_parts(said)]
            data = b"".join(self._delta(model, {"content": [part]}) for part in parts) + lines[-1]
        elif name == "together":
            data = data.replace(b"\n\n", b"\n")
        elif name == "tool":
            call = {"index": 0, "id": "c1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
            data = self._delta(model, {"content": None, "tool_calls": [call]}) + self._delta(model, {}, "tool_calls")
        elif name == "unnamed end":
            data = b"".join(line for line in lines if b'"stop"' not in line)
        await reply.begin(kind)
        for at in range(0, len(data), 7):
            await reply.chunk(data[at : at + 7])
        await reply.finish()

    def _whole(self, model: str, said: str, count: int) -> dict[str, Any]:
        message = {"role": "assistant", "content": said}
        usage = {"prompt_tokens": count, "completion_tokens": count, "total_tokens": 2 * count}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return {**self._head(model, "chat.completion"), "usage": usage, "choices": [choice]}

    @staticmethod
    def _head(model: str, kind: str) -> dict[str, Any]:
        return {"id": "chatcmpl-standin", "object": kind, "created": 1772350200, "model": model}

    def _delta(self, model: str, delta: dict[str, Any], finish: str | None = None) -> bytes:
        return _event(
            {
                **self._head(model, "chat.completion.chunk"),
                "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
            }
        )

    def _lines(
        self, model: str, thought: str, said: str, limit: int, tokens_in: int, counted: bool, name: str
    ) -> Iterator[bytes]:
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
            yield _event(
                {
                    **self._head(model, "chat.completion.chunk"),
                    "choices": [],
                    "usage": {"prompt_tokens": tokens_in, "completion_tokens": made, "total_tokens": tokens_in + made},
                }
            )
        if name != "cut_clean":
            yield b"data: [DONE]\n\n"


def _parts(said: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": word} for word in words(said)]


def _event(value: Any) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


if __name__ == "__main__":
    OpenAI.main()

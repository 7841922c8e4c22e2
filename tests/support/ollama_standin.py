"""A stand-in for Ollama, made from its official description of the HTTP API.

    python -m tests.support.ollama_standin --port 11434

Owns `/api/version`, `/api/tags`, `/api/ps`, `/api/show`, `/api/chat` and `/api/embed`. Refuses to think: it says what it
was given to say. `model_server` says how it is run and how it is told what is to go wrong.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.support.model_server import ModelServer, least, words
from tests.support.raw_http import Reply

WHEN = "2026-03-01T07:30:00.000000Z"
BLOCK = "x" * 1_000_000


@dataclass(frozen=True)
class Kept:
    """A model that the stand-in has."""

    family: str = "llama"
    size: int = 2_019_393_189
    thinks: bool = False
    embeds: bool = False
    remote: str = ""
    """The host that runs it, when that is not this machine (a cloud model)."""


MODELS = {
    "llama3.2:latest": Kept(),
    "deepseek-r1:latest": Kept("qwen2", 4_683_075_271, thinks=True),
    "all-minilm:latest": Kept("bert", 45_960_996, embeds=True),
    "gpt-oss:120b-cloud": Kept("gptoss", 384, remote="https://ollama.com:443"),
}


@dataclass
class Ollama(ModelServer):
    """Ollama, as far as its clients see."""

    models: dict[str, Kept] = field(default_factory=lambda: dict(MODELS))
    context: int = 131_072
    NAME: ClassVar[str] = "stand-in for Ollama"

    def mistake(self, status: int, said: str) -> Any:
        return {"error": said}

    async def answer(self, reply: Reply) -> None:
        seen = reply.seen
        fixed = {
            ("GET", "/api/version"): lambda: {"version": "0.12.6"},
            ("GET", "/api/tags"): lambda: {"models": [self._told(name) for name in self.models]},
            ("GET", "/api/ps"): lambda: {"models": []},
        }.get((seen.method, seen.path))
        if fixed and not self._spoilt():
            await reply.whole(200, fixed())
            return
        if seen.path not in ("/api/chat", "/api/embed", "/api/show") and not fixed:
            await reply.whole(404, b"404 page not found", kind="text/plain")
            return
        body = seen.body if isinstance(seen.body, dict) else {}
        model = self._named(body.get("model", ""))
        seen.behaviour, text = self.next()
        if await self.mishap(reply, seen.behaviour, body.get("model", "")):
            return
        if fixed:
            await reply.whole(200, {"garbage_body": b"\x00\xff\xfe{[", "broken_json": b'{"models": [', "huge_line": b'{"models": "' + b"x" * 50_000_000,
                                    "wrong_shape": {"models": 7}}.get(seen.behaviour, fixed()))  # fmt: skip
        elif not model:
            await reply.whole(404, self.mistake(404, f"model '{body.get('model', '')}' not found"))
        elif seen.path == "/api/show":
            family = self.models[model].family
            await reply.whole(200, {"details": self._told(model)["details"], "model_info": {"general.architecture": family, f"{family}.context_length": self.context},
                                    "capabilities": ["embedding" if self.models[model].embeds else "completion"]})  # fmt: skip
        elif seen.path == "/api/embed":
            await self._embed(reply, model, body)
        elif body.get("think") and not self.models[model].thinks:
            await reply.whole(400, self.mistake(400, f'"{model}" does not support thinking'))
        else:
            await self._chat(reply, model, body, text)

    def _spoilt(self) -> bool:
        """Whether discovery is to go wrong too: when the script's next begins with `tags:`."""
        due = self.script[0] if self.script else ""
        if isinstance(due, str) and due.startswith("tags:"):
            self.script[0] = due.removeprefix("tags:")
            return True
        return False

    def _named(self, given: str) -> str:
        full = given if ":" in given else f"{given}:latest"
        return full if full in self.models else ""

    def _told(self, name: str) -> dict[str, Any]:
        kept = self.models[name]
        told: dict[str, Any] = {
            "name": name, "model": name, "modified_at": WHEN, "size": kept.size, "digest": hashlib.sha256(name.encode()).hexdigest(),
            "details": {"parent_model": "", "format": "gguf", "family": kept.family, "families": [kept.family],
                        "parameter_size": "3.2B", "quantization_level": "Q4_K_M"},
        }  # fmt: skip
        return told | self._far(kept, name)

    @staticmethod
    def _far(kept: Kept, name: str) -> dict[str, str]:
        return {"remote_model": name.removesuffix("-cloud"), "remote_host": kept.remote} if kept.remote else {}

    async def _embed(self, reply: Reply, model: str, body: dict[str, Any]) -> None:
        given = body.get("input", [])
        texts = [given] if isinstance(given, str) else given
        rows = [vector(text, self.dimension) for text in texts]
        name = reply.seen.behaviour
        if name in ("garbage_body", "broken_json"):
            await reply.whole(200, b'{"embeddings": [[0.1, ')
        elif name == "wrong_shape":
            await reply.whole(200, {"model": model, "embeddings": [["a", None]]})
        elif name == "cut":
            await reply.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{")
            reply.reset()
        else:
            rows = [] if name == "empty" else rows
            await reply.whole(200, {"model": model, "embeddings": rows, "total_duration": 14143917, "load_duration": 1019500,
                                    "prompt_eval_count": sum(len(text.split()) for text in texts)})  # fmt: skip

    async def _chat(self, reply: Reply, model: str, body: dict[str, Any], text: str | None) -> None:
        name = reply.seen.behaviour
        schema = body.get("format")
        if text is None:
            text = json.dumps(least(schema)) if isinstance(schema, dict) else self.text
        thinks = self.models[model].thinks and body.get("think") is not False
        thought = self.thought if thinks or name in ("thought", "only_thought") else ""
        said = "" if name in ("empty", "only_thought") else text
        limit = body.get("options", {}).get("num_predict", -1)
        lines = self._lines(model, thought, said, limit, len(json.dumps(body.get("messages", []))) // 4, name != "uncounted")
        if body.get("stream", True) is False:
            await reply.whole(200, self._joined(list(lines)))
            return
        await self.stream(reply, name, lines, b'{"error":"an error was encountered while running the model"}\n',
                          self._line(model, {"role": "assistant", "content": BLOCK}), "application/x-ndjson")  # fmt: skip

    def _line(self, model: str, message: dict[str, Any], **more: Any) -> bytes:
        said = {"model": model, **self._far(self.models[model], model), "created_at": WHEN, "message": message, "done": False}
        return json.dumps(said | more).encode() + b"\n"

    def _lines(self, model: str, thought: str, said: str, limit: int, tokens_in: int, counted: bool) -> Iterator[bytes]:
        made = 0
        for kind, text in (("thinking", thought), ("content", said)):
            for piece in words(text) if text else ():
                if made == limit:
                    break
                made += 1
                yield self._line(model, {"role": "assistant", "content": "", kind: piece})
        counts = {"prompt_eval_count": tokens_in, "eval_count": made, "prompt_eval_duration": 342546000, "eval_duration": 4535599000}
        yield self._line(model, {"role": "assistant", "content": ""}, done=True, done_reason="length" if made == limit else "stop",
                         total_duration=4883583458, load_duration=1334875, **(counts if counted else {}))  # fmt: skip

    @staticmethod
    def _joined(lines: list[bytes]) -> dict[str, Any]:
        parts = [json.loads(line) for line in lines]
        last: dict[str, Any] = parts[-1]
        last["message"]["content"] = "".join(part["message"]["content"] for part in parts)
        return last


def vector(text: str, dimension: int) -> list[float]:
    """A vector that is the same for the same text."""
    return [((sum(text.encode()) * (place + 3)) % 97) / 97 for place in range(dimension)]


if __name__ == "__main__":
    Ollama.main()

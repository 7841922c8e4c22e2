"""A stand-in for Ollama, made from its official description of the HTTP API.

    python -m tests.support.ollama_standin --port 11434

Owns `/api/version`, `/api/tags`, `/api/ps`, `/api/show`, `/api/chat` and `/api/embed`. Refuses to think: it says what
it was given to say. `model_server` says how it is run and how it is told what is to go wrong.
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
    sees: bool = False
    remote: str = ""
    """The host that runs it, when that is not this machine (a cloud model)."""
    parameters: int = 3_212_749_888
    told: str = "3.2B"
    """Its parameters as `/api/tags` tells them."""
    quantisation: str = "Q4_K_M"
    context: int = 131_072

    @property
    def capabilities(self) -> list[str]:
        if self.embeds:
            return ["embedding"]
        return ["completion", "tools", *(["vision"] if self.sees else []), *(["thinking"] if self.thinks else [])]


MODELS = {
    "llama3.2:latest": Kept(),
    "deepseek-r1:latest": Kept("qwen2", 4_683_075_271, thinks=True, parameters=7_615_616_512, told="7.6B"),
    "all-minilm:latest": Kept(
        "bert", 45_960_996, embeds=True, parameters=22_565_376, told="23M", quantisation="F16", context=512
    ),
    "gpt-oss:120b-cloud": Kept("gptoss", 384, remote="https://ollama.com:443"),
}


@dataclass
class Ollama(ModelServer):
    """Ollama, as far as its clients see."""

    models: dict[str, Kept] = field(default_factory=lambda: dict(MODELS))
    window: int = 0
    """Tokens of the window with which it loads a model that nothing is said of; 0: as large as is needed."""
    largest: int = 1 << 40
    """Tokens of the largest window that it loads a model with, whatever is asked for."""
    cuts: bool = False
    """Whether it cuts a prompt that is too long even where it is told not to, as it did before it knew that word."""
    loaded: dict[str, int] = field(default_factory=dict)
    """Models that are loaded, each with the tokens of its window."""
    loads: int = 0
    """How often one was loaded."""
    shows: str = "good"
    """How `/api/show` goes, which the script says nothing of: good, or one of what an answer to it may be wrong in."""
    NAME: ClassVar[str] = "stand-in for Ollama"

    def mistake(self, status: int, said: str) -> Any:
        return {"error": said}

    async def answer(self, reply: Reply) -> None:
        seen = reply.seen
        fixed = {
            ("GET", "/api/version"): lambda: {"version": "0.12.6"},
            ("GET", "/api/tags"): lambda: {"models": [self._told(name) for name in self.models]},
            ("GET", "/api/ps"): lambda: {
                "models": [self._told(name) | {"context_length": size} for name, size in self.loaded.items()]
            },
        }.get((seen.method, seen.path))
        if fixed and not self._spoilt():
            await reply.whole(200, fixed())
            return
        if seen.path not in ("/api/chat", "/api/embed", "/api/show") and not fixed:
            await reply.whole(404, b"404 page not found", kind="text/plain")
            return
        body = seen.body if isinstance(seen.body, dict) else {}
        model = self._named(body.get("model", ""))
        if seen.path == "/api/show":
            await self._show(reply, model, body)
            return
        seen.behaviour, text = self.next()
        if await self.mishap(reply, seen.behaviour, body.get("model", "")):
            return
        if fixed:
            await reply.whole(
                200,
                {
                    "garbage_body": b"\x00\xff\xfe{[",
                    "broken_json": b'{"models": [',
                    "huge_line": b'{"models": "' + b"x" * 50_000_000,
                    "wrong_shape": {"models": 7},
                }.get(seen.behaviour, fixed()),
            )
        elif not model:
            await reply.whole(404, self.mistake(404, f"model '{body.get('model', '')}' not found"))
        elif seen.path == "/api/embed":
            await self._embed(reply, model, body)
        elif body.get("think") and not self.models[model].thinks:
            await reply.whole(400, self.mistake(400, f'"{model}" does not support thinking'))
        else:
            await self._chat(reply, model, body, text)

    async def _show(self, reply: Reply, model: str, body: dict[str, Any]) -> None:
        """What a model is. `modelfile`, `template` and `license` are told as well, and may be long."""
        reply.seen.behaviour = self.shows
        if await self.mishap(reply, self.shows, model):
            return
        if not model:
            await reply.whole(404, self.mistake(404, f"model '{body.get('model', '')}' not found"))
            return
        kept = self.models[model]
        info: dict[str, Any] = {
            "general.architecture": kept.family,
            "general.file_type": 15,
            "general.parameter_count": kept.parameters,
            "general.quantization_version": 2,
            f"{kept.family}.context_length": kept.context,
            f"{kept.family}.embedding_length": 3072,
            "tokenizer.ggml.tokens": None,
        }
        told = {
            "modelfile": f"# Modelfile generated by ollama show\nFROM {model}\n",
            "license": "A licence. " * 500,
            "template": "{{ .Prompt }}",
            "parameters": 'stop    "<|eot_id|>"',
            "details": self._told(model)["details"],
            "model_info": info,
            "capabilities": kept.capabilities,
            "modified_at": WHEN,
        }
        wrong: dict[str, Any] = {
            "garbage_body": b"\x00\xff\xfe{[",
            "broken_json": b'{"model_info": {',
            "wrong_shape": {"model_info": 7},
            "empty": {},
            "incapable": {key: value for key, value in told.items() if key != "capabilities"},
            "huge_line": b'{"license": "' + b"x" * (50_000_000 if self.shows == "huge_line" else 0),
            "uncounted": told
            | {
                "model_info": {
                    "general.architecture": kept.family,
                    "general.parameter_count": -1,
                    f"{kept.family}.context_length": "many",
                }
            },
        }
        await reply.whole(200, wrong.get(self.shows, told))

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
            "name": name,
            "model": name,
            "modified_at": WHEN,
            "size": kept.size,
            "digest": hashlib.sha256(name.encode()).hexdigest(),
            "details": {
                "parent_model": "",
                "format": "gguf",
                "family": kept.family,
                "families": [kept.family],
                "parameter_size": kept.told,
                "quantization_level": kept.quantisation,
            },
        }
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
            await reply.whole(
                200,
                {
                    "model": model,
                    "embeddings": rows,
                    "total_duration": 14143917,
                    "load_duration": 1019500,
                    "prompt_eval_count": sum(len(text.split()) for text in texts),
                },
            )

    async def _chat(self, reply: Reply, model: str, body: dict[str, Any], text: str | None) -> None:
        name = reply.seen.behaviour
        schema = body.get("format")
        if text is None:
            text = json.dumps(least(schema)) if isinstance(schema, dict) else self.text
        thinks = self.models[model].thinks and body.get("think") is not False
        thought = self.thought if thinks or name in ("thought", "only_thought") else ""
        said = "" if name in ("empty", "only_thought") else text
        limit = body.get("options", {}).get("num_predict", -1)
        sent, window = len(json.dumps(body.get("messages", []))) // 4, self._load(model, body)
        if window and sent > window and body.get("truncate") is False and not self.cuts:
            await reply.whole(400, self.mistake(400, "input length exceeds the context length"))
            return
        lines = self._lines(model, thought, said, limit, min(sent, window or sent), name != "uncounted")
        if body.get("stream", True) is False:
            await reply.whole(200, self._joined(list(lines)))
            return
        await self.stream(
            reply,
            name,
            lines,
            b'{"error":"an error was encountered while running the model"}\n',
            self._line(model, {"role": "assistant", "content": BLOCK}),
            "application/x-ndjson",
        )

    def _load(self, model: str, body: dict[str, Any]) -> int:
        """The window with which a model is loaded for a request, 0 where nothing is said of it."""
        window: int = min(body.get("options", {}).get("num_ctx", self.window), self.largest)
        if window and self.loaded.get(model) != window:
            self.loaded[model] = window
            self.loads += 1
        return window

    def _line(self, model: str, message: dict[str, Any], **more: Any) -> bytes:
        said = {
            "model": model,
            **self._far(self.models[model], model),
            "created_at": WHEN,
            "message": message,
            "done": False,
        }
        return json.dumps(said | more).encode() + b"\n"

    def _lines(self, model: str, thought: str, said: str, limit: int, tokens_in: int, counted: bool) -> Iterator[bytes]:
        made = 0
        for kind, text in (("thinking", thought), ("content", said)):
            for piece in words(text) if text else ():
                if made == limit:
                    break
                made += 1
                yield self._line(model, {"role": "assistant", "content": "", kind: piece})
        counts = {
            "prompt_eval_count": tokens_in,
            "eval_count": made,
            "prompt_eval_duration": 342546000,
            "eval_duration": 4535599000,
        }
        yield self._line(
            model,
            {"role": "assistant", "content": ""},
            done=True,
            done_reason="length" if made == limit else "stop",
            total_duration=4883583458,
            load_duration=1334875,
            **(counts if counted else {}),
        )

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

"""llama.cpp through xllamacpp: llama.cpp's own server as a library, used by function calls instead of its port.

Owns the translation of one call. The port that this server opens is accessible to nobody: it is a Unix socket in a
private folder, and is removed once the server is up.
"""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import xllamacpp

from agents.cascade.ports import Call, Fault, ProviderFault
from agents.cascade.providers.engine import Ended
from agents.cascade.providers.llama_engine import narrowed

ERRORS_ONLY = 1


class Loaded:
    """One loaded model file."""

    def __init__(self, path: Path, context: int, threads: int) -> None:
        """Raises ProviderFault if llama.cpp cannot load the file."""
        self.context, self._path, self._threads = context, path, threads
        self._server = self._start()
        self._embedder: Any = None

    def _start(self, **more: Any) -> Any:
        params = xllamacpp.CommonParams()
        params.model.path, params.n_ctx, params.n_parallel = str(self._path), self.context, 1
        params.warmup, params.ui, params.verbosity = False, False, ERRORS_ONLY
        if self._threads:
            params.cpuparams.n_threads = params.cpuparams_batch.n_threads = self._threads
        for name, value in more.items():
            setattr(params, name, value)
        folder = tempfile.mkdtemp(prefix="timmy-llama-")
        params.hostnames = [f"{folder}/socket.sock"]
        try:
            return xllamacpp.Server(params)
        except RuntimeError:
            raise ProviderFault(Fault.NO_MODEL, "llama.cpp cannot load the file") from None
        finally:
            shutil.rmtree(folder)

    def chat(self, call: Call, give: Callable[[str, str], bool]) -> Ended:
        """One answer, streamed."""
        body: dict[str, Any] = {
            "messages": [{"role": m.role, "content": m.content} for m in call.messages],
            "max_tokens": call.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
            "chat_template_kwargs": {"enable_thinking": call.think},
            "cache_prompt": True,
        }
        body |= {
            key: value for key, value in (("temperature", call.temperature), ("seed", call.seed)) if value is not None
        }
        if call.stop:
            body["stop"] = list(call.stop)
        if call.schema is not None:
            body["grammar"] = _grammar(call.schema)
        heard = _Heard(give)
        try:
            self._server.handle_chat_completions(body, heard)
        except (ValueError, RuntimeError) as error:
            raise ProviderFault(Fault.REFUSED if isinstance(error, ValueError) else Fault.BROKEN, str(error)) from None
        if heard.error is not None:
            raise heard.error
        if heard.fault:
            code, said = heard.fault.get("code"), str(heard.fault.get("message", "it failed"))
            unfit = heard.fault.get("type") == "exceed_context_size_error" or (code == 400 and call.schema is not None)
            raise ProviderFault(Fault.NO_MODEL if unfit else Fault.REFUSED if code == 400 else Fault.BROKEN, said)
        usage = heard.usage
        return Ended(int(usage.get("prompt_tokens", 0)), int(usage.get("completion_tokens", 0)), heard.cut)

    def embed(self, texts: list[str]) -> Iterator[tuple[list[float], int]]:
        """Vectors, from a second context over the same file, which is created on first use."""
        if self._embedder is None:
            self._embedder = self._start(
                embedding=True, pooling_type=xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
            )
        for text in texts:
            found = self._embedder.handle_embeddings({"input": [text]})
            if fault := found.get("error"):
                raise ProviderFault(Fault.NO_MODEL, str(fault.get("message", "it failed")))
            row = [float(value) for value in found["data"][0]["embedding"]]
            length = math.sqrt(sum(value * value for value in row)) or 1.0
            yield [value / length for value in row], int(found["usage"]["prompt_tokens"])


def _grammar(schema: Mapping[str, Any]) -> str:
    """The schema for llguidance, which this build contains. With `response_format` the server would convert it itself,
    allow any amount of white space, with which small models fill their answers, and fail on every third answer of a
    model that produces odd bytes.
    """
    exact = narrowed(schema) | {"x-guidance": {"whitespace_flexible": False}}
    return f"%llguidance {{}}\nstart: %json {json.dumps(exact)}"


class _Heard:
    """What the server says as it goes; anything raised in here would be lost in its native code."""

    def __init__(self, give: Callable[[str, str], bool]) -> None:
        self._give = give
        self.fault: dict[str, Any] = {}
        self.usage: dict[str, Any] = {}
        self.cut = False
        self.error: Exception | None = None

    def __call__(self, told: dict[str, Any]) -> bool:
        try:
            return self._take(told)
        except Exception as error:  # noqa: BLE001  (raised again by `chat`)
            self.error = error
            return True

    def _take(self, told: dict[str, Any]) -> bool:
        self.fault = told.get("error") or self.fault
        self.usage = told.get("usage") or self.usage
        for choice in told.get("choices", ()):
            self.cut = self.cut or choice.get("finish_reason") == "length"
            delta = choice.get("delta") or {}
            text, thinking = delta.get("content") or "", delta.get("reasoning_content") or ""
            if (text or thinking) and self._give(text, thinking):
                return True
        return bool(self.fault)

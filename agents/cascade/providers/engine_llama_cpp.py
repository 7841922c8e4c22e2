"""llama.cpp by llama-cpp-python, the project's `llama` extra.

Owns the translation of one call, and mends what this binding's grammars get wrong: they let control characters into
texts and do not escape a backslash in a listed value. (They also ignore the bounds of numbers: `narrowed` lists near
ones, and whatever is left is caught where every answer is validated.)
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import llama_cpp
from llama_cpp import llama_grammar

from agents.cascade.ports import Call, Fault, ProviderFault
from agents.cascade.providers.llama_engine import Ended, narrowed

MEAN = 1  # llama.cpp's LLAMA_POOLING_TYPE_MEAN
_OPEN, _CLOSE = "<think>", "</think>"

llama_grammar.PRIMITIVE_RULES["char"] = llama_grammar.BuiltinRule(
    r'[^"\\\x7F\x00-\x1F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F])', []
)
llama_grammar.GRAMMAR_LITERAL_ESCAPE_RE = re.compile(r'[\r\n"\\]')
llama_grammar.GRAMMAR_LITERAL_ESCAPES["\\"] = "\\\\"


class _Model(llama_cpp.Llama):  # type: ignore[misc]
    """Counts the tokens it is shown and makes, which the binding does not tell where it streams."""

    shown = made = 0

    def generate(self, tokens: Any, *args: Any, **more: Any) -> Iterator[int]:
        self.shown, self.made = len(tokens), 0
        for token in super().generate(tokens, *args, **more):
            self.made += 1
            yield token


class Loaded:
    """One model file, loaded."""

    def __init__(self, path: Path, context: int, threads: int) -> None:
        """Raises ProviderFault when llama.cpp does not take the file."""
        self._path, self._threads = path, threads
        self._model = self._start(context)
        self.context: int = self._model.n_ctx()
        self._embedder: Any = None

    def _start(self, context: int, **more: Any) -> Any:
        try:
            return _Model(str(self._path), n_ctx=context, n_threads=self._threads or None, verbose=False, **more)
        except (ValueError, RuntimeError, AssertionError):
            raise ProviderFault(Fault.NO_MODEL, "llama.cpp cannot load the file") from None

    def chat(self, call: Call, give: Callable[[str, str], bool]) -> Ended:
        """One answer, streamed."""
        more: dict[str, Any] = {key: value for key, value in (("temperature", call.temperature), ("seed", call.seed)) if value is not None}
        if call.schema is not None:
            try:
                more["grammar"] = llama_cpp.LlamaGrammar.from_json_schema(json.dumps(narrowed(call.schema)), verbose=False)
            except Exception as error:  # noqa: BLE001  (the converter raises bare asserts, KeyErrors and more)
                raise ProviderFault(Fault.NO_MODEL, f"it cannot hold an answer to this schema ({type(error).__name__})") from None
        cut, split = False, _Thoughts()
        try:
            stream = self._model.create_chat_completion(
                [{"role": m.role, "content": m.content} for m in call.messages], stream=True, max_tokens=call.max_tokens, stop=list(call.stop), **more,
            )  # fmt: skip
            for told in stream:
                choice = told["choices"][0]
                cut = choice.get("finish_reason") == "length"
                text, thinking = split.take(choice["delta"].get("content") or "", bool(choice.get("finish_reason")))
                if (text or thinking) and give(text, thinking):
                    stream.close()
                    break
        except ValueError as error:
            unfit = "exceed" in str(error)
            raise ProviderFault(Fault.NO_MODEL if unfit else Fault.REFUSED, str(error)) from None
        except RuntimeError as error:
            raise ProviderFault(Fault.BROKEN, str(error)) from None
        return Ended(self._model.shown, self._model.made, cut)

    def embed(self, texts: list[str]) -> Iterator[tuple[list[float], int]]:
        """Vectors, by a second context over the same file that is made when it is first wanted."""
        if self._embedder is None:
            self._embedder = self._start(self.context, embedding=True, pooling_type=MEAN)
        for text in texts:
            rows, tokens = self._embedder.embed([text], return_count=True)
            row = [float(value) for value in rows[0]]
            length = math.sqrt(sum(value * value for value in row)) or 1.0
            yield [value / length for value in row], tokens


class _Thoughts:
    """Tells thinking, which models write between two tags at the beginning, from the answer."""

    def __init__(self) -> None:
        self._held, self._inside, self._past = "", False, False

    def take(self, text: str, last: bool) -> tuple[str, str]:
        """What of the text so far is answer, and what is thinking. A part of a tag is held back until it is whole."""
        if self._past:
            return text, ""
        self._held += text
        if not self._inside:
            begin = self._held.lstrip()
            if begin.startswith(_OPEN):
                self._inside, self._held = True, begin[len(_OPEN) :]
            elif not _OPEN.startswith(begin) or last:
                self._past = True
                return self._held, ""
            else:
                return "", ""
        thought, closed, answer = self._held.partition(_CLOSE)
        if closed:
            self._past = True
            return answer.lstrip(), thought
        keep = 0 if last else next((n for n in range(len(_CLOSE) - 1, 0, -1) if self._held.endswith(_CLOSE[:n])), 0)
        thought, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return "", thought

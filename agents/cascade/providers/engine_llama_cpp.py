"""llama.cpp through llama-cpp-python, the project's `llama` extra.

Owns token-by-token generation, and fixes for this binding's grammars, which allow control characters and lone
surrogates in texts and do not escape a backslash in an enumerated value. (They also ignore the bounds of numbers:
`narrowed` enumerates close ones, and validation of every answer catches the rest.) Does not use the binding's own
streaming: it says nothing after a byte that is not UTF-8, slows down with each token, and cannot be stopped then.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jinja2
import llama_cpp
from llama_cpp import llama_chat_format, llama_grammar

from agents.cascade.ports import Call, Fault, ProviderFault
from agents.cascade.providers.engine import Ended
from agents.cascade.providers.growing_text import Text
from agents.cascade.providers.llama_engine import narrowed

MEAN = 1  # llama.cpp's LLAMA_POOLING_TYPE_MEAN
TEMPERATURE = 0.8
_TEMPLATE = "tokenizer.chat_template"

llama_grammar.PRIMITIVE_RULES["char"] = llama_grammar.BuiltinRule(
    r'[\x20-\x21\x23-\x5B\x5D-\x7E\u00A0-\uD7FF\uE000-\uFFFF\U00010000-\U0010FFFF] | "\\" ["\\/bfnrt]', []
)
llama_grammar.GRAMMAR_LITERAL_ESCAPE_RE = re.compile(r'[\r\n"\\]')
llama_grammar.GRAMMAR_LITERAL_ESCAPES["\\"] = "\\\\"


class Loaded:
    """One loaded model file."""

    def __init__(self, path: Path, context: int, threads: int) -> None:
        """Raises ProviderFault if llama.cpp cannot load the file, or the file has no chat template."""
        self._path, self._threads = path, threads
        self._model = self._start(context)
        self.context: int = self._model.n_ctx()
        self._embedder: Any = None
        template = self._model.metadata.get(_TEMPLATE)
        if not template:
            raise ProviderFault(Fault.NO_MODEL, "the file holds no chat template")
        names = [
            self._model._model.token_get_text(token) if token >= 0 else ""
            for token in (self._model.token_eos(), self._model.token_bos())
        ]
        self._format = llama_chat_format.Jinja2ChatFormatter(template, *names)

    def _start(self, context: int, **more: Any) -> Any:
        try:
            return llama_cpp.Llama(
                str(self._path), n_ctx=context, n_threads=self._threads or None, verbose=False, **more
            )
        except (ValueError, RuntimeError, AssertionError):
            raise ProviderFault(Fault.NO_MODEL, "llama.cpp cannot load the file") from None

    def chat(self, call: Call, give: Callable[[str, str], bool]) -> Ended:
        """One answer, token by token."""
        shown = self._tokens(call)
        room = self.context - len(shown)
        if room <= 0:
            raise ProviderFault(
                Fault.NO_MODEL, f"the request is longer ({len(shown)} tokens) than the model's {self.context}"
            )
        temperature = TEMPERATURE if call.temperature is None else call.temperature
        if call.seed is not None:
            self._model.set_seed(call.seed)
        most, made, stopped = min(call.max_tokens, room), 0, False
        text = Text(call.stop, exact=call.schema is not None)
        try:
            for token in self._model.generate(shown, temp=temperature, grammar=self._grammar(call)):
                stopped = llama_cpp.llama_vocab_is_eog(self._model._model.vocab, token)
                if stopped:
                    break
                made += 1
                stopped = text.take(self._model.detokenize([token], prev_tokens=shown), give)
                if stopped or made >= most:
                    break
        except RuntimeError as error:
            raise ProviderFault(Fault.BROKEN, str(error)) from None
        text.finish(give)
        return Ended(len(shown), made, not stopped)

    def _tokens(self, call: Call) -> list[int]:
        try:
            told = self._format(
                messages=[{"role": m.role, "content": m.content} for m in call.messages], enable_thinking=call.think
            )
        except (ValueError, jinja2.TemplateError) as error:
            raise ProviderFault(Fault.REFUSED, f"the model's chat template does not take it: {error}") from None
        found: list[int] = self._model.tokenize(told.prompt.encode(errors="replace"), add_bos=True, special=True)
        twice = found[:2] == [self._model.token_bos()] * 2  # once by the template, once by the tokenizer
        return found[1:] if twice else found

    def _grammar(self, call: Call) -> Any:
        if call.schema is None:
            return None
        try:
            return llama_cpp.LlamaGrammar.from_json_schema(json.dumps(narrowed(call.schema)), verbose=False)
        except Exception as error:  # its converter may raise anything; reported as a fault, and logged
            raise ProviderFault(
                Fault.NO_MODEL, f"it cannot hold an answer to this schema ({type(error).__name__})"
            ) from error

    def embed(self, texts: list[str]) -> Iterator[tuple[list[float], int]]:
        """Vectors, from a second context over the same file, which is created on first use."""
        if self._embedder is None:
            self._embedder = self._start(self.context, embedding=True, pooling_type=MEAN)
        for text in texts:
            rows, tokens = self._embedder.embed([text], return_count=True)
            row = [float(value) for value in rows[0]]
            length = math.sqrt(sum(value * value for value in row)) or 1.0
            yield [value / length for value in row], tokens

"""The process in which llama.cpp or AirLLM runs: `python -m agents.cascade.providers.worker <file descriptor>`.

Owns one loaded model, and one answer at a time. It speaks JSON, one message a line, over the socket it was started
with, and ends when the other end is closed. Native code may crash or hang here; the parent kills it and starts
another. Opens nothing but the file or folder it is told to, and a file only if its hash is the recorded one.

    → {"load": {"engine", "path", …}}         ← {"ready": context} | {"fault", "said"}
    → {"n", "chat": {the fields of a Call}}   ← {"n", "text", "thinking"}… {"n", "end": {…}} | {"n", "fault", "said"}
    → {"n", "embed": [texts]}                 ← {"n", "row", "tokens"}… {"n", "end": {}} | {"n", "fault", "said"}
    → {"halt": n}                             stops it: its end follows at once
"""

from __future__ import annotations

import json
import os
import queue
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from agents.cascade.ports import Call, Fault, Message, ProviderFault
from agents.cascade.providers import model_file, model_folder
from agents.cascade.providers.engine import Engine

LONGEST_LINE = 16_000_000


def _llama(path: Path, wanted: Mapping[str, Any]) -> Engine:
    from agents.cascade.providers import llama_engine

    model_file.check(path, wanted["sha256"])
    return llama_engine.load(wanted["binding"], path, wanted["context"], wanted["threads"])


def _airllm(path: Path, wanted: Mapping[str, Any]) -> Engine:
    model_folder.look(path)
    try:
        from agents.cascade.providers.engine_airllm import Loaded
    except ImportError as error:
        raise ProviderFault(Fault.DEAD, f"AirLLM cannot be imported: {error}") from None
    return Loaded(path)


_ENGINES: dict[str, Callable[[Path, Mapping[str, Any]], Engine]] = {"llama": _llama, "airllm": _airllm}


class Worker:
    """The far end of one socket."""

    def __init__(self, link: socket.socket) -> None:
        """`link`: where its instructions come from."""
        self._link = link
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self._halted = -1
        self._engine: Engine | None = None

    def run(self) -> None:
        """Follow instructions until the link is closed."""
        threading.Thread(target=self._read, daemon=True).start()
        while True:
            told = self._lines.get()
            number = told.get("n", 0)
            try:
                self._do(number, told)
            except ProviderFault as fault:
                self._say({"n": number, "fault": fault.kind, "said": fault.said})

    def _read(self) -> None:
        """The end of the link ends the process, even in the middle of an answer: nobody wants it."""
        with self._link.makefile("rb") as lines:
            while (line := lines.readline(LONGEST_LINE)).endswith(b"\n"):
                told = json.loads(line)
                if "halt" in told:
                    self._halted = told["halt"]
                else:
                    self._lines.put(told)
        os._exit(0)

    def _say(self, value: Mapping[str, Any]) -> None:
        self._link.sendall(json.dumps(value).encode() + b"\n")

    def _do(self, number: int, told: dict[str, Any]) -> None:
        if wanted := told.get("load"):
            self._engine = _ENGINES[wanted["engine"]](Path(wanted["path"]), wanted)
            self._say({"ready": self._engine.context})
            return
        if self._engine is None:
            raise ProviderFault(Fault.BROKEN, "no model is loaded")
        if "embed" in told:
            for row, tokens in self._engine.embed(told["embed"]):
                self._say({"n": number, "row": row, "tokens": tokens})
                if self._halted == number:
                    break
            self._say({"n": number, "end": {}})
            return
        asked = told["chat"]
        call = Call(
            **asked | {"messages": tuple(Message(**one) for one in asked["messages"]), "stop": tuple(asked["stop"])}
        )

        def give(text: str, thinking: str) -> bool:
            if (text or thinking) and self._halted != number:
                self._say({"n": number, "text": text, "thinking": thinking})
            return self._halted == number

        ended = self._engine.chat(call, give)
        self._say(
            {"n": number, "end": {"tokens_in": ended.tokens_in, "tokens_out": ended.tokens_out, "cut": ended.cut}}
        )


if __name__ == "__main__":
    Worker(socket.socket(fileno=int(sys.argv[1]))).run()

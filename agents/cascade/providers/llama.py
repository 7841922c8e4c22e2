"""llama.cpp on one GGUF file, in a worker process of its own.

Owns the worker: starting it at the first call, one call at a time, stopping an answer nobody wants, ending a worker that
does not stop, and starting another when it has died. Refuses to give an answer that was to meet a schema and does not.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jsonschema
from referencing import Registry

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
from agents.cascade.providers import http, model_file
from agents.cascade.providers.llama_link import Link


class Llama:
    """One model file. `binding`: which of `llama_engine.BINDINGS` is taken; the first that is installed when empty."""

    name = "llama"

    def __init__(
        self, path: Path, sha256: str, *, timeouts: Timeouts, context: int = 4096, threads: int = 0, binding: str = ""
    ) -> None:
        """Starts nothing yet. `threads`: 0 leaves their number to llama.cpp. Loading may take as long as a whole answer."""
        self.abilities = Abilities(embed=True, json=True)
        self._path, self._sha256, self._context = path, sha256, context
        self._wanted = {"path": str(path), "sha256": sha256, "context": context, "threads": threads, "binding": binding}
        self._patience = timeouts.whole
        self._turn = asyncio.Lock()
        self._link: Link | None = None
        self._loading: asyncio.Task[None] | None = None
        self._refused: tuple[model_file.Look, ProviderFault] | None = None

    @property
    def pid(self) -> int | None:
        """The worker's process id, while one lives."""
        return self._link.pid if self._link is not None and self._link.alive else None

    async def models(self) -> tuple[Model, ...]:
        """The file's, when it may be loaded as far as one can tell without reading the whole of it."""
        now = self._look()
        return (Model(self._path.stem, True, self._link.context if self._link else self._context, now.size),)

    async def chat(self, call: Call) -> AsyncIterator[Piece | Usage]:
        """The answer as it comes."""
        self._known(call.model)
        text: list[str] = []
        spoke = thought = False
        async with self._turn:
            link = await self._ready()
            async with aclosing(link.ask({"chat": asdict(call)})) as told:
                async for one in told:
                    if "end" in one:
                        if not spoke:
                            raise nothing(thought)
                        end = one["end"]
                        if call.schema is not None and not end["cut"]:
                            _validate("".join(text), call.schema)
                        yield Usage(end["tokens_in"], end["tokens_out"], True, model=self._path.stem, cut=end["cut"])
                    else:
                        piece = Piece(http.text(one["text"]), http.text(one["thinking"]))
                        spoke, thought = spoke or bool(piece.text.strip()), thought or bool(piece.thinking)
                        text.append(piece.text)
                        yield piece

    async def embed(self, model: str, texts: tuple[str, ...]) -> Vectors:
        """Embeddings: the mean of what the model makes of the tokens."""
        self._known(model)
        async with self._turn:
            link = await self._ready()
            async with aclosing(link.ask({"embed": list(texts)})) as told:
                rows = [(one["row"], one["tokens"]) async for one in told if "row" in one]
        usage = Usage(sum(tokens for _, tokens in rows), 0, True, model=self._path.stem)
        return http.vectors([row for row, _ in rows], len(texts), usage)

    async def close(self) -> None:
        """End the worker."""
        if self._loading is not None and not self._loading.done():
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)
        if self._link is not None:
            await self._link.end()
        self._link = self._loading = None

    def _known(self, model: str) -> None:
        if model not in (self._path.stem, self._path.name):
            raise ProviderFault(Fault.NO_MODEL, f"it has {self._path.stem} only")

    def _look(self) -> model_file.Look:
        """The file as it is now; a refusal holds until the file changes, so that it is not read anew for each call."""
        now = model_file.look(self._path, self._sha256)
        if self._refused is not None and self._refused[0] == now:
            fault = self._refused[1]
            raise ProviderFault(fault.kind, fault.said)
        return now

    async def _ready(self) -> Link:
        """A worker with the model loaded. Loading goes on when whoever waited for it has gone: it may take longer than a
        call is given, and the next call finds it done.
        """
        if self._link is not None and not self._link.alive:
            await self._link.end()
            self._link = None
        if self._link is None and (self._loading is None or self._loading.done()):
            self._loading = asyncio.create_task(self._load(self._look()), name="loading of the model file")
            self._loading.add_done_callback(_heard)
        if self._link is None and self._loading is not None:
            await asyncio.shield(self._loading)
        assert self._link is not None
        return self._link

    async def _load(self, now: model_file.Look) -> None:
        link = await Link.start()
        try:
            async with asyncio.timeout(self._patience):
                link.context = await link.load(self._wanted)
        except TimeoutError:
            await link.end()
            raise ProviderFault(Fault.SILENT, f"the file was not loaded within {self._patience:g} s") from None
        except ProviderFault as fault:
            if fault.kind is Fault.NO_MODEL:
                self._refused = now, fault
            await link.end()
            raise
        except BaseException:
            await link.end()
            raise
        self._link = link


def _heard(task: asyncio.Task[None]) -> None:
    """A failure to load is told to whoever asks next; nobody may be waiting for this one any more."""
    if not task.cancelled():
        task.exception()


def _validate(text: str, schema: Any) -> None:
    try:
        jsonschema.validators.validator_for(schema)(schema, registry=Registry()).validate(json.loads(text))
    except (ValueError, RecursionError, jsonschema.ValidationError, jsonschema.SchemaError) as error:
        said = error.message if isinstance(error, jsonschema.ValidationError) else str(error)
        raise ProviderFault(Fault.BROKEN, f"its answer does not meet the schema: {http.said(said)}") from None

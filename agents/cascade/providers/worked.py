"""A model on this machine that a library runs in a worker process: what llama.cpp and AirLLM share.

Owns the worker: starting it at the first call, one call at a time, stopping an unwanted answer, killing a worker
that does not stop, and starting another when it has died. Does not know what a model consists of (`_seen` and the
worker do), and never returns an answer that violates its schema.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
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
from agents.cascade.providers import http
from agents.cascade.providers.model_file import Look
from agents.cascade.providers.worker_link import Link


class Worked(ABC):
    """One model in a worker."""

    name: str
    abilities: Abilities

    def __init__(
        self, path: Path, title: str, wanted: Mapping[str, Any], *, timeouts: Timeouts, context: int = 0
    ) -> None:
        """Does not start anything yet. `title`: the model's name; `wanted`: what the worker is told to load. Loading
        may take as long as a whole answer.
        """
        self._path, self._title, self._context = path, title, context
        self._wanted = {"path": str(path), **wanted}
        self._patience = timeouts.whole
        self._turn = asyncio.Lock()
        self._link: Link | None = None
        self._loading: asyncio.Task[None] | None = None
        self._refused: tuple[Look, ProviderFault] | None = None

    @abstractmethod
    def _seen(self) -> Look:
        """The model as it is now. Raises ProviderFault if it cannot be one."""

    @abstractmethod
    async def embed(self, model: str, texts: tuple[str, ...]) -> Vectors:
        """Embeddings of the texts."""

    @property
    def pid(self) -> int | None:
        """The worker's process id while it is alive."""
        return self._link.pid if self._link is not None and self._link.alive else None

    async def models(self) -> tuple[Model, ...]:
        """The one model, if it can be loaded, as far as one can tell without reading all of it."""
        now = self._look()
        context = self._link.context if self._link else self._context
        return (Model(self._title, True, context, now.size, window=context),)

    async def chat(self, call: Call) -> AsyncIterator[Piece | Usage]:
        """The answer as it arrives."""
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
                        yield Usage(end["tokens_in"], end["tokens_out"], True, model=self._title, cut=end["cut"])
                    else:
                        piece = Piece(http.text(one["text"]), http.text(one["thinking"]))
                        spoke, thought = spoke or bool(piece.text.strip()), thought or bool(piece.thinking)
                        text.append(piece.text)
                        yield piece

    async def close(self) -> None:
        """Stop the worker."""
        if self._loading is not None and not self._loading.done():
            self._loading.cancel()
            await asyncio.gather(self._loading, return_exceptions=True)
        if self._link is not None:
            await self._link.end()
        self._link = self._loading = None

    def _known(self, model: str) -> None:
        if model not in (self._title, self._path.name):
            raise ProviderFault(Fault.NO_MODEL, f"it has {self._title} only")

    def _look(self) -> Look:
        """The model as it is now; a refusal remains valid until it changes, so that it is not read again for each
        call.
        """
        now = self._seen()
        if self._refused is not None and self._refused[0] == now:
            fault = self._refused[1]
            raise ProviderFault(fault.kind, fault.said)
        return now

    async def _ready(self) -> Link:
        """A worker with the model loaded. Loading continues when its caller has gone: it may take longer than a call
        may, and then the next call finds it done.
        """
        if self._link is not None and not self._link.alive:
            await self._link.end()
            self._link = None
        if self._link is None and (self._loading is None or self._loading.done()):
            self._loading = asyncio.create_task(self._load(self._look()), name=f"loading of {self.name}")
            self._loading.add_done_callback(_heard)
        if self._link is None and self._loading is not None:
            await asyncio.shield(self._loading)
        assert self._link is not None
        return self._link

    async def _load(self, now: Look) -> None:
        link = await Link.start()
        try:
            async with asyncio.timeout(self._patience):
                link.context = await link.load(self._wanted)
        except TimeoutError:
            await link.end()
            raise ProviderFault(Fault.SILENT, f"the model was not loaded within {self._patience:g} s") from None
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
    """A failure to load is reported to the next caller; nobody may be waiting for this one any more."""
    if not task.cancelled():
        task.exception()


def _validate(text: str, schema: Any) -> None:
    try:
        jsonschema.validators.validator_for(schema)(schema, registry=Registry()).validate(json.loads(text))
    except (ValueError, RecursionError, jsonschema.ValidationError, jsonschema.SchemaError) as error:
        said = error.message if isinstance(error, jsonschema.ValidationError) else str(error)
        raise ProviderFault(Fault.BROKEN, f"its answer does not meet the schema: {http.said(said)}") from None

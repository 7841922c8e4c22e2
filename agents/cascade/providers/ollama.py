"""Ollama, through its HTTP API.

Owns the translation between the cascade's vocabulary and Ollama's. An answer is not local just because the server
is: Ollama passes some models on to other machines and says so in `remote_host`. Does not use Ollama's own client,
which at import creates another client from the owner's environment, and drops what is needed here. Always streams,
because a call that does not may continue after it was cancelled; always says whether to think, because a model that
can think does so by default. The properties of each model (`/api/show`) are queried once, a few at a time and only
briefly: a server that does not give them still has its models.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any

import httpx

from agents.cascade.ports import (
    Abilities,
    Call,
    Fault,
    Model,
    Piece,
    ProviderFault,
    Room,
    Timeouts,
    Usage,
    Vectors,
    nothing,
    nothing_but_a_call,
)
from agents.cascade.providers import http
from agents.cascade.tokens import estimate, tokens, weight

KEEP = "30m"
"""How long a model stays loaded after an answer: to load one again takes far longer than to answer."""
LOADED_SECONDS = 1.0
"""How long it may take to tell with which windows models are loaded."""
SHOWN, SHOWN_AT_ONCE, SHOWN_SECONDS = 64, 4, 2.0
"""How many models are queried in one round, how many of them at once, and for how long in total; the rest follow in
the next round.
"""
FIRST_WINDOW = 4096
"""Tokens of the smallest window with which a model is loaded; each larger one is twice as large, so that a model is
seldom reloaded for one more token.
"""
_MARGIN, _EACH = 1.25, 16
"""How much more than its estimate a prompt may take, and tokens that a chat template adds to each message."""
_COUNT = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)([KMBT])", re.IGNORECASE)
_BOM = "\ufeff".encode()
_UNCUT = {"truncate": False, "shift": False}
"""Ask for an error rather than an answer to part of the prompt. Older servers ignore these options."""
_Told = Mapping[str, Any]


class Ollama:
    """One Ollama server. `context`: the largest window in tokens with which it should load models; 0 leaves that to
    it.
    """

    name = "ollama"

    def __init__(self, url: str, *, timeouts: Timeouts, context: int = 0, keep: str = KEEP) -> None:
        """Connects at the first request. Raises BadInput if `url` is not an address."""
        host = http.address(url, "Ollama")
        self.abilities = Abilities(embed=True, json=True)
        self._local, self._where = http.is_loopback(host.host), http.place(host)
        self._context, self._keep = context, keep
        self._shown: dict[tuple[str, str], tuple[int, int, Abilities | None]] = {}
        """Context, parameters and abilities of each model, by name and digest of its file; models that are gone are
        dropped.
        """
        self._loaded: dict[str, int] = {}
        """Tokens of the window with which a model is loaded now, as far as it is known."""
        self._told: dict[str, int] = {}
        """The same, as the server told it."""
        self._trained: dict[str, int] = {}
        """Tokens for which each model on this machine was made, 0 if unknown."""
        self._link = http.Link(host, timeouts, {})

    async def models(self) -> tuple[Model, ...]:
        """What is installed there, by `/api/tags`, and its properties, by `/api/show`."""
        with http.translated(self._where):
            found = [one for one in (await self._whole("GET", "api/tags"))["models"] or () if _name(one)]
            here = [_key(one) for one in found if not _passed_on(one)]
            await self._look(here)
            self._trained = {key[0]: self._shown.get(key, (0,))[0] for key in here}
            return tuple(map(self._model, found))

    def _model(self, one: _Told) -> Model:
        told = one.get("details") or {}
        context, parameters, able = self._shown.get(_key(one), (0, 0, Abilities() if _passed_on(one) else None))
        return Model(
            _name(one),
            self._here(one),
            context if _passed_on(one) else self._most(_name(one)),
            http.number(one.get("size")),
            http.text(told.get("family")),
            parameters or _count(http.text(told.get("parameter_size"))),
            http.text(told.get("quantization_level")),
            able,
            self._told.get(_name(one), 0),
        )

    async def _look(self, found: list[tuple[str, str]]) -> None:
        """Query the properties of models for which they are unknown; unsuccessful queries are repeated in the next
        round.
        """
        self._shown = {key: self._shown[key] for key in found if key in self._shown}
        new, places = [key for key in found if key not in self._shown][:SHOWN], asyncio.Semaphore(SHOWN_AT_ONCE)

        async def show(key: tuple[str, str]) -> None:
            with suppress(ProviderFault):
                async with places:
                    with http.translated(self._where):
                        shown = await self._whole("POST", "api/show", {"model": key[0]})
                        told = shown["model_info"]
                        kind = http.text(told.get("general.architecture"))
                        self._shown[key] = (
                            http.number(told.get(f"{kind}.context_length")),
                            http.number(told.get("general.parameter_count")),
                            _abilities(shown.get("capabilities")),
                        )

        with suppress(TimeoutError):
            async with asyncio.timeout(SHOWN_SECONDS):
                await asyncio.gather(self._look_loaded(), *map(show, new))

    async def _look_loaded(self) -> None:
        """Ask with how large a window models are loaded now. Servers that are old do not tell."""
        with suppress(ProviderFault, TimeoutError), http.translated(self._where):
            async with asyncio.timeout(LOADED_SECONDS):
                found = (await self._whole("GET", "api/ps"))["models"] or ()
            self._told = {_name(one): http.number(one.get("context_length")) for one in found}
            self._loaded = dict(self._told)

    def _most(self, model: str) -> int:
        """The most tokens that a model can be shown, 0 if unknown."""
        bounds = (self._trained.get(model, 0), self._context and max(self._context, self._loaded.get(model, 0)))
        return min(filter(None, bounds), default=0)

    def _window(self, call: Call) -> int | None:
        """Tokens of the window that a call needs: the loaded one if it is large enough, because loading another takes
        far longer than answering. None leaves it to the server.
        """
        if not self._context or call.model not in self._trained:
            return None
        shown = estimate(*(message.content for message in call.messages)) + _EACH * len(call.messages)
        needed, window = int(shown * _MARGIN) + call.max_tokens, FIRST_WINDOW
        if (loaded := self._loaded.get(call.model, 0)) >= needed:
            return loaded
        while window < needed:
            window *= 2
        return min(window, self._most(call.model))

    async def chat(self, call: Call) -> AsyncIterator[Piece | Usage | Room]:
        """The answer as it comes."""
        size, spoke, thought, called, here = 0, False, False, False, True
        window = self._window(call)
        with http.translated(self._where):
            async with (
                self._link.ask("POST", "api/chat", self._body(call, window)) as response,
                aclosing(http.lines(response)) as lines,
            ):
                await self._check(response)
                async for line in lines:
                    if not line.strip():
                        continue
                    part = json.loads(line.removeprefix(_BOM))
                    if "error" in part:
                        raise ProviderFault(Fault.BROKEN, http.said(part["error"]))
                    here = here and self._here(part)
                    message = part.get("message") or {}
                    called = called or bool(message.get("tool_calls"))
                    piece = Piece(http.text(message.get("content")), http.text(message.get("thinking")))
                    if piece.text or piece.thinking:
                        if not size and window and self._told.get(call.model, 0) < window:
                            await self._look_loaded()  # it is loaded now, and an old server has another than was wanted
                            yield Room(self._told.get(call.model, 0))
                        spoke, thought = spoke or bool(piece.text.strip()), thought or bool(piece.thinking)
                        size += weight(piece.text) + weight(piece.thinking)
                        yield piece
                    if _flag(part.get("done")):
                        if not spoke:
                            raise nothing_but_a_call() if called else nothing(thought)
                        await http.rest(lines)
                        self._loaded |= {call.model: window} if window else {}
                        yield self._usage(part, call, size, here)
                        return
        raise ProviderFault(Fault.CUT, "its answer stopped before the end")

    async def embed(self, model: str, texts: tuple[str, ...]) -> Vectors:
        """Embeddings, by `/api/embed`."""
        asked = {"model": model, "input": list(texts), "keep_alive": self._keep, "truncate": False}
        with http.translated(self._where):
            found = await self._whole("POST", "api/embed", asked)
            told = found.get("prompt_eval_count")
            shown = estimate(*texts) if told is None else http.number(told)
            usage = Usage(shown, 0, self._local, told is not None, http.text(found.get("model")))
            return http.vectors(found["embeddings"], len(texts), usage)

    async def close(self) -> None:
        """Close its connections."""
        await self._link.close()

    def _body(self, call: Call, window: int | None) -> dict[str, Any]:
        options = {
            "num_predict": call.max_tokens,
            "temperature": call.temperature,
            "seed": call.seed,
            "stop": list(call.stop) or None,
            "num_ctx": window,
        }
        body: dict[str, Any] = {
            "model": call.model,
            "messages": [{"role": m.role, "content": m.content} for m in call.messages],
            "stream": True,
            "think": call.think,
            "keep_alive": self._keep,
            **_UNCUT,
            "options": {name: value for name, value in options.items() if value is not None},
        }
        if call.schema is not None:
            body["format"] = dict(call.schema)
        return body

    async def _whole(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        async with self._link.ask(method, path, body) as response:
            await self._check(response)
            found = json.loads(await response.aread())
            if not isinstance(found, dict):
                raise TypeError("no object")
            return found

    async def _check(self, response: httpx.Response) -> None:
        """Raise the fault for the status."""
        if response.is_success:
            return
        words = http.words(await http.beginning(response))
        if response.status_code == 400 and "does not support" in words:  # such as chat with a model that only embeds
            raise ProviderFault(Fault.NO_MODEL, words)
        if "exceed" in words and "context" in words:
            raise ProviderFault(Fault.NO_MODEL, f"the prompt is too long for it ({words})")
        raise http.of_status(response.status_code, words)

    def _here(self, told: _Told) -> bool:
        return self._local and not _passed_on(told)

    def _usage(self, end: _Told, call: Call, size: int, here: bool) -> Usage:
        shown, made = end.get("prompt_eval_count"), end.get("eval_count")
        counted = shown is not None and made is not None
        tokens_in = http.number(shown) if counted else estimate(*(m.content for m in call.messages))
        tokens_out = http.number(made) if counted else tokens(size)
        cut = end.get("done_reason") == "length"
        return Usage(tokens_in, tokens_out, here, counted, http.text(end.get("model")) or call.model, cut)


def _name(one: _Told) -> str:
    return http.text(one.get("model") or one.get("name"))


def _key(one: _Told) -> tuple[str, str]:
    return _name(one), http.text(one.get("digest"))


def _flag(value: object) -> bool:
    if value is not None and not isinstance(value, bool):
        raise TypeError("neither yes nor no")
    return value is True


def _passed_on(told: _Told) -> bool:
    """Whether it is made in Ollama's cloud, which can chat, but does not enforce schemas and makes no vectors."""
    return bool(told.get("remote_host") or told.get("remote_model"))


def _abilities(told: Sequence[str] | None) -> Abilities | None:
    """What a model can do; None from a server that is too old to say it."""
    if not told:
        return None
    chat = "completion" in told
    return Abilities(chat, "embedding" in told, json=chat, tools="tools" in told, vision="vision" in told)


def _count(told: str) -> int:
    """The number in `3.2B` and `137M`; 0 for anything else."""
    found = _COUNT.fullmatch(told)
    return round(float(found[1]) * 1000 ** ("KMBT".index(found[2].upper()) + 1)) if found else 0

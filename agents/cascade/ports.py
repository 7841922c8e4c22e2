"""The vocabulary between the cascade and its providers, and what a provider must do.

Owns the values that pass between them and the kinds of failure that are distinguished. Knows no provider's
protocol: only the files in `providers/` translate theirs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True)
class Message:
    """One turn of what a model is shown."""

    role: Role
    content: str


@dataclass(frozen=True)
class Call:
    """One request to one model. `schema`: the JSON schema that the answer must match, if any."""

    model: str
    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    max_tokens: int = 512
    temperature: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    think: bool = False
    """Whether a model that can think before it answers should do so."""


@dataclass(frozen=True)
class Piece:
    """The part of an answer since the last piece; `thinking` is never part of the answer."""

    text: str = ""
    thinking: str = ""


@dataclass(frozen=True)
class Room:
    """Tokens of the window with which the model is loaded, as its server tells while it answers."""

    tokens: int


@dataclass(frozen=True)
class Usage:
    """The end of an answer: tokens as counted by the server (estimated if `counted` is False), and whether all of it
    was generated on this machine.
    """

    tokens_in: int
    tokens_out: int
    local: bool
    counted: bool = True
    model: str = ""
    """The model that answered, as the server names it."""
    cut: bool = False
    """Whether the answer ended because it reached its maximum length."""


@dataclass(frozen=True)
class Vectors:
    """Embeddings, one row for each text, all of the same dimension."""

    rows: tuple[tuple[float, ...], ...]
    usage: Usage


@dataclass(frozen=True)
class Abilities:
    """What a provider, or one of its models, can do, so that a request goes only where it can be met. All of them
    stream.
    """

    chat: bool = True
    embed: bool = False
    json: bool = False
    """Whether it enforces a JSON schema."""
    tools: bool = False
    vision: bool = False


@dataclass(frozen=True)
class Model:
    """A model that a provider has; 0 and '' where the server does not say. `context`: tokens it can be shown; `window`:
    those for which it is sure to have room as it is loaded now.
    """

    name: str
    local: bool
    context: int = 0
    size: int = 0
    """Size of its file in bytes."""
    family: str = ""
    parameters: int = 0
    quantisation: str = ""
    """How its weights are stored: `Q4_K_M`."""
    abilities: Abilities | None = None
    """What it can do; None where the server does not say it of each model."""
    window: int = 0


class Fault(StrEnum):
    """How a provider fails; `rules` has a rule for each kind."""

    DEAD = "dead"
    """Nobody listens there, or the host name is unknown."""
    SILENT = "silent"
    """It took too long to connect, to begin, or to end."""
    NO_MODEL = "no model"
    """It does not have that model (404)."""
    BUSY = "busy"
    """It has no capacity now (503)."""
    LIMITED = "limited"
    """It was sent too many requests (429)."""
    DENIED = "denied"
    """It does not accept the key, or the key does not allow this (401, 402, 403)."""
    REFUSED = "refused"
    """It says that the request itself is wrong (any other 4xx); repeating it changes nothing."""
    BROKEN = "broken"
    """It failed internally (5xx, an error line in the stream), or its output does not follow its protocol."""
    CUT = "cut"
    """The connection ended in the middle of an answer."""
    EMPTY = "empty"
    """It answered with nothing."""
    ONLY_THOUGHT = "only thought"
    """It thought, and then said nothing."""
    TOO_MUCH = "too much"
    """It sent more than an answer may have."""
    SHORTENED = "shortened"
    """It answered only part of what it was shown, because there was no room for the rest."""


class ProviderFault(Exception):
    """A provider failed. The message may be shown: it contains no key and at most a line of what was sent."""

    def __init__(self, kind: Fault, said: str, *, retry_after: float | None = None) -> None:
        """`retry_after`: after how many seconds the server wants the next attempt."""
        super().__init__(said)
        self.kind, self.said, self.retry_after = kind, said, retry_after


def nothing(thought: bool) -> ProviderFault:
    """An answer ended without a word."""
    if thought:
        return ProviderFault(Fault.ONLY_THOUGHT, "it thought and then said nothing")
    return ProviderFault(Fault.EMPTY, "it answered with nothing")


def nothing_but_a_call() -> ProviderFault:
    """An answer ended without a word, but with a tool call."""
    return ProviderFault(Fault.EMPTY, "it called a tool, of which it was offered none, and said nothing")


@dataclass(frozen=True)
class Timeouts:
    """Time limits in seconds: to connect, for the first piece, for the whole answer."""

    connect: float = 2.0
    first: float = 60.0
    whole: float = 300.0


class Provider(Protocol):
    """A model server, called from the cascade's own process (asyncio).

    Raises `ProviderFault` and nothing else for the server's errors. The cascade enforces the `Timeouts` for the
    first piece and the whole, alike for all; cancelling the iteration (`aclose`) makes the server stop within half
    a second.
    """

    name: str
    abilities: Abilities

    async def models(self) -> tuple[Model, ...]:
        """The models it has now."""
        ...

    def chat(self, call: Call) -> AsyncIterator[Piece | Usage | Room]:
        """The answer as it comes: pieces, before them a `Room` if one is told, and at the end one `Usage`."""
        ...

    async def embed(self, model: str, texts: tuple[str, ...]) -> Vectors:
        """Embeddings of the texts."""
        ...

    async def close(self) -> None:
        """Close connections and processes."""
        ...


Purpose = Literal["talk", "thought", "other"]


@dataclass(frozen=True)
class Question:
    """What the world, or a program of the owner's, asks of the cascade.

    The asker numbers an agent's question (`id`), so that its answer can be found again after a reload. `person`:
    whether a person is waiting for it (people go before ticks).
    """

    id: str
    agent: str
    purpose: Purpose
    messages: tuple[Message, ...]
    person: bool = False
    schema: Mapping[str, Any] | None = None
    max_tokens: int = 512
    stale_after: float | None = None
    """Seconds after which nobody needs the answer any longer if it has not begun."""
    models: tuple[str, ...] = ()
    """Models the agent prefers, of which the first available one is used; if empty, whatever the provider has."""
    remote: frozenset[str] = frozenset()
    """Remote providers that are enabled for this agent: nothing leaves the machine to any other."""
    tokens_a_day: int | None = None
    money_a_day: float | None = None
    """What this agent may use of remote providers in a day (R8); None: the setting."""


@dataclass(frozen=True)
class Step:
    """One provider considered for a question: used, or why not."""

    provider: str
    said: str
    fault: str = ""


@dataclass(frozen=True)
class Answer:
    """The result of a question."""

    id: str
    text: str
    provider: str
    model: str
    local: bool
    tokens_in: int = 0
    tokens_out: int = 0
    cut: bool = False
    way: tuple[Step, ...] = field(default=())
    """The providers considered, in order, and what was said about each: why the answer came from where it did."""

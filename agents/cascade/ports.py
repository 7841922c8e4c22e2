"""The words in which the cascade and its providers speak, and what a provider must do.

Owns the values that pass between them and the kinds of failure that are told apart. Refuses to know
any provider's own protocol: each file in `providers/` translates its own, and nothing else does.
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
    """One request to one model. `schema`: the JSON schema that the answer has to meet, if any."""

    model: str
    messages: tuple[Message, ...]
    schema: Mapping[str, Any] | None = None
    max_tokens: int = 512
    temperature: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    think: bool = False
    """Whether a model that can think at length before it answers shall."""


@dataclass(frozen=True)
class Piece:
    """What has come of an answer since the last piece; `thinking` is never part of the answer."""

    text: str = ""
    thinking: str = ""


@dataclass(frozen=True)
class Room:
    """Tokens of the window with which the model is loaded, as its server tells while it answers."""

    tokens: int


@dataclass(frozen=True)
class Usage:
    """The last thing an answer brings: tokens as the server counted them (estimated where `counted` is False),
    and whether all of it was made on this machine.
    """

    tokens_in: int
    tokens_out: int
    local: bool
    counted: bool = True
    model: str = ""
    """The model that answered, as the server names it."""
    cut: bool = False
    """Whether the answer ended because it reached its longest length."""


@dataclass(frozen=True)
class Vectors:
    """Embeddings, one row a text, all of one dimension."""

    rows: tuple[tuple[float, ...], ...]
    usage: Usage


@dataclass(frozen=True)
class Abilities:
    """What a provider, or one of its models, can do, so that a request goes only where its needs are
    met. Each streams.
    """

    chat: bool = True
    embed: bool = False
    json: bool = False
    """Whether it holds an answer to a JSON schema."""
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
    """Bytes of its file."""
    family: str = ""
    parameters: int = 0
    quantisation: str = ""
    """How its weights are stored: `Q4_K_M`."""
    abilities: Abilities | None = None
    """What it can do; None where the server does not say it of each model."""
    window: int = 0


class Fault(StrEnum):
    """How a provider fails; each kind has its own rule in `rules`."""

    DEAD = "dead"
    """Nobody listens there, or the name is not known."""
    SILENT = "silent"
    """It took too long to connect, to begin, or to end."""
    NO_MODEL = "no model"
    """It does not have that model (404)."""
    BUSY = "busy"
    """It has no place now (503)."""
    LIMITED = "limited"
    """It was asked too often (429)."""
    DENIED = "denied"
    """It does not accept the key, or the key may not do this (401, 402, 403)."""
    REFUSED = "refused"
    """It says that the request itself is wrong (any other 4xx); asking again changes nothing."""
    BROKEN = "broken"
    """It failed inside (5xx, an error line in the stream), or what it sent does not follow its protocol."""
    CUT = "cut"
    """The connection ended in the middle of an answer."""
    EMPTY = "empty"
    """It answered with nothing."""
    ONLY_THOUGHT = "only thought"
    """It thought, and then said nothing."""
    TOO_MUCH = "too much"
    """It sent more than an answer may have."""
    SHORTENED = "shortened"
    """It answered to a part of what it was shown, for there was no room for the rest."""


class ProviderFault(Exception):
    """A provider failed. Its text may be shown: it has no key and no more than a line of what was sent."""

    def __init__(self, kind: Fault, said: str, *, retry_after: float | None = None) -> None:
        """`retry_after`: seconds after which the server says to come again."""
        super().__init__(said)
        self.kind, self.said, self.retry_after = kind, said, retry_after


def nothing(thought: bool) -> ProviderFault:
    """An answer ended without a word."""
    if thought:
        return ProviderFault(Fault.ONLY_THOUGHT, "it thought and then said nothing")
    return ProviderFault(Fault.EMPTY, "it answered with nothing")


def nothing_but_a_call() -> ProviderFault:
    """An answer ended without a word, and with the call of a tool."""
    return ProviderFault(Fault.EMPTY, "it called a tool, of which it was offered none, and said nothing")


@dataclass(frozen=True)
class Timeouts:
    """Seconds that are waited: to connect, for the first piece, for the whole answer."""

    connect: float = 2.0
    first: float = 60.0
    whole: float = 300.0


class Provider(Protocol):
    """A model server, asked from the cascade's own process (asyncio).

    Raises `ProviderFault` and nothing else for what the server does wrong. The times of `Timeouts` for the
    first piece and the whole are kept by the cascade around it, alike for all; cancelling the iteration
    (`aclose`) makes the server stop within half a second.
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
        """Let go of connections and processes."""
        ...


Purpose = Literal["talk", "thought", "other"]


@dataclass(frozen=True)
class Question:
    """What the world, or a program of the owner's, asks of the cascade.

    A question of an agent's is numbered by whoever asks (`id`), so that its answer can be found again
    after a reload. `person`: whether a person waits for it (people go before ticks).
    """

    id: str
    agent: str
    purpose: Purpose
    messages: tuple[Message, ...]
    person: bool = False
    schema: Mapping[str, Any] | None = None
    max_tokens: int = 512
    stale_after: float | None = None
    """Seconds after which nobody needs the answer any longer, if it has not begun."""
    models: tuple[str, ...] = ()
    """Models the agent prefers, the first that is there is taken; none: what the provider has."""
    remote: frozenset[str] = frozenset()
    """Remote providers that are enabled for this agent: nothing leaves the machine to any other."""
    tokens_a_day: int | None = None
    money_a_day: float | None = None
    """What this agent may use of remote providers in a day (R8); None: the setting."""


@dataclass(frozen=True)
class Step:
    """One provider considered for a question: taken, or why not."""

    provider: str
    said: str
    fault: str = ""


@dataclass(frozen=True)
class Answer:
    """What came of a question."""

    id: str
    text: str
    provider: str
    model: str
    local: bool
    tokens_in: int = 0
    tokens_out: int = 0
    cut: bool = False
    way: tuple[Step, ...] = field(default=())
    """The providers considered, in order, and what was said of each: why the answer came from where it did."""

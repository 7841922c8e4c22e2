"""A provider inside the process that does as it is told, and a cascade over such providers."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from typing import Any

from agents.cascade import composition
from agents.cascade.breaker import Policy
from agents.cascade.budget import Budget, Price
from agents.cascade.cascade import Cascade
from agents.cascade.ports import (
    Abilities,
    Call,
    Message,
    Model,
    Piece,
    Provider,
    ProviderFault,
    Question,
    Timeouts,
    Usage,
    Vectors,
)
from agents.cascade.roster import Entry, Missing
from agents.cascade.store import Store
from agents.kernel.clock import Clock, SystemClock

Part = str | float | Piece | BaseException | asyncio.Event | Usage
"""Of a script: text, seconds to wait, a thought, a failure, something to wait for, an end of its own."""


class Scripted:
    """`says` gives the script of a call; `listing` is what hinders it to tell of its models; `calls` has all calls,
    `stopped` those that were cancelled.
    """

    def __init__(
        self,
        name: str = "near",
        says: Callable[[Call], Iterable[Part]] | None = None,
        *,
        models: tuple[str, ...] = ("small",),
        local: bool = True,
        listing: BaseException | asyncio.Event | None = None,
        abilities: Abilities = Abilities(embed=True, json=True),  # noqa: B008
    ) -> None:
        self.name, self.abilities, self.local = name, abilities, local
        self.says = says or (lambda call: (f"{call.model} hears: ", call.messages[-1].content))
        self.listing = listing
        self._models = tuple(Model(model, local=local) for model in models)
        self.calls: list[Call] = []
        self.listed = self.running = self.most = 0
        self.stopped: list[Call] = []
        self.closed = False

    async def models(self) -> tuple[Model, ...]:
        self.listed += 1
        if isinstance(self.listing, asyncio.Event):
            await self.listing.wait()
        elif self.listing is not None:
            raise self.listing
        return self._models

    async def chat(self, call: Call) -> AsyncIterator[Piece | Usage]:
        self.calls.append(call)
        self.running += 1
        self.most = max(self.most, self.running)
        usage = Usage(10, 5, self.local, model=call.model)
        try:
            for part in self.says(call):
                if isinstance(part, str):
                    yield Piece(part)
                elif isinstance(part, (int, float)):
                    await asyncio.sleep(part)
                elif isinstance(part, asyncio.Event):
                    await part.wait()
                elif isinstance(part, BaseException):
                    raise part
                elif isinstance(part, Usage):
                    usage = part
                else:
                    yield part
            yield usage
        except asyncio.CancelledError:
            self.stopped.append(call)
            raise
        finally:
            self.running -= 1

    async def embed(self, model: str, texts: tuple[str, ...]) -> Vectors:
        return Vectors(tuple((float(len(text)), 1.0) for text in texts), Usage(3, 0, self.local, model=model))

    async def close(self) -> None:
        self.closed = True


def cascade(
    *made: Provider,
    store: Store | None = None,
    clock: Clock | None = None,
    times: Timeouts = Timeouts(1.0, 5.0, 10.0),  # noqa: B008
    policy: Policy = Policy(),  # noqa: B008
    daily: Budget = Budget(),  # noqa: B008
    slots: int = 1,
    prices: dict[str, Price] | None = None,
    **missing: str,
) -> Cascade:
    """A cascade over these providers in this order."""
    entries: list[Entry | Missing] = [
        Entry(
            one,
            "scripted",
            getattr(one, "local", True),
            f"here:{one.name}",
            slots=slots,
            price=(prices or {}).get(one.name),
        )
        for one in made
    ]
    entries += [Missing(name, why) for name, why in missing.items()]
    return composition.of(entries, store or tables(), clock or SystemClock(), times, policy, daily)


_OPEN: list[Store] = []


def tables() -> Store:
    """The cascade's tables, in memory, until the test is over."""
    _OPEN.append(Store(":memory:"))
    return _OPEN[-1]


def close_tables() -> None:
    """Let go of them; those that a service of another thread had, it has closed itself."""
    while _OPEN:
        with suppress(sqlite3.ProgrammingError):
            _OPEN.pop().close()


def question(text: str = "how are you", id: str = "q1", agent: str = "timmy", **more: Any) -> Question:
    """A question of an agent's."""
    return Question(
        id, agent, more.pop("purpose", "talk"), (Message("system", "be brief"), Message("user", text)), **more
    )


def fault(kind: Any, said: str = "it failed", retry_after: float | None = None) -> ProviderFault:
    """A failure of a provider's."""
    return ProviderFault(kind, said, retry_after=retry_after)

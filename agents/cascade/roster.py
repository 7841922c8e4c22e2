"""The providers, and what is known about each without asking.

Owns the list, its order, and how long a provider's list of models is trusted. No question waits for news: the old
list is used while a new one is requested.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from agents.cascade.breaker import State
from agents.cascade.budget import Price
from agents.cascade.health import Health
from agents.cascade.ports import Fault, Model, Provider, ProviderFault
from agents.cascade.rules import RULES, Known
from agents.kernel.clock import Clock

_log = logging.getLogger("timmy.cascade")
FRESH, FRESH_FAULT = 30.0, 3.0
"""How long a list of models, or a fault, is trusted, in seconds."""
LOOK = 8.0
"""Seconds after which an absent provider is tried again."""
NARROW = 600.0
"""How long a model's window is assumed to be smaller than its server reported, in seconds."""
PATIENCE = 5.0
"""Seconds that a provider may take to list its models."""
GONE = frozenset({Fault.NO_MODEL, *(fault for fault, rule in RULES.items() if rule.everything)})
"""Faults after which it has no models. After any other it may still have those it listed; its breaker and the
question's time limits decide whether it can be used.
"""


@dataclass
class Entry:
    """One provider from the settings. `fixed`: its models, if they are not queried."""

    provider: Provider
    kind: str
    local: bool
    where: str
    default: str = ""
    slots: int = 1
    price: Price | None = None
    fixed: tuple[Model, ...] | None = None
    models: tuple[Model, ...] | None = None
    why: str = ""
    asked_at: float | None = None
    asking: asyncio.Task[None] | None = field(default=None, repr=False)
    asking_since: float = 0.0
    narrow: dict[str, tuple[int, float]] = field(default_factory=dict)
    """Models that read only part of a prompt: of how many tokens, and until when that is assumed."""

    @property
    def name(self) -> str:
        """The provider's."""
        return self.provider.name

    @property
    def is_asked(self) -> bool:
        """Whether its models are being queried now."""
        return self.asking is not None and not self.asking.done()


@dataclass(frozen=True)
class Missing:
    """A provider that is named in the order but unavailable, and why."""

    name: str
    why: str


class Roster:
    """All providers, in their order."""

    def __init__(self, entries: Iterable[Entry | Missing], health: Health, clock: Clock) -> None:
        """`entries`: in the order in which they are used."""
        self.all = list(entries)
        self.entries = {one.name: one for one in self.all if isinstance(one, Entry)}
        self._health, self._clock = health, clock

    def refresh(self) -> None:
        """Query the providers whose information is old. Nobody waits for it."""
        for entry in self.entries.values():
            old = self._age(entry) >= (FRESH if entry.models and not entry.why else FRESH_FAULT)
            if entry.fixed is None and old and not entry.is_asked and not self._health.admit(entry.name, ""):
                self._ask(entry)

    def known(self, name: str, spent: Mapping[str, str]) -> Known:
        """What is known about a provider now. `spent`: why the budget excludes the asker from a
        provider, by its name.
        """
        entry = self.entries[name]
        return Known(
            name,
            entry.local,
            entry.provider.abilities,
            self._bounded(entry),
            entry.default,
            entry.why,
            self._health.closed(name),
            spent.get(name, ""),
        )

    def narrowed(self, name: str, model: str, tokens: int) -> None:
        """A model read only part of a prompt with so many tokens: for a while it is shown none that long."""
        self.entries[name].narrow[model] = (tokens, self._clock.monotonic() + NARROW)

    def _bounded(self, entry: Entry) -> tuple[Model, ...] | None:
        models, now = entry.models if entry.fixed is None else entry.fixed, self._clock.monotonic()
        if models is None or not entry.narrow:
            return models
        entry.narrow = {model: found for model, found in entry.narrow.items() if found[1] > now}
        bounds = {model: tokens - 1 for model, (tokens, _) in entry.narrow.items()}
        return tuple(_narrower(one, bounds[one.name]) if one.name in bounds else one for one in models)

    async def met(self, name: str, seconds: float) -> None:
        """When a provider is queried for the first time, wait for its list of models, until so many seconds
        afterwards.
        """
        entry = self.entries[name]
        if entry.asked_at is not None or entry.asking is None:
            return
        left = entry.asking_since + seconds - self._clock.monotonic()
        if not (await asyncio.wait({entry.asking}, timeout=max(left, 0.0)))[0]:
            entry.why = f"it has not listed its models within {seconds:g} s"

    async def all_met(self) -> None:
        """Wait for every provider that is queried for the first time."""
        self.refresh()
        await asyncio.gather(*(self.met(name, PATIENCE) for name in self.entries))

    async def probe(self, names: Iterable[str] | None = None) -> None:
        """Query providers for their models now, whatever is known about them."""
        tasks = [self._ask(self.entries[name]) for name in (self.entries if names is None else names)]
        if tasks:
            await asyncio.wait(tasks)

    def attend(self) -> None:
        """Now and then: check whether providers on this machine have appeared or returned, whatever their breakers
        say. It costs no model call, and nobody waits for it.
        """
        for entry in self.entries.values():
            missed = not entry.models or self._health.breaker(entry.name).state is not State.CLOSED
            if entry.local and entry.fixed is None and missed and self._age(entry) >= LOOK:
                self._ask(entry)

    async def close(self) -> None:
        """Close every provider."""
        for entry in self.entries.values():
            if entry.asking is not None:
                entry.asking.cancel()
            try:
                async with asyncio.timeout(PATIENCE):
                    await entry.provider.close()
            except Exception:  # noqa: BLE001  one that cannot let go must not keep the others
                _log.exception("provider %s did not close", entry.name)

    def _age(self, entry: Entry) -> float:
        return float("inf") if entry.asked_at is None else self._clock.monotonic() - entry.asked_at

    def _ask(self, entry: Entry) -> asyncio.Task[None]:
        if entry.asking is None or not entry.is_asked:
            entry.asking_since = self._clock.monotonic()
            entry.asking = asyncio.create_task(self._learn(entry), name=f"models of {entry.name}")
        return entry.asking

    async def _learn(self, entry: Entry) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                entry.models = await entry.provider.models()
            entry.why = ""
            self._health.worked(entry.name, "")
        except TimeoutError:
            self._note(entry, ProviderFault(Fault.SILENT, f"it did not list its models within {PATIENCE:g} s"))
        except ProviderFault as fault:
            self._note(entry, fault)
        finally:
            entry.asked_at = self._clock.monotonic()

    def _note(self, entry: Entry, fault: ProviderFault) -> None:
        entry.models, entry.why = None if fault.kind in GONE else entry.models, fault.said
        if self._health.breaker(entry.name).state is not State.OPEN:  # a mere check makes no cool-down longer
            self._health.failed(entry.name, "", fault)


def _narrower(model: Model, tokens: int) -> Model:
    """The model with room for so many tokens at most, and what its server tells of its window not believed."""
    return replace(model, context=min(filter(None, (model.context, tokens))), window=0)

"""How the providers are doing: their breakers, and how wide each is used.

Owns both, stores the breakers so that they survive a restart, and reports changes of strategy. Never calls a
provider.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from agents.cascade import strategy
from agents.cascade.breaker import Breaker, Policy, State
from agents.cascade.ports import Fault, ProviderFault
from agents.cascade.rules import RULES, SHORTEST_WAIT
from agents.cascade.store import Store
from agents.cascade.strategy import Standing, Strategy, Width
from agents.kernel.clock import Clock

_log = logging.getLogger("timmy.cascade")
Key = tuple[str, str]
"""A provider and one of its models, or "" for all of it."""


class Health:
    """Breakers and widths of all providers. `slots`: the enabled providers, and how many questions each serves at a
    time.
    """

    def __init__(self, store: Store, clock: Clock, policy: Policy, slots: Mapping[str, int]) -> None:
        """Restore what the store knows from earlier runs."""
        self._store, self._clock, self._policy = store, clock, policy
        self._breakers: dict[Key, Breaker] = {key: b for key, b in store.breakers().items() if key[0] in slots}
        self._widths = {name: Width(full, full) for name, full in slots.items()}
        self.strategy: tuple[Strategy, str] = (Strategy.BURN, "")
        self.since = self._now()
        self._judge()

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def breaker(self, provider: str, model: str = "") -> Breaker:
        """The breaker of a model, or of the provider as a whole."""
        return self._breakers.get((provider, model), Breaker())

    def width(self, provider: str) -> int:
        """How many questions the provider may work on at a time."""
        return self._widths[provider].now

    def closed(self, provider: str) -> tuple[tuple[str, str], ...]:
        """The models of a provider that may not be used now ("" is all of them), each with the reason."""
        now = self._now()
        rest = self._widths[provider].until - now
        if rest > 0:
            return (("", f"it asked to be left alone for {rest:.0f} s more"),)
        return tuple(
            (model, breaker.why(now))
            for (name, model), breaker in self._breakers.items()
            if name == provider and not breaker.may(now, self._policy)
        )

    def admit(self, provider: str, model: str) -> str:
        """Let one question through to a model, or return why not."""
        closed = dict(self.closed(provider))
        if why := closed.get("") or closed.get(model):
            return why
        for key in ((provider, ""), (provider, model)):
            if key in self._breakers:
                self._keep(key, self._breakers[key].let(self._now(), self._policy))
        return ""

    def worked(self, provider: str, model: str) -> None:
        """The model succeeded."""
        self._widths[provider] = self._widths[provider].worked()
        for key in ((provider, ""), (provider, model)):
            if key in self._breakers:
                self._keep(key, self._breakers[key].worked())
        self._judge()

    def failed(self, provider: str, model: str, fault: ProviderFault) -> None:
        """The model failed."""
        now, rule = self._now(), RULES[fault.kind]
        if fault.kind is Fault.LIMITED:
            rest = (
                SHORTEST_WAIT if fault.retry_after is None else min(max(fault.retry_after, 0.0), self._policy.longest)
            )
            self._widths[provider] = self._widths[provider].limited(now + rest)
        if rule.counts:
            key = (provider, "" if rule.everything else model)
            before = self.breaker(*key)
            after = before.failed(fault.kind, fault.said, now, self._policy)
            self._keep(key, after)
            if after.state is State.OPEN and before.state is not State.OPEN:
                _log.warning(
                    "breaker of %s opened after %d failures: %s",
                    "/".join(filter(None, key)),
                    after.failures,
                    fault.said,
                )
        self._judge()

    def by_hand(self, provider: str, *, open: bool) -> None:
        """Open a provider's breaker until it is closed by hand, or close all of its breakers."""
        for key in [key for key in self._breakers if key[0] == provider and not open]:
            self._keep(key, Breaker())
        if open:
            self._keep((provider, ""), self.breaker(provider).by_hand(open=True))
        else:
            self._widths[provider] = Width(self._widths[provider].full, self._widths[provider].full)
        _log.warning("breaker of %s %s by hand", provider, "opened" if open else "closed")
        self._judge()

    def _keep(self, key: Key, breaker: Breaker) -> None:
        if self._breakers.get(key) != breaker:
            self._breakers[key] = breaker
            self._store.keep_breaker(key, breaker)

    def _judge(self) -> None:
        now = self._now()
        found = strategy.judge(Standing(name, self._why_down(name, now), width) for name, width in self._widths.items())
        if found[0] is not self.strategy[0] or not self.strategy[1]:
            self.strategy, self.since = found, now
            self._store.note_strategy(now, *found)
            _log.info("strategy: %s, because %s", *found)

    def _why_down(self, name: str, now: float) -> str:
        if self._widths[name].until > now:
            return "it is asked too often"
        down = [b for (n, _), b in self._breakers.items() if n == name and b.state is not State.CLOSED]
        return down[0].why(now) if down else ""

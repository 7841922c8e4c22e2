"""What each agent has used of other machines today, and what its current questions may still use.

Owns the budgets in force. Does not let many simultaneous questions spend more than one of them may.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from agents.cascade import budget
from agents.cascade.budget import Budget, Price, Used
from agents.cascade.ports import Question
from agents.cascade.rules import Choice
from agents.cascade.store import Store
from agents.cascade.tokens import tokens
from agents.kernel.clock import Clock

_log = logging.getLogger("timmy.cascade")


class Purse:
    """The budgets of all agents. `prices`: of each provider, None if unknown."""

    def __init__(self, store: Store, clock: Clock, daily: Budget, prices: Mapping[str, Price | None]) -> None:
        """`daily`: the budget of agents without their own."""
        self._store, self._clock, self._daily, self._prices = store, clock, daily, prices
        self._own: dict[str, Budget] = {}
        self._held: dict[str, Used] = {}
        self._told: set[tuple[str, str, str]] = set()
        """Budgets whose exhaustion was logged: day, agent, provider."""

    @property
    def today(self) -> str:
        """The day to which budgets apply."""
        return budget.day_of(self._clock.now())

    def limit(self, agent: str) -> Budget:
        """An agent's budget, as given with its last question."""
        return self._own.get(agent, self._daily)

    def cost(self, provider: str, tokens_in: int, tokens_out: int) -> float:
        """The cost of a provider's tokens; nothing if no price is known."""
        price = self._prices.get(provider)
        return price.cost(tokens_in, tokens_out) if price else 0.0

    def spent(self, question: Question) -> dict[str, str]:
        """Why the asker's budget excludes providers that it has enabled, by name; logged once a day."""
        if not question.remote:
            return {}
        today, agent = self.today, question.agent
        self._own[agent] = limit = Budget(
            self._daily.tokens if question.tokens_a_day is None else question.tokens_a_day,
            self._daily.money if question.money_a_day is None else question.money_a_day,
        )
        used, found = self._store.used(today, agent) + self._held.get(agent, Used()), {}
        for name in question.remote & self._prices.keys():
            if why := budget.spent(agent, limit, used, self._prices[name]):
                found[name] = why
                if (today, agent, name) not in self._told:
                    self._told = {told for told in self._told if told[0] == today} | {(today, agent, name)}
                    _log.warning("%s is left out: %s", name, why)
        return found

    @contextmanager
    def held(self, question: Question, choice: Choice, shown: int) -> Iterator[None]:
        """While a call is running, the most it may cost counts as used. `shown`: its weight."""
        most = tokens(shown), question.max_tokens
        hold = Used(sum(most), self.cost(choice.provider, *most))
        self._held[question.agent] = self._held.get(question.agent, Used()) + hold
        try:
            yield
        finally:
            self._held[question.agent] -= hold
            if not self._held[question.agent].tokens:
                del self._held[question.agent]

    def charge(self, question: Question, choice: Choice, shown: int, made: int) -> None:
        """Charge the budget for an answer that failed after another machine had worked on it, as estimated from the
        weights of input and output.
        """
        if made and not choice.model.local:
            used = tokens(shown), tokens(made)
            self._store.charge(
                self.today,
                question.agent,
                choice.provider,
                choice.model.name,
                *used,
                self.cost(choice.provider, *used),
            )

"""What an agent may use of remote providers in a day of UTC. Pure.

Owns the comparison of what was used, and of what is being used now, with what may be. Refuses to count what was
made on this machine, and to let money be spent where nobody knows the price.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Price:
    """Money for a million tokens shown to a model, and for a million it makes."""

    tokens_in: float
    tokens_out: float

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        """What so many tokens cost."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1_000_000


@dataclass(frozen=True)
class Budget:
    """What may be used in a day; None: as much as is asked for."""

    tokens: int | None = None
    money: float | None = None


@dataclass(frozen=True)
class Used:
    """What was used of a day's budget."""

    tokens: int = 0
    money: float = 0.0

    def __add__(self, other: Used) -> Used:
        return Used(self.tokens + other.tokens, self.money + other.money)

    def __sub__(self, other: Used) -> Used:
        return Used(self.tokens - other.tokens, max(self.money - other.money, 0.0))


def day_of(now: datetime) -> str:
    """The day to which an instant belongs."""
    return now.strftime("%Y-%m-%d")


def spent(agent: str, budget: Budget, used: Used, price: Price | None) -> str:
    """Why the agent may not ask a remote provider today, '' when it may. `price` is that provider's."""
    if budget.tokens is not None and used.tokens >= budget.tokens:
        return f"{agent}'s budget of {budget.tokens:,} tokens for today is spent"
    if budget.money is None:
        return ""
    if price is None:
        return "its price is not set, so that money cannot be counted"
    if used.money >= budget.money:
        return f"{agent}'s budget of {budget.money:g} in money for today is spent"
    return ""

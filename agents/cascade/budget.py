"""What an agent may use of remote providers in a day (UTC). Pure.

Owns the comparison of use, past and current, with the budget. Does not count what was made on this machine, and
allows no money to be spent if the price is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Price:
    """Money for a million input tokens, and for a million output tokens."""

    tokens_in: float
    tokens_out: float

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        """The cost of these tokens."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1_000_000


@dataclass(frozen=True)
class Budget:
    """What may be used in a day; None: no limit."""

    tokens: int | None = None
    money: float | None = None


@dataclass(frozen=True)
class Used:
    """How much of a day's budget was used."""

    tokens: int = 0
    money: float = 0.0

    def __add__(self, other: Used) -> Used:
        return Used(self.tokens + other.tokens, self.money + other.money)

    def __sub__(self, other: Used) -> Used:
        return Used(self.tokens - other.tokens, max(self.money - other.money, 0.0))


def day_of(now: datetime) -> str:
    """The day of an instant."""
    return now.strftime("%Y-%m-%d")


def spent(agent: str, budget: Budget, used: Used, price: Price | None) -> str:
    """Why the agent may not use a remote provider today; '' if it may. `price` is that provider's."""
    if budget.tokens is not None and used.tokens >= budget.tokens:
        return f"{agent}'s budget of {budget.tokens:,} tokens for today is spent"
    if budget.money is None:
        return ""
    if price is None:
        return "its price is not set, so that money cannot be counted"
    if used.money >= budget.money:
        return f"{agent}'s budget of {budget.money:g} in money for today is spent"
    return ""

"""How many questions are asked at once, depending on the state of the providers. Pure.

Owns three strategies, changed by the providers' answers and never by hand:

    maximum burn  every provider is used through all of its slots, until one says that it is asked too often
    fallback      a provider is limited, down or spent: the next, slower one answers what it can
    acceleration  it answers again: its slots are widened one by one until all are in use

Neither asks nor counts slots itself: `Width` says how many of them may be used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Strategy(StrEnum):
    """What is done now."""

    BURN = "maximum burn"
    FALLBACK = "fallback"
    ACCELERATION = "acceleration"


@dataclass(frozen=True)
class Width:
    """How many of a provider's `full` slots may be used. `until`: it is not used before (seconds since 1970)."""

    full: int
    now: int
    until: float = 0.0

    def limited(self, until: float) -> Width:
        """It was asked too often: one slot, and none before `until`."""
        return replace(self, now=1, until=max(self.until, until))

    def worked(self) -> Width:
        """It answered: one slot more, up to all."""
        return self if self.now >= self.full else replace(self, now=self.now + 1)


@dataclass(frozen=True)
class Standing:
    """What is known about one enabled provider: why it cannot be used ('' if it can), and its width."""

    name: str
    why: str
    width: Width


def judge(standings: Iterable[Standing]) -> tuple[Strategy, str]:
    """The strategy for the current state of the providers, and why."""
    known = list(standings)
    if not known:
        return Strategy.FALLBACK, "no provider is set"
    if down := next((one for one in known if one.why), None):
        able = [one.name for one in known if not one.why]
        return Strategy.FALLBACK, f"{down.name}: {down.why}; " + (
            f"{able[0]} answers" if able else "nobody else answers"
        )
    if narrow := next((one for one in known if one.width.now < one.width.full), None):
        return (
            Strategy.ACCELERATION,
            f"{narrow.name} answers again: {narrow.width.now} of {narrow.width.full} slots are in use",
        )
    return Strategy.BURN, "every provider may be asked, and none is limited"

"""How wide questions are asked, by the state of what there is to ask. Pure.

Owns three strategies, changed by what providers answer and never by hand:

    maximum burn  every provider is asked through all of its slots, until one says that it is asked too often
    fallback      a provider is limited, down or spent: what can be is answered by the next, slower
    acceleration  it answers again: its slots are widened one by one until all are in use

Refuses to ask or to count slots itself: `Width` says how many of them may be used.
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
    """How many of a provider's `full` slots may be used. `until`: it is asked nothing before (seconds since 1970)."""

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
    """What is known of one provider that is enabled: why it cannot be asked ('' when it can), and its width."""

    name: str
    why: str
    width: Width


def judge(standings: Iterable[Standing]) -> tuple[Strategy, str]:
    """The strategy that the state of the providers calls for, and why."""
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

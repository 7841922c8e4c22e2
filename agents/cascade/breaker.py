"""When a failing provider is left alone, and when it is tried again. Pure.

Owns the state machine, as data:

    closed    --`after` failures in a row-->  open (cool-down)
    open      --cool-down over, one probe-->  half-open
    half-open --the probe worked-->           closed
    half-open --the probe failed-->           open (cool-down doubled, up to a limit)
    any       --by hand-->                    open until closed by hand, or closed

Uses no clock: the time is passed in, in seconds since 1970, so that the state survives a restart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class State(StrEnum):
    """Closed lets questions through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True)
class Policy:
    """The number of failures in a row that opens it; the first and the longest cool-down in seconds."""

    after: int = 5
    cool: float = 10.0
    longest: float = 600.0


@dataclass(frozen=True)
class Breaker:
    """The breaker of a provider, or of one of its models. `again_at`: when a probe may be made; None: only when closed
    by hand.
    """

    state: State = State.CLOSED
    failures: int = 0
    opened: int = 0
    """How often in a row it opened; the cool-down grows with it."""
    again_at: float | None = 0.0
    last_fault: str = ""
    last_said: str = ""

    def may(self, now: float, policy: Policy) -> bool:
        """Whether a question may go through now. A clock that was set back excludes nobody for longer than the longest
        cool-down.
        """
        if self.state is State.CLOSED:
            return True
        if self.again_at is None:
            return False
        return now >= self.again_at or self.again_at - now > policy.longest

    def let(self, now: float, policy: Policy) -> Breaker:
        """After `may`: a question that passes an open breaker is the probe, and no other may pass until it returns (or
        is lost: then another may after the cool-down).
        """
        if self.state is State.CLOSED:
            return self
        return replace(self, state=State.HALF_OPEN, again_at=now + self._cool(policy))

    def worked(self) -> Breaker:
        """The call succeeded. A breaker that was opened by hand stays open."""
        return self if self._by_hand else Breaker(last_fault=self.last_fault, last_said=self.last_said)

    def failed(self, fault: str, said: str, now: float, policy: Policy) -> Breaker:
        """The call failed in a way that counts."""
        noted = replace(self, failures=self.failures + 1, last_fault=fault, last_said=said)
        if self._by_hand or (self.state is State.CLOSED and noted.failures < policy.after):
            return noted
        if self.state is State.OPEN:  # a call that was let through before the breaker opened
            return noted
        opened = replace(noted, state=State.OPEN, opened=self.opened + 1)
        return replace(opened, again_at=now + opened._cool(policy))

    def by_hand(self, *, open: bool) -> Breaker:
        """Opened until somebody closes it, or closed as if nothing had happened."""
        return replace(self, state=State.OPEN, again_at=None) if open else Breaker()

    def why(self, now: float) -> str:
        """Why nothing may go through."""
        if self._by_hand:
            return "its breaker was opened by hand"
        if self.state is State.HALF_OPEN:
            return "its breaker is half-open and a probe is out"
        wait = max((self.again_at or now) - now, 0.0)
        return f"its breaker is open for {wait:.0f} s: {self.last_said or self.last_fault}"

    @property
    def _by_hand(self) -> bool:
        return self.state is State.OPEN and self.again_at is None

    def _cool(self, policy: Policy) -> float:
        return min(policy.cool * 2.0 ** min(max(self.opened - 1, 0), 30), policy.longest)

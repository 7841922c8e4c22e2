"""What a guest may send and leave in a day: bytes, by account and kind.

Owns the kinds, the cost of each act, the count, which survives connections and restarts, and the refusal. Code that
takes somebody's words calls this before reading them, so that failed attempts count, too. Does not limit the owner,
the agents or the world itself: agents have their own budgets and rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from agents.cascade.budget import day_of
from agents.governance.models import Spent
from agents.governance.rules import Actor
from agents.governance.settings import GovernanceSettings
from agents.kernel.errors import NotAllowed
from agents.kernel.runtime import Runtime

PROPOSAL, TALK, KEEPING, DEED = "proposal", "talk", "keeping", "deed"

COUNTS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        PROPOSAL: (500, "propose and edit"),
        TALK: (20, "say"),
        KEEPING: (50, "write down (notes, descriptions, nicks, options)"),
        DEED: (10, "walk, take and put down"),
    }
)
"""By kind: the bytes that an act costs in addition to its words, because each leaves rows; and the kind in words."""


def size(kind: str, words: str) -> int:
    """The cost of an act of this kind with these words."""
    return COUNTS[kind][0] + len(words.encode("utf-8", "surrogatepass"))


def room_again(now: datetime) -> timedelta:
    """Time until the end of the day (UTC)."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - now


class Allowance:
    """This world's count."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def spent(self, actor: Actor, kind: str) -> int:
        """The bytes that somebody has used today."""
        today = Spent.objects.filter(actor=str(actor), kind=kind, day=day_of(self._runtime.clock.now()))
        return today.values_list("bytes", flat=True).first() or 0

    def take(self, actor: Actor, kind: str, words: str = "") -> None:
        """Count an act and its words. Raises NotAllowed, which says when there is room again; then nothing was
        counted.
        """
        if actor.kind != "person":
            return
        now, most = self._runtime.clock.now(), self._runtime.settings.of(GovernanceSettings).guest_kb * 1000
        used = self.spent(actor, kind) + size(kind, words)
        if used > most:
            raise NotAllowed(
                (
                    f"That is more than a guest may {COUNTS[kind][1]} in a day. There is room again in "
                    f"{_span(room_again(now))}."
                ),
                next="help guests",
            )
        Spent.objects.bulk_create(
            [Spent(actor=str(actor), kind=kind, day=day_of(now), bytes=used)],
            update_conflicts=True,
            unique_fields=["actor", "kind"],
            update_fields=["day", "bytes"],
        )


def _span(left: timedelta) -> str:
    hours, minutes = divmod(-(-left.total_seconds() // 60), 60)
    return f"{hours:.0f} h {minutes:.0f} min" if hours else f"{minutes:.0f} min"

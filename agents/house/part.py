"""The contract of a part: what the house calls, on one page. A hook that is not overridden does nothing.

A part is a class in `agents/<package>/part.py`, listed in its `PARTS`; adding the file is enough. It may import the
house, the layers below it, and the ports of other parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from agents.governance.rules import Actor
from agents.house.core import Core
from agents.house.values import Candidate, Check, Sentence, Wish

if TYPE_CHECKING:
    from agents.house.house import House

NEVER = float("inf")


class Part:
    """One part of a house. One thread calls everything."""

    name: ClassVar[str]
    after: ClassVar[tuple[str, ...]] = ()
    """The parts before this one whenever they are called in turn; ties are ordered by name."""
    Kept: ClassVar[Any] = type(None)
    """The type of what `snapshot` returns, used to check a saved run."""
    every: ClassVar[float] = 1.0
    """Seconds between two checks whether a beat is due, in real time."""

    def __init__(self, core: Core) -> None:
        """Create it. This writes nothing and subscribes to nothing: a house may be created and never started."""
        self.core = core

    # -- start and stop ------------------------------------------------------------------------
    def offers(self) -> Mapping[type[Any], object]:
        """What others may use besides the part itself, by port."""
        return {}

    def wire(self, house: House) -> None:
        """Get what it needs from others: `house.need(Port)`."""

    def start(self) -> None:
        """Start: subscribe, resume unfinished work."""

    def stop(self) -> None:
        """Stop; unfinished work is on record."""

    # -- its turns -----------------------------------------------------------------------------
    @property
    def next_slot(self) -> float:
        """Clock reading before which it wants no slot. A part that always says "now" stops simulated time."""
        return NEVER

    def slot(self, budget_ms: float) -> None:
        """Do a little work, in the unit of work of all parts. Raise errors before writing anything."""

    def lose(self) -> None:
        """The slot it took part in was rolled back: continue from the tables."""

    @property
    def next_beat(self) -> float:
        """Clock reading before which it wants no beat; as exact as `next_slot`."""
        return NEVER

    def beat(self) -> None:
        """Do what is due, in its own units of work and within 5 ms."""

    def move(self, jump: timedelta) -> None:
        """The machine's clock was changed: move future instants along."""

    # -- saved runs --------------------------------------------------------------------------------
    @property
    def at_rest(self) -> bool:
        """Whether nothing is under way that could not be saved."""
        return True

    def snapshot(self) -> Any:
        """Its state outside the tables, while it is at rest."""
        return None

    def restore(self, kept: Any) -> None:
        """Restore that state, after `start` and with the same tables. Raises KeyError, ValueError."""

    # -- what minds get --------------------------------------------------------------------------
    def wishes(self, slug: str, now: datetime) -> Iterable[Wish]:
        """What the agent could want from it now, whether or not its file has it asleep at this hour."""
        return ()

    def wants_at(self, slug: str, now: datetime) -> float:
        """Seconds from now before which an idle agent can want nothing more from it than at its last visit."""
        return NEVER

    def seeds(self, slug: str) -> Iterable[Candidate]:
        """What the agent might think about."""
        return ()

    def recalls(self, slug: str, words: str, asker: Actor) -> Iterable[Sentence]:
        """What the agent may state about it to `asker`, in reply to somebody's words or about the subject of one of
        its seeds.
        """
        return ()

    # -- what people are shown -------------------------------------------------------------------
    def status(self) -> Mapping[str, Any]:
        """Figures for the metrics, by name; only JSON types."""
        return {}

    def checks(self) -> Iterable[Check]:
        """What `timmy doctor` says about it."""
        return ()


PARTS: tuple[type[Part], ...] = ()
"""Empty: this file is the contract, but is found like the files of all parts."""

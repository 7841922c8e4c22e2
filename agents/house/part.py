"""The contract of a part: what the house asks of it, page whole. A hook that is not overridden does nothing.

A part is a class in `agents/<package>/part.py`, named in its `PARTS`; putting the file there is enough. It may import
the house, what is below the house, and the ports of other parts.
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
    """The parts before this one, wherever they are asked in turn; ties go by name."""
    Kept: ClassVar[Any] = type(None)
    """The type of what `snapshot` gives: it is what a saved run is checked by."""
    every: ClassVar[float] = 1.0
    """Seconds between two looks whether a beat is due, where time is real."""

    def __init__(self, core: Core) -> None:
        """Make it. It writes nothing and subscribes to nothing: a house may be made and never started."""
        self.core = core

    # -- beginning and end ---------------------------------------------------------------------
    def offers(self) -> Mapping[type[Any], object]:
        """What others may take besides the part itself, by port."""
        return {}

    def wire(self, house: House) -> None:
        """Take what it needs of others: `house.need(Port)`."""

    def start(self) -> None:
        """Begin: subscribe, take up what was left."""

    def stop(self) -> None:
        """End; what was under way is on record."""

    # -- its turns -----------------------------------------------------------------------------
    @property
    def next_slot(self) -> float:
        """Clock reading before which it wants no slot. One that always says "now" stops simulated time."""
        return NEVER

    def slot(self, budget_ms: float) -> None:
        """Do a little, in the unit of work of all parts. What raises must raise before it writes."""

    def lose(self) -> None:
        """The slot it took part in was undone: go on from the tables."""

    @property
    def next_beat(self) -> float:
        """Clock reading before which it wants no beat; as exact as `next_slot`."""
        return NEVER

    def beat(self) -> None:
        """Do what is due, in units of work of its own and within 5 ms."""

    def move(self, jump: timedelta) -> None:
        """The machine's clock was set: instants that are yet to come move along."""

    # -- a run that is saved ---------------------------------------------------------------------
    @property
    def at_rest(self) -> bool:
        """Whether nothing is under way that could not be written down."""
        return True

    def snapshot(self) -> Any:
        """What it knows besides the tables, while it is at rest."""
        return None

    def restore(self, kept: Any) -> None:
        """Know what was known, after `start` and with the tables as they were. Raises KeyError, ValueError."""

    # -- what minds are given --------------------------------------------------------------------
    def wishes(self, slug: str, now: datetime) -> Iterable[Wish]:
        """What the agent could want of it now, whether its file has it wake or sleep at this hour."""
        return ()

    def wants_at(self, slug: str, now: datetime) -> float:
        """Seconds from now before which an idle agent can want no more of it than it could at its last visit."""
        return NEVER

    def seeds(self, slug: str) -> Iterable[Candidate]:
        """What the agent might think of."""
        return ()

    def recalls(self, slug: str, words: str, asker: Actor) -> Iterable[Sentence]:
        """What the agent may state of it to `asker`, on somebody's words or on the subject of one of its seeds."""
        return ()

    # -- what people are told --------------------------------------------------------------------
    def status(self) -> Mapping[str, Any]:
        """Figures for the metrics, by name; JSON types only."""
        return {}

    def checks(self) -> Iterable[Check]:
        """What `timmy doctor` says of it."""
        return ()


PARTS: tuple[type[Part], ...] = ()
"""This file names none: it is the contract, and is found like the files of all parts."""

"""When a mark of use is there. Pure.

Owns the shape of a mark and the test whether the record bears it out. Refuses to read the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Mark:
    """A small change of a room by its use.

    It can be in `rooms`; where none are named, in every room under a roof. It is there while at least `least` of the
    things that `source` counts happened within `within`; with `beyond`, while the last of them is longer ago than that.
    `words` is a clause that tells of it, `nouns` are what can be looked at, and `told` states the record: `{least}`,
    `{within}`, `{beyond}` and `{ago}` stand for its figures.
    """

    name: str
    source: str
    words: str
    nouns: tuple[str, ...]
    told: str
    rooms: tuple[str, ...] = ()
    least: int = 1
    within: timedelta | None = None
    beyond: timedelta | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a mark that would always or never be there."""
        if (self.within is None) == (self.beyond is None) or self.least < 1:
            raise ValueError(f"the mark {self.name} needs either within or beyond, and at least 1")

    def fits(self, room: str, under_roof: bool) -> bool:
        """Whether it can be in the room."""
        return room in self.rooms if self.rooms else under_roof


def holds(mark: Mark, happened: Sequence[datetime], now: datetime, since: datetime) -> bool:
    """Whether the mark is there. `happened` are the newest instants of its source, oldest first, at least `least` of
    them where there are so many; `since` is when the record begins.
    """
    if mark.beyond is not None:
        last = happened[-1] if happened else since
        return now - last > mark.beyond
    return len(happened) >= mark.least and now - happened[-mark.least] <= mark.within  # type: ignore[operator]

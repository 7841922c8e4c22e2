"""Who speaks with whom, and which news is worth telling: pure, over what both have in mind.

Owns the limits (one exchange a pair and hour), what counts as new, how important news must be, and which tasks an agent
would hand over. Refuses tables and the world. The words are in `phrases`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.lineage.voice import SILENT, Voice
from agents.society.memory import Memory
from agents.society.news import DULL, News

PAIR = timedelta(hours=1)
"""A pair speaks no more often."""
PATIENCE = timedelta(minutes=5)
"""One agent speaks no more often."""
FRESH = timedelta(hours=12)
"""What is older is no news."""
SAME = timedelta(minutes=30)
"""If nothing has changed, news must be so much later than what the hearer knows."""
ASKS = timedelta(hours=20)
"""A child asks how it stands no more often."""
LATELY = timedelta(hours=3)
"""A pair that spoke so short a time ago leaves small talk for later."""
NOON = 12


@dataclass(frozen=True)
class Line:
    """One sentence or two of an exchange. `kind` is what it is for; `news` is what it tells, None where it tells
    nothing; `about` and `source` are its matter and the record of it. `thanks`: whether a debt is paid by it.
    """

    speaker: str
    text: str
    kind: str
    news: News | None = None
    about: str = ""
    source: str = ""
    thanks: bool = False


@dataclass(frozen=True)
class Party:
    """One of two who meet. `due(goal, at)`: when its turn for a goal would come if the goal had been reached at `at`;
    None where that is no habit of its own.
    """

    slug: str
    name: str
    memory: Memory
    due: Callable[[str, datetime], datetime | None]
    voice: Voice = SILENT


@dataclass(frozen=True)
class Standing:
    """How far an aim has come, and how far even steps would have brought it by now."""

    aim: str
    done: int
    of: int
    even: int


def partner(mine: Memory, others: Iterable[str], now: datetime) -> str:
    """Whom of those who stand here to speak with: whom one has not spoken with for longest; '' for nobody."""
    free = [one for one in others if (at := mine.met.get(one)) is None or now - at >= PAIR]
    never = datetime.min.replace(tzinfo=now.tzinfo)
    return min(free, key=lambda one: (mine.met.get(one, never), one), default="")


def rested(memory: Memory, now: datetime) -> bool:
    """Whether it has not just spoken with somebody."""
    return not memory.met or now - next(reversed(memory.met.values())) >= PATIENCE


def least(last: datetime | None, now: datetime, hour: int, *, met_today: bool) -> int:
    """How much news must matter between two who spoke `last` then. Two who have not spoken all day by noon say
    something, however small.
    """
    if not met_today and hour >= NOON:
        return 0
    return DULL + 1 if last is None or now - last >= LATELY else DULL + 2


def news_for(speaker: Memory, hearer: Party, least: int, now: datetime) -> News | None:
    """What matters most of what the speaker knows and the hearer does not, and at least so much: the newest first."""
    found = [
        one
        for one in speaker.known.values()
        if now - one.happened < FRESH
        and one.weight >= least
        and hearer.slug not in (one.first, one.by)
        and hearer.name not in one.clause
        and ((has := hearer.memory.known.get(one.about)) is None or _newer(one, has))
    ]
    return max(found, key=lambda one: (2 * one.weight - bool(one.by), one.happened, one.about), default=None)


def _newer(one: News, has: News) -> bool:
    return one.source != has.source and one.happened > has.happened + (
        SAME if one.clause == has.clause else timedelta()
    )


@dataclass(frozen=True)
class Giver:
    """One that may hand a task over. `tasks`: those it has to do, the oldest first; `hand`: the one it works at, 0 for
    none; `up`: whether its hours are not over; `lacks`: a thing without which it cannot go on with the one in hand.
    """

    tasks: tuple[int, ...]
    hand: int
    up: bool
    lacks: str = ""


@dataclass(frozen=True)
class Handing:
    """A task to be handed over, and why: it comes after the task `behind`, needs the thing `lacks` that the other has,
    or, with neither, the giver's hours are over.
    """

    task: int
    behind: int = 0
    lacks: str = ""


def handings(giver: Giver, held: frozenset[str]) -> Iterable[Handing]:
    """The tasks that one might hand to another who has the things `held`, the best reason first. Whether it may is not
    asked here.
    """
    if giver.hand and giver.lacks in held:
        yield Handing(giver.hand, lacks=giver.lacks)
    if giver.hand:
        yield from (Handing(task, behind=giver.hand) for task in giver.tasks if task != giver.hand)
    if giver.hand and not giver.up:
        yield Handing(giver.hand)

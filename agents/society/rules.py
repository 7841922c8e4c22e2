"""Who speaks with whom, and what they say: pure, over what both have in mind.

Owns the bounds (one exchange a pair and hour), what is new to whom, and the sentences of an exchange. Refuses tables
and the world, and any word that no record bears.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.society.memory import Memory
from agents.society.news import News, number

PAIR = timedelta(hours=1)
"""A pair speaks no more often."""
SMALL, RARE = 1, timedelta(hours=3)
"""News of so little weight is told only by those who have not spoken for so long."""
PATIENCE = timedelta(minutes=5)
"""One agent speaks no more often."""
FRESH = timedelta(hours=12)
"""What is older is no news."""
SAME = timedelta(minutes=30)
"""Who knows as much of a matter as it stood so long before knows enough."""
ASKS = timedelta(hours=20)
"""A child asks how it stands no more often."""


Clock = Callable[[datetime], str]
"""An instant in words, by the local hour."""
Names = Callable[[str], str]
"""What an agent is called, by its slug."""


@dataclass(frozen=True)
class Line:
    """One sentence of an exchange: who says it, what news it tells (None: it answers), and of what it is."""

    speaker: str
    text: str
    news: News | None = None
    about: str = ""
    source: str = ""


@dataclass(frozen=True)
class Party:
    """One of two who meet. `due(goal, at)`: when its turn for a goal would come, had it been reached at `at`; None
    where it is no habit of its.
    """

    slug: str
    name: str
    memory: Memory
    due: Callable[[str, datetime], datetime | None]


@dataclass(frozen=True)
class Standing:
    """How far an aim has come, and how far even steps would have brought it by now."""

    aim: str
    done: int
    of: int
    even: int


def partner(mine: Memory, others: Iterable[str], now: datetime) -> str:
    """Whom to speak with of those who stand here: whom one has not spoken with for longest; '' for nobody."""
    free = [one for one in others if (at := mine.met.get(one)) is None or now - at >= PAIR]
    never = datetime.min.replace(tzinfo=now.tzinfo)
    return min(free, key=lambda one: (mine.met.get(one, never), one), default="")


def rested(memory: Memory, now: datetime) -> bool:
    """Whether it has not just spoken with somebody."""
    return not memory.met or now - next(reversed(memory.met.values())) >= PATIENCE


def news_for(speaker: Memory, hearer: Party, least: int, now: datetime) -> News | None:
    """What the speaker knows that the hearer does not: what weighs most, the newest first; `least` is the least that
    it must weigh.
    """
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


def exchange(a: Party, b: Party, now: datetime, clock: Clock, names: Names, hour: int, met_today: bool) -> list[Line]:
    """What is said when `a` comes upon `b`, at this local hour: `a` begins, `b` answers; nothing, where neither knows
    anything new.
    """
    last = a.memory.met.get(b.slug)
    least = SMALL if last is None or now - last >= RARE else SMALL + 1
    first, second = news_for(a.memory, b, least, now), news_for(b.memory, a, least, now)
    if first is None and second is None:
        return []
    if first is None:
        a, b, first, second = b, a, second, None
    assert first is not None
    second = second if second is not None and second.about != first.about else None
    to = greeting(b.name, hour, not met_today) or b.name
    lines = [Line(a.slug, _thanked(a, b) + _tell(first, to, clock, names), first)]
    answer = _answer(first, a, b, now, clock, alone=second is None)
    if second is not None:
        lines.append(Line(b.slug, f"{answer} {_tell(second, '', clock, names)}", second))
    else:
        lines.append(Line(b.slug, answer, None, first.about, first.source))
    return lines


def greeting(name: str, hour: int, first: bool) -> str:
    """How the first words of a day begin, '' for those that are not."""
    part = "morning" if 4 <= hour < 12 else "afternoon" if hour < 18 else "evening"
    return f"Good {part}, {name}" if first else ""


def counsel(child: Party, elder: Party, standing: Standing) -> list[Line]:
    """A child asks how it stands, and its elder reckons."""
    asked = f'{elder.name}, my aim "{standing.aim}" stands at {standing.done} of {standing.of}. Is that enough?'
    ahead, even = standing.done - standing.even, number(standing.even) if standing.even else "none"
    if standing.done >= standing.of:
        said = f"You have reached it, {child.name}. Rest, or help somebody else."
    elif ahead > 0:
        said = f"More than enough, {child.name}: even steps would have brought you to {even} by now."
    elif ahead == 0:
        said = f"It is, {child.name}: even steps would have brought you to {even} by now, too."
    else:
        said = f"Not yet, {child.name}: even steps would have brought you to {even} by now."
    about = f"aim:{child.slug}"
    return [
        Line(child.slug, asked, None, about, f"agent:{child.slug}"),
        Line(elder.slug, said, None, about, f"agent:{child.slug}"),
    ]


def need(asker: Party, holder: Party, item: str, key: str, task: int | None) -> list[Line]:
    """Somebody needs a thing that the other has."""
    about = f"item:{key}"
    said = (
        f"I need it for task {task}, {asker.name}; then it is yours."
        if task
        else f"Take it, {asker.name}. I put it down here."
    )
    return [
        Line(
            asker.slug,
            f"{holder.name}, I am waiting for the {item}, and you have it.",
            None,
            about,
            f"agent:{holder.slug}",
        ),
        Line(holder.slug, said, None, about, f"task:{task}" if task else f"agent:{holder.slug}"),
    ]


def as_told(news: News, clock: Clock, names: Names) -> str:
    """What somebody was told, by whom and when: `Ezra told me at 9:05 that at 8:50 all five candles burned`."""
    assert news.at is not None
    return f"{names(news.by)} told me at {clock(news.at)} that at {clock(news.happened)} {news.state}"


def _tell(news: News, to: str, clock: Clock, names: Names) -> str:
    """What one says of it: `Ezra, at 9:05 I counted the candles, and all five burn.`"""
    said = as_told(news, clock, names) if news.by else f"at {clock(news.happened)} I {news.clause}"
    whole = f"{said[0].upper()}{said[1:]}."
    if to.startswith("Good "):
        return f"{to}. {whole}"
    return f"{to}, {said}." if to else whole


def _thanked(a: Party, b: Party) -> str:
    """Thanks for what one was told last time and was spared a way by."""
    owed = a.memory.thanks.get(b.slug)
    return f"Thank you for your word on the {owed.about}; it spared me the way. " if owed else ""


def _answer(news: News, a: Party, b: Party, now: datetime, clock: Clock, *, alone: bool) -> str:
    """What the hearer makes of it, by what it has in mind itself. `alone`: it has no news of its own to add."""
    mine, turn = b.memory.known.get(news.about), b.due(news.goal, news.happened) if news.goal else None
    if news.about == "board" and mine is not None:
        if mine.clause == news.clause:
            return f"It was the same at {clock(mine.happened)}, {a.name}."
        return f"Then it has changed since {clock(mine.happened)}, {a.name}. I will go and read it."
    if spares(news) and turn is not None and turn > now:
        return f"Then I need not go before {clock(turn)}. Thank you, {a.name}."
    if mine is not None and not mine.by and mine.goal:
        return f"I saw to that at {clock(mine.happened)}, {a.name}."
    if mine is not None and mine.at is not None:
        return f"The last I was told of that, {a.name}, was at {clock(mine.at)}."
    new = _NEW[int(news.happened.timestamp()) // 60 % len(_NEW)].format(name=a.name)
    last = next((one for one in reversed(b.memory.known.values()) if alone and not one.by), None)
    return f"{new} My last round was at {clock(last.happened)}: I {last.clause}." if last else new


_NEW = (
    "That is new to me, {name}.",
    "I had not heard that, {name}.",
    "I did not know that, {name}.",
    "Good to know, {name}.",
)


def spares(news: News) -> bool:
    """Whether it is enough that one of the house sees to it."""
    return news.about in ("shrine", "disk")

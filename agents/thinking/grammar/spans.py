"""Spans of time in somebody's words: `today`, `last night`, `in the last 3 hours`, `since I left`. Pure; times are UTC.

Owns what each name means and how it is told again. Refuses to know when somebody left: whoever reads the records
says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.thinking.grammar.tokens import Tokens, listing

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SLOT, TO_COME = "<span>", "<future>"
"""What stands for a span among tokens, and for one that is yet to come."""
_UNITS: Mapping[str, timedelta] = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}
_NUMBERS = {
    word: number for number, word in enumerate(listing("a two three four five six seven eight nine ten"), 1)
} | {
    "one": 1,
    "an": 1,
    "few": 3,
    "couple": 2,
    "twelve": 12,
}


@dataclass(frozen=True)
class Span:
    """From `since` until before `until`. `key` names it among records; `phrase` tells it ("this morning"), `noun` as
    what something is on record for.
    """

    key: str
    since: datetime
    until: datetime
    phrase: str
    noun: str = ""

    @property
    def record(self) -> str:
        """As it stands among the records of a sentence."""
        return f"span:{self.key}"


def _clock(now: datetime, hour: int, days: int = 0) -> datetime:
    return now.replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=days)


def _evening(now: datetime) -> tuple[datetime, datetime]:
    return _clock(now, 17), now


_NAMED: Mapping[str, tuple[str, Callable[[datetime], tuple[datetime, datetime]]]] = {
    "today": ("today", lambda n: (_clock(n, 0), n)),
    "yesterday": ("yesterday", lambda n: (_clock(n, 0, -1), _clock(n, 0))),
    "day before yesterday": ("the day before yesterday", lambda n: (_clock(n, 0, -2), _clock(n, 0, -1))),
    "this morning": ("this morning", lambda n: (_clock(n, 0), min(n, _clock(n, 12)))),
    "this afternoon": ("this afternoon", lambda n: (_clock(n, 12), min(n, _clock(n, 18)))),
    "this evening": ("this evening", _evening),
    "tonight": ("tonight", _evening),
    "yesterday morning": ("yesterday morning", lambda n: (_clock(n, 0, -1), _clock(n, 12, -1))),
    "yesterday afternoon": ("yesterday afternoon", lambda n: (_clock(n, 12, -1), _clock(n, 18, -1))),
    "yesterday evening": ("yesterday evening", lambda n: (_clock(n, 17, -1), _clock(n, 0))),
    "last night": ("last night", lambda n: (_clock(n, 18, -1), min(n, _clock(n, 8)))),
    "this week": ("this week", lambda n: (_clock(n, 0, -n.weekday()), n)),
    "last week": ("last week", lambda n: (_clock(n, 0, -n.weekday() - 7), _clock(n, 0, -n.weekday()))),
    "this month": ("this month", lambda n: (_clock(n.replace(day=1), 0), n)),
    "lately": ("in the last two days", lambda n: (n - timedelta(days=2), n)),
}
"""By name: how it is told, and where it begins and ends. A night begins at 18:00 and ends at 8:00."""
_SAID: Mapping[tuple[str, ...], str] = {
    **{tuple(name.split()): name for name in _NAMED},
    ("since", "yesterday"): "since yesterday",
    ("overnight",): "last night",
    ("during", "the", "night"): "last night",
    ("in", "the", "night"): "last night",
    ("last", "evening"): "yesterday evening",
    ("the", "day", "before", "yesterday"): "day before yesterday",
    ("in", "the", "morning"): "this morning",
    ("all", "day"): "today",
    ("so", "far", "today"): "today",
    ("earlier", "today"): "today",
    ("recently",): "lately",
    ("of", "late"): "lately",
    ("these", "days"): "lately",
    ("earlier",): "today",
    ("the", "week"): "this week",
    ("your", "week"): "this week",
    ("your", "day"): "today",
    ("past", "week"): "this week",
    ("your", "morning"): "this morning",
    ("your", "night"): "last night",
    ("this", "day"): "today",
    ("your", "evening"): "this evening",
    ("since", "this", "morning"): "today",
    **{(word, meal): "this afternoon" for word in ("after",) for meal in ("lunch", "noon", "midday")},
    **{("before", meal): "this morning" for meal in ("lunch", "noon", "midday")},
    ("in", "the", "afternoon"): "this afternoon",
    ("in", "the", "evening"): "this evening",
    ("the", "day"): "today",
    ("until", "now"): "today",
    ("up", "to", "now"): "today",
}
_SINCE = {
    "lunch": 12,
    "lunchtime": 12,
    "noon": 12,
    "midday": 12,
    "breakfast": 8,
    "dinner": 18,
    "supper": 18,
    "midnight": 0,
    "dawn": 6,
    "sunrise": 6,
    "daybreak": 6,
}
"""The hour, by UTC, that is meant by a part of the day or a meal."""
_AWAY = (
    "since i left",
    "while i was away",
    "since i was here",
    "since i was last here",
    "while i was gone",
    "since my last visit",
    "since i logged out",
    "while i slept",
    "while i was out",
    "in my absence",
    "since last time",
    "since we last spoke",
    "since i have been away",
    "since i last was here",
    "while i was offline",
    "while i was asleep",
    "since i was here last",
    "while i have been away",
    "since i logged off",
    "since we last talked",
    "since we spoke",
    "when i was away",
    "when i was gone",
    "during my absence",
    "since i went away",
    "since i have been gone",
)
_PHRASES = sorted(
    [*((words, name) for words, name in _SAID.items()), *((tuple(one.split()), "left") for one in _AWAY)],
    key=lambda pair: -len(pair[0]),
)
_TO_COME = frozenset(("tomorrow", "soon", "later"))


def named(key: str, now: datetime, left: datetime | None = None) -> Span:
    """The span with this key, now; `left` is when whoever asks was last here, without which `left` is today."""
    if key == "left" and left is not None:
        return Span(key, left, now, "since you left", "the time since you left")
    if key == "since yesterday":
        return Span(key, _clock(now, 0, -1), now, "since yesterday", "the time since yesterday")
    if key.startswith("since "):
        return _since(key, now)
    if key.endswith(" days ago"):
        back = int(key.split()[0])
        return Span(key, _clock(now, 0, -back), _clock(now, 0, 1 - back), key, f"the day {key}")
    unit, dash, number = key.partition("-")
    if dash:
        many = int(number)
        told = f"in the last {unit}" if many == 1 else f"in the last {many} {unit}s"
        return Span(key, now - many * _UNITS[unit], now, told, told[3:])
    if key in DAYS:
        back = (now.weekday() - DAYS.index(key)) % 7 or 7
        return Span(key, _clock(now, 0, -back), _clock(now, 0, 1 - back), f"on {key.title()}", f"last {key.title()}")
    name = key if key in _NAMED else "today"
    phrase, bounds = _NAMED[name]
    return Span(name, *bounds(now), phrase, phrase.removeprefix("in "))


def _since(key: str, now: datetime) -> Span:
    """From an hour of today, or from a day of the week, until now; an hour that is to come is that of yesterday."""
    of = key.removeprefix("since ")
    if of in DAYS:
        back = (now.weekday() - DAYS.index(of)) % 7
        return Span(key, _clock(now, 0, -back), now, f"since {of.title()}", f"the time since {of.title()}")
    at = _clock(now, int(of.partition(":")[0])) + timedelta(minutes=int(of.partition(":")[2]))
    since = at if at <= now else at - timedelta(days=1)
    return Span(key, since, now, f"since {of}", f"the time since {of}")


def _hour(tokens: Tokens, at: int) -> str:
    """The hour that a token names after `since`, as HH:MM: `lunch`, `9`, `14:30`, `3pm`; '' for none."""
    token = tokens[at]
    if token in _SINCE:
        return f"{_SINCE[token]:02}:00"
    late = token.endswith("pm")
    hour, _, minute = token.removesuffix("am").removesuffix("pm").partition(":")
    if not hour.isdigit() or (minute and not minute.isdigit()):
        return ""
    of = int(hour) % 12 + 12 if late else int(hour)
    return f"{of:02}:{int(minute or 0):02}" if of < 24 and int(minute or 0) < 60 else ""


def found(tokens: Tokens) -> tuple[Tokens, str]:
    """The tokens with `<span>` (or `<future>`) in the place of the span they name, and its key, '' for none."""
    for words, key in _PHRASES:
        if (at := _at(tokens, words)) >= 0:
            return (*tokens[:at], SLOT, *tokens[at + len(words) :]), key
    for at, word in enumerate(tokens):
        if word == "since" and at + 1 < len(tokens):
            of = tokens[at + 1] if tokens[at + 1] in DAYS else _hour(tokens, at + 1)
            if of:
                return (*tokens[:at], SLOT, *tokens[at + 2 :]), f"since {of}"
        if word == "ago" and at > 1 and tokens[at - 1] == "days" and (many := _number(tokens[at - 2])):
            return (*tokens[: at - 2], SLOT, *tokens[at + 1 :]), f"{many} days ago"
        if word in DAYS:
            first = at - 1 if at and tokens[at - 1] in ("on", "last") else at
            return (*tokens[:first], SLOT, *tokens[at + 1 :]), word
        unit = word.removesuffix("s")
        if unit in _UNITS and (reach := _before(tokens, at)):
            first, many = reach
            return (*tokens[:first], SLOT, *tokens[at + 1 :]), f"{unit}-{many}"
    return tuple(TO_COME if word in _TO_COME else word for word in tokens), ""


def _number(token: str) -> int:
    return int(token) if token.isdigit() and len(token) < 4 else _NUMBERS.get(token, 0)


def _before(tokens: Tokens, at: int) -> tuple[int, int] | None:
    """Where `in the last 3` begins before a unit, and how many; None where no past stretch is meant."""
    first, many = at, 1
    if first and (tokens[first - 1].isdigit() or tokens[first - 1] in _NUMBERS):
        first -= 1
        many = int(tokens[first]) if tokens[first].isdigit() else _NUMBERS[tokens[first]]
    if not (first and tokens[first - 1] in ("last", "past")):
        return None
    first -= 1
    while first and tokens[first - 1] in ("the", "in", "within", "over", "during"):
        first -= 1
    return (first, many) if 0 < many <= 1000 else None


def _at(tokens: Tokens, words: tuple[str, ...]) -> int:
    for at in range(len(tokens) - len(words) + 1):
        if tokens[at] == words[0] and tokens[at : at + len(words)] == words:
            return at
    return -1

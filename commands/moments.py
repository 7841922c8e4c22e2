"""Stretches of past time as people type them: `today`, `3h`, `03:10`, `yesterday 03:10-03:40`.

Pure: the present is given. Owns the forms and their bounds; times are of the machine's own clock and
zone, as everywhere on the screen. Refuses what it does not read whole, and the future.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from agents.events.seen import Span
from agents.kernel.errors import BadInput
from agents.kernel.text import shorten, visible
from commands import grammar

ALONE = timedelta(minutes=30)
"""How long a stretch is of which only the beginning was named."""
DAYS = 7
"""So far back a stretch of hours may begin."""
PAGE, LONGEST_PAGE = 20, 120
"""Lines told at once, and at most where many things happened in the page's last second."""
SECOND = timedelta(seconds=1)
FORMS = "03:10, 03:10-03:40, yesterday 03:10, 2026-04-01 03:10, 20m, 3h, today"

_DAY = r"(?:(?P<day>today|yesterday|2\d{3}-\d{2}-\d{2})\b\s*)?"
_TIME = r"\d{1,2}:\d{2}(?::\d{2})?"
_WALL = re.compile(rf"{_DAY}(?:(?P<since>{_TIME})(?:\s*(?:-|–|to)\s*(?P<until>{_TIME}))?)?", re.ASCII | re.IGNORECASE)
_PARTS = frozenset(
    ["today", "yesterday", "-", "–", "to", "m", "min", "minute", "minutes", "h", "hour", "hours", "d", "day", "days"]
)
_AGO = re.compile(r"\d[\d.]*\s*(?:m|min|minutes?|h|hours?|d|days?)", re.ASCII | re.IGNORECASE)


def is_part(word: str) -> bool:
    """Whether a word belongs to a stretch of time, right or wrong, and not to somebody's name."""
    return word[:1].isdigit() or word.lower() in _PARTS


def span(words: str, now: datetime) -> Span:
    """The stretch that `words` name; a time without a day is the last such time that has passed.

    Raises BadInput for what is no such form, for no time of day, for what runs backwards or has not
    begun.
    """
    words = " ".join(words.split())
    now = now.astimezone()
    if _AGO.fullmatch(words):
        hours = grammar.hours(words)
        if hours > 24 * DAYS:
            raise BadInput(
                f"At most {DAYS}d can be asked for at once; name a day to go further back.", next="help rewind"
            )
        return Span(now - timedelta(hours=hours), now)
    found = _WALL.fullmatch(words)
    if not found or not words:
        raise BadInput(f"'{visible(shorten(words, 40))}' is not a time; those look like {FORMS}.")
    day = _day((found["day"] or "").lower(), now)
    if found["since"] is None:
        since = _at(day or now.date(), time())
        until = _at((day or now.date()) + timedelta(days=1), time())
    else:
        begin = _time(found["since"])
        since = _at(day or now.date(), begin)
        if day is None and since > now:
            since = _at(now.date() - timedelta(days=1), begin)
        until = since + ALONE
        if found["until"]:
            end = _time(found["until"])
            until = _at(since.date() if end > begin else since.date() + timedelta(days=1), end)
    if since > now:
        raise BadInput(f"{since:%A %d %B, %H:%M} has not come yet.")
    return Span(since, min(until, now))


def _day(word: str, now: datetime) -> date | None:
    match word:
        case "":
            return None
        case "today":
            return now.date()
        case "yesterday":
            return now.date() - timedelta(days=1)
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise BadInput(f"'{word}' is not a day; days look like 2026-04-01.") from None


def _time(words: str) -> time:
    try:
        return time(*map(int, words.split(":")))
    except ValueError:
        raise BadInput(f"'{words}' is not a time of day; those run from 00:00 to 23:59.") from None


def _at(day: date, when: time) -> datetime:
    """That time on the wall of this machine."""
    return datetime.combine(day, when).astimezone()


def second(at: datetime) -> datetime:
    """The whole second that has begun."""
    return at.replace(microsecond=0)


def leaf[T](first: Callable[[int], list[T]], at: Callable[[T], datetime]) -> tuple[list[T], datetime | None]:
    """The first page of what happened, which ends with a whole second where it can, and when the rest begins (None: no
    rest). `first` gives so many things from the beginning on, `at` when one happened.
    """
    found = first(PAGE + 1)
    if len(found) > PAGE and second(at(found[PAGE])) == second(at(found[PAGE - 1])):
        found = first(LONGEST_PAGE + 1)
    end = min(PAGE, len(found))
    while end < min(len(found), LONGEST_PAGE) and second(at(found[end])) == second(at(found[end - 1])):
        end += 1
    return found[:end], second(at(found[end])) if end < len(found) else None


def day_word(at: datetime, now: datetime) -> str:
    """The day of `at` as it can be typed: '' for today, `yesterday`, else its date."""
    passed = (now.astimezone().date() - at.astimezone().date()).days
    return {0: "", 1: "yesterday"}.get(passed, f"{at.astimezone():%Y-%m-%d}")


def typed(since: datetime, now: datetime, until: datetime | None = None) -> str:
    """The stretch in the form that `span` reads back, to the whole second outside of it."""
    begins = _clock(since)
    ends = f"-{_clock(until + timedelta(microseconds=-until.microsecond % 1_000_000))}" if until else ""
    return f"{day_word(since, now) or 'today'} {begins}{ends}"


def _clock(at: datetime) -> str:
    at = at.astimezone()
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def in_words(span: Span, now: datetime) -> str:
    """The stretch as a heading tells it: `today`, `yesterday 03:10 to 03:40`, `today 09:00 to now`."""
    since, until = span.since.astimezone(), span.until.astimezone()
    passed = (now.astimezone().date() - since.date()).days
    day = {0: "today", 1: "yesterday"}.get(passed, f"{since:%A %d %B}")
    if since.time() == time() and (until >= now or until == _at(since.date() + timedelta(days=1), time())):
        return day if until < now or not passed else f"since {day}"
    return f"{day} {since:%H:%M} to {'now' if until >= now else f'{until:%H:%M}'}"

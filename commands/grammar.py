"""The grammar of what is typed after a verb: numbers, ranges, names, reasons, hours.

Pure. Owns the forms and their bounds; refuses whatever it does not read whole, naming
the nearest right form. Knows nothing of tasks: it yields references as typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.kernel.errors import BadInput
from agents.kernel.text import shorten, visible

MOST = 1000
"""References that one line may name."""
LARGEST = 2**31 - 1
"""Greatest number of a task or an approval."""
LONGEST = 100_000
"""Characters one line may have before it is refused unread."""
LONGEST_HOURS = 30 * 24.0

_NUMBER = re.compile(r"(a?)#?(\d{1,18})", re.ASCII | re.IGNORECASE)
_RANGE = re.compile(r"(a?)#?(\d{1,18})(?:-|\.\.)a?#?(\d{1,18})", re.ASCII | re.IGNORECASE)
_HOURS = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(m|min|minutes?|h|hours?|d|days?)?", re.ASCII | re.IGNORECASE)
_UNIT = {"m": 1 / 60, "h": 1.0, "d": 24.0}
_NAME = re.compile(r"[a-z][a-z_-]{0,39}", re.ASCII)


@dataclass(frozen=True)
class Selection:
    """What a line selects. `refs`: `3` (a task's number) or `a7` (an approval's), in the order
    typed, none twice. `names`: `all`, `low-risk`, `survey`…, which the verb resolves.
    """

    refs: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def split_reason(text: str) -> tuple[str, str]:
    """Split at the first `=`: what stands before and the reason behind, both stripped."""
    before, _, after = text.partition("=")
    return before.strip(), after.strip()


def split_description(text: str) -> tuple[str, str]:
    """Split a title from its description at the first ` = `, so that a path may hold `=`."""
    before, found, after = f" {text} ".partition(" = ")
    return before.strip(), after.strip() if found else ""


def number(text: str, what: str = "a number") -> int:
    """One positive number.

    Raises BadInput when it is none or out of range.
    """
    match = re.fullmatch(r"#?(\d{1,18})", text.strip(), re.ASCII)
    if not match:
        raise BadInput(f"'{_quote(text)}' is not {what}; numbers look like 3.")
    return _bounded(match[1])


def name_and_number(text: str, what: str) -> tuple[str, int | None]:
    """A name of one word or several and a number behind it, each of which may be missing: `timmy 2`, `2`, `timmy`.

    Raises BadInput when the number is out of range.
    """
    name, _, last = text.strip().rpartition(" ")
    if last.lstrip("#").isdigit():
        return name.strip(), number(last, what)
    return text.strip(), None


def selection(text: str) -> Selection:
    """Read `3`, `3 5-8`, `3,5`, `a7`, `all`, `all low-risk`.

    Raises BadInput for anything else, for an empty line, a range that runs backwards, a
    number out of range and more than MOST items.
    """
    words = text.replace(",", " ").split()
    if not words:
        raise BadInput("Give a number, such as 3, or several, such as 3 5-8, or a7.")
    refs: dict[str, None] = {}
    names: list[str] = []
    for word in words:
        if match := _NUMBER.fullmatch(word):
            refs[f"{match[1].lower()}{_bounded(match[2])}"] = None
        elif match := _RANGE.fullmatch(word):
            for value in _span(word, match[2], match[3]):
                refs[f"{match[1].lower()}{value}"] = None
        elif _NAME.fullmatch(word.lower()):
            names.append(word.lower())
        else:
            raise BadInput(f"'{_quote(word)}' is not a number, a range or a name; those look like 3, 5-8 and all.")
        if len(refs) > MOST:
            raise BadInput(f"That names more than {MOST} items; name fewer at once.")
    return Selection(tuple(refs), tuple(names))


def hours(text: str, default: float = 8.0) -> float:
    """A span such as `4`, `4h`, `30m`, `2d`, in hours.

    Raises BadInput when it is none, nought, or beyond 30 days.
    """
    text = text.strip()
    if not text:
        return default
    match = _HOURS.fullmatch(text)
    if not match:
        raise BadInput(f"'{_quote(text)}' is not a span of time; those look like 30m, 4h, 2d.")
    span = float(match[1]) * _UNIT[(match[2] or "h")[0].lower()]
    if not 0 < span <= LONGEST_HOURS:
        raise BadInput("A span of time must be longer than zero and at most 30d.")
    return span


def bounded_count(text: str, default: int, most: int, what: str = "lines") -> int:
    """A count such as the one of `feed 20`.

    Raises BadInput when it is no number or not within 1 and `most`.
    """
    if not text.strip():
        return default
    value = number(text, f"a number of {what}")
    if value > most:
        raise BadInput(f"At most {most} {what} can be asked for at once.")
    return value


def switch(text: str) -> bool:
    """`on` or `off`; raises BadInput for anything else."""
    word = text.strip().lower()
    if word not in ("on", "off"):
        raise BadInput(f"'{_quote(word)}' is neither on nor off." if word else "Say on or off.")
    return word == "on"


def _span(word: str, first: str, last: str) -> range:
    low, high = _bounded(first), _bounded(last)
    if low > high:
        raise BadInput(f"The range {_quote(word)} runs backwards; write {high}-{low}.")
    if high - low >= MOST:
        raise BadInput(f"The range {_quote(word)} holds more than {MOST} items; name fewer at once.")
    return range(low, high + 1)


def _bounded(digits: str) -> int:
    value = int(digits)
    if not 1 <= value <= LARGEST:
        raise BadInput(f"{_quote(digits)} is out of range; numbers begin at 1 and end at {LARGEST}.")
    return value


def _quote(text: str) -> str:
    return visible(shorten(text, 40))

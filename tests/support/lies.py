"""Lies planted into what was said: whoever reads it back must see through each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from tests.support.furnished import Furnished as House
from tests.support.sayings import Record, Saying
from tests.support.spoken import NUMBERS


def lies(house: House, text: str) -> Iterator[str]:
    """The text with one thing in it that is not so: another time, name, number or part of the day."""
    names = sorted((one.name for one in house.personas.values()), key=len, reverse=True)
    others = dict(zip(names, names[1:] + names[:1], strict=True))
    parts = {"morning": "evening", "afternoon": "morning", "evening": "afternoon"}
    words = "|".join([*names, *parts, *NUMBERS])
    for found in re.finditer(rf"\b(?P<clock>\d+:\d\d)\b|\b(?P<count>\d+)\b|\b(?P<word>{words})\b(?!-)", text):
        if found["clock"]:
            hour, minute = map(int, found["clock"].split(":"))
            other = f"{(hour + (minute + 7) // 60) % 24}:{(minute + 7) % 60:02}"
        elif found["count"]:
            other = str(int(found["count"]) + 1)
        else:
            word = found["word"]
            other = (others | parts).get(word) or NUMBERS[(NUMBERS.index(word) + 1) % len(NUMBERS)]
        yield text[: found.start()] + other + text[found.end() :]


def planted(record: Record, said: Iterable[Saying], read: Callable[[Any], list[str]]) -> tuple[Counter[str], list[str]]:
    """How many lies of each kind of line were planted, three of a kind, and those that were not seen through."""
    counts, believed, tried = Counter[str](), [], Counter[str]()
    for saying in said:
        kinds = "; ".join(read(saying))
        tried[kinds] += 1
        if tried[kinds] > 3:
            continue
        for lie in lies(record.house, saying.text):
            counts[kinds] += 1
            try:
                read(replace(saying, text=lie))
            except ValueError:
                continue
            believed.append(f"{saying.text!r} as {lie!r}")
    return counts, believed

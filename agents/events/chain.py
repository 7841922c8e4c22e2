"""The hash chain of the event log, and what an event may contain. Pure.

Owns the canonical form of a row, its digest (SHA-256 of that form, which includes the previous row's digest), and
the sanitiser of `data`. Refuses values that JSON cannot represent exactly: a log that guesses is no evidence.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from agents.kernel.jsontext import canonical, quoted
from agents.kernel.text import redact, visible

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

GENESIS = "0" * 64
"""`previous` of the first event."""

COLUMNS = ("seq", "at", "topic", "actor", "via", "agent", "task", "approval", "step", "data", "rows", "previous")
"""Everything that is hashed, in the table's order; `rows` only if there are any."""

_TOPIC = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
_SECRET_KEY = re.compile(r"(?i)api[_-]?key|token$|secret|passw(or)?d|authorization|bearer")


@dataclass(frozen=True)
class ChainReport:
    """The result of checking the chain. `broken_at` is the `seq` of the first bad row, `head` the digest of the last
    good one.
    """

    ok: bool
    checked: int
    broken_at: int | None = None
    why: str = ""
    head: str = GENESIS


def fingerprint(value: object) -> str:
    """SHA-256 of `value`'s canonical JSON, in hex: a reference to a text that need not be stored."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def digest(row: Mapping[str, Any]) -> str:
    """The digest of an event from its columns; `at` is an aware datetime."""
    return closed(opened(row), row.get("rows"))


def closed(hashed: Hash, rows: Mapping[str, str | None] | None) -> str:
    """The digest of an event whose other columns are already hashed: the canonical form of `rows` follows theirs."""
    if not rows:
        return hashed.hexdigest()
    whole = hashed.copy()
    whole.update(canonical(rows).encode())
    return whole.hexdigest()


def opened(row: Mapping[str, Any]) -> Hash:
    """The hash of an event's columns without `rows`, which may come later.

    Equal to `fingerprint` of these columns with `at` in ISO 8601, but assembled by hand: an event is written at
    every step of every mind, and most of its canonical form is known in advance.
    """
    return hashlib.sha256(
        (
            f'{{"actor":{quoted(row["actor"])},"agent":{quoted(row["agent"])},"approval":{_number(row["approval"])},'
            f'"at":"{instant(row["at"])}","data":{canonical(row["data"])},"previous":"{row["previous"]}",'
            f'"seq":{row["seq"]},"step":{quoted(row["step"])},"task":{_number(row["task"])},'
            f'"topic":{quoted(row["topic"])},"via":{quoted(row["via"])}}}'
        ).encode()
    )


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


@lru_cache(maxsize=64)
def instant(at: datetime) -> str:
    """The time as it is hashed: in UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


@lru_cache(maxsize=65_536)
def check_topic(topic: str) -> str:
    """`topic` itself; raises ValueError unless it is dotted, lower case, and at most 120 characters long."""
    if len(topic) > 120 or not _TOPIC.fullmatch(topic):
        raise ValueError(f"not a topic: {topic!r}; expected lower-case words joined by dots")
    return topic


_visible = lru_cache(maxsize=4_096)(visible)


@lru_cache(maxsize=16_384)
def _safe_text(text: str, key: str) -> str:
    return "[redacted]" if text and _SECRET_KEY.search(key) else redact(visible(text))


def safe(value: object, key: str = "") -> Any:
    """`value` made fit for the log: control characters escaped, secrets redacted.

    Raises TypeError for anything but plain data and ValueError for numbers that are not finite.
    """
    match value:  # the most frequent types come first
        case str():
            return _safe_text(value, key)
        case None | bool() | int():
            return value
        case dict():  # true for nearly all texts
            return {
                _visible(name): _safe_text(v, name) if type(v) is str else safe(v, name)
                for name, v in zip(map(str, value), value.values(), strict=True)
            }
        case float():
            if not math.isfinite(value):
                raise ValueError(f"{key or 'a value'} is {value}: not a number that JSON can hold")
            return value
        case Mapping():
            return {_visible(str(k)): safe(v, str(k)) for k, v in value.items()}
        case list() | tuple():
            return [safe(v, key) for v in value]
        case set() | frozenset():
            return sorted((safe(v, key) for v in value), key=str)
        case _:
            raise TypeError(f"{key or 'a value'} of type {type(value).__name__} cannot stand in an event")

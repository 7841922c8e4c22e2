"""What an agent said or showed of late, in a few hundred bytes. Pure.

Owns a bounded list of marks with their times, stored as packed bytes: a thousand minds hold two each, and stored as
objects they took a tenth of a mind's memory. Refuses to keep the words themselves.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

Mark = bytes
"""What makes two deeds the same: a digest of `SIZE` bytes."""
SIZE = 12
_ENTRY = struct.Struct(f"<q{SIZE}s")  # microseconds since the epoch, mark
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Lately:
    """The newest `most` marks."""

    __slots__ = ("_packed", "_size")

    def __init__(self, most: int) -> None:
        self._packed, self._size = b"", most * _ENTRY.size

    def add(self, at: datetime, mark: Mark) -> None:
        """Take one more, newer than all before; the oldest falls out when there are too many."""
        self._packed = (self._packed + _ENTRY.pack((at - _EPOCH) // _MICROSECOND, mark))[-self._size :]

    def since(self, since: datetime) -> list[Mark]:
        """The marks after `since`, oldest first."""
        limit = (since - _EPOCH) // _MICROSECOND
        return [mark for at, mark in _ENTRY.iter_unpack(self._packed) if at > limit]


def mark(text: str) -> Mark:
    """The mark of a text: the same words have the same, however they are written."""
    return blake2b(" ".join(text.casefold().split()).encode("utf-8", "replace"), digest_size=SIZE).digest()


def lately(most: int, said: Iterable[tuple[datetime, str]]) -> Lately:
    """The newest `most` of these texts, which come oldest first."""
    row = Lately(most)
    for at, text in said:
        row.add(at, mark(text))
    return row

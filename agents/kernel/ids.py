"""Identifiers that sort by time and need no coordination.

Layout and alphabet are those of ULID (Universally Unique Lexicographically Sortable Identifier,
github.com/ulid/spec): 48 bits of milliseconds, 80 random bits, 26 characters in Crockford's base 32. Clock and
randomness are passed in.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from random import Random

from agents.kernel.clock import Clock

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
"""Two characters at a time, because ids are created at every step of every mind."""


def new_id(clock: Clock, random: Random) -> str:
    """A new 26-character identifier with `clock`'s current millisecond."""
    return _stamp(clock.now()) + _written(random.getrandbits(80), 16)


def first_at(at: datetime) -> str:
    """The smallest identifier of this instant: no later one is smaller."""
    return _stamp(at) + _written(0, 16)


def following(id: str) -> str:
    """The identifier right after this one, for something that must sort after it although both were created in the
    same millisecond.
    """
    value = 0
    for character in id:
        value = value << 5 | _ALPHABET.index(character)
    return _written(value + 1, 26)


@lru_cache(maxsize=64)
def _stamp(at: datetime) -> str:
    """The first ten characters, which are the same for everything created at one simulated instant."""
    return _written(int(at.timestamp() * 1000), 10)


def _written(value: int, characters: int) -> str:
    pairs = _PAIRS
    return "".join([pairs[value >> shift & 1023] for shift in range(5 * characters - 10, -1, -10)])

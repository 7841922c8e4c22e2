"""How many tokens a text takes, if nobody has counted them. Pure.

Owns two estimates: what a text takes with the tokenisers of today's models, by the scripts in it, and the minimum
with any. Not exact: that would need each model's tokeniser.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter

_FROM = (
    (0x0000, 1),  # Basic Latin: four characters are one token
    (0x0080, 4),  # Latin with diacritics: one each
    (0x0370, 4),  # Greek
    (0x0400, 2),  # Cyrillic
    (0x0530, 4),  # Armenian, Hebrew, Arabic, the scripts of India, Thai, Georgian
    (0x1100, 5),  # Hangul letters
    (0x1200, 10),  # Ethiopic, Cherokee, Khmer, Mongolian and others that tokenisers hardly know
    (0x1E00, 4),  # Latin and Greek with more diacritics, punctuation
    (0x2E80, 5),  # Chinese, Japanese
    (0xA000, 10),
    (0xAC00, 5),  # Hangul
    (0xD7B0, 10),
    (0xF900, 5),  # Chinese, Arabic forms, full width
    (0x10000, 12),  # symbols and pictographs
)
"""Quarters of a token that a character takes, by first code point. Measured (docs/adr/0043)."""
_STARTS, _QUARTERS = zip(*_FROM, strict=True)
_DIGITS = "0123456789"
_WORD = re.compile(r"[^\W\d_\u0e00-\u0eff\u1000-\u10ff\u1780-\u17ff\u2e80-\U0010ffff]+")
_RUN = re.compile(r"[\u0e00-\u0eff\u1000-\u10ff\u1780-\u17ff\u2e80-\U0010ffff]+")
"""Scripts without spaces between words."""
_CHARACTERS_A_TOKEN = 4
"""In those, at most so many."""


def weight(text: str) -> int:
    """What a text takes, in quarters of a token; weights can be added. A digit is a token, as for most models."""
    if text.isascii():
        return len(text) + 3 * sum(map(text.count, _DIGITS))
    return sum(count * _quarters(character) for character, count in Counter(text).items())


def _quarters(character: str) -> int:
    if character in _DIGITS:
        return 4
    return int(_QUARTERS[bisect_right(_STARTS, ord(character)) - 1])


def tokens(quarters: int) -> int:
    """A weight in whole tokens."""
    return (quarters + 3) // 4


def estimate(*texts: str) -> int:
    """What texts take together, in tokens."""
    return tokens(sum(map(weight, texts)))


def fewest(*texts: str) -> int:
    """The minimum number of tokens of texts with any tokeniser: none joins two words, or more than a few characters of
    scripts without spaces.
    """
    words = sum(len(_WORD.findall(text)) for text in texts)
    signs = sum(len(run) for text in texts for run in _RUN.findall(text))
    return words + signs // _CHARACTERS_A_TOKEN

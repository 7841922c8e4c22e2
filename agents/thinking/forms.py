"""What is said without a model: sentences, each with the records that it states."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Sentence:
    """One sentence and the records that it states: `event:<seq>`, `task:<id>`, `plan:<id>`, `step:<id>`…"""

    text: str
    records: tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """Some sentences, and their text together. `source` says that no model had a part in it."""

    text: str
    sentences: tuple[Sentence, ...]
    source: str = "reflex"


def together(sentences: Iterable[Sentence]) -> Said:
    """Each sentence once, in this order."""
    found = tuple(dict.fromkeys(sentences))
    return Said(" ".join(sentence.text for sentence in found), found)

"""Which thought comes next: candidates weighed by terms that are stored with the thought. Pure.

Owns the weighing: what has not been thought about lately, what is unfinished, what has just happened, and a little
chance. Refuses to read records (whoever asks brings the candidates) and to draw chance by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import mul
from random import Random

from agents.house.values import KINDS, Candidate, Kind

WEIGHTS: Mapping[str, float] = {"novelty": 1.0, "unfinished": 1.0, "recent": 0.8, "chance": 0.4}
"""What each term, from 0 to 1, counts for."""
FADES = 0.75
"""How much of its weight an earlier thought keeps with each thought since."""
SAME_SUBJECT, SAME_KIND = 1.0, 0.35
"""What novelty loses where the last thought was of the same subject, and of the same kind."""
HALF_LIFE = timedelta(hours=1)
"""In which what happened becomes half as fresh."""


@dataclass(frozen=True)
class Past:
    """An earlier thought, as far as the next one depends on it."""

    id: str
    kind: str
    subject: str
    at: datetime
    given: bool = False
    """Whether its subject is somebody's words."""


@dataclass(frozen=True)
class Seed:
    """What was chosen, and why: each term, and the score they come to."""

    kind: Kind
    subject: str
    terms: Mapping[str, float]


def weigh(candidate: Candidate, recent: Sequence[Past], now: datetime, chance: float) -> dict[str, float]:
    """The terms of a candidate and their score. `recent`: the thoughts before, the newest first."""
    *values, score = _weighed(candidate, _lost(recent), now, chance)
    return {name: round(value, 3) for name, value in (*zip(WEIGHTS, values, strict=True), ("score", score))}


def choose(candidates: Iterable[Candidate], recent: Sequence[Past], now: datetime, source: Random) -> Seed:
    """The candidate with the best score; the same for the same values in the same order and the same state of `source`.

    Raises ValueError where there is none.
    """
    lost = _lost(recent)
    drawn = [(one, source.random()) for one in candidates]
    best, chance = max(drawn, key=lambda pair: _weighed(pair[0], lost, now, pair[1])[-1])  # the first of equals
    return Seed(best.kind, best.subject, weigh(best, recent, now, chance))


def kind_of(text: str) -> Kind:
    """The kind called `text`; what is none is taken for the freest."""
    return next((kind for kind in KINDS if kind == text), "freeform")


def _weighed(
    candidate: Candidate, lost: Mapping[str, float], now: datetime, chance: float
) -> tuple[float, float, float, float, float]:
    """Each term in the order of `WEIGHTS`, and the score."""
    novelty = max(0.0, 1.0 - lost.get(candidate.subject, 0.0) - lost.get(f" {candidate.kind}", 0.0))
    recent = 0.0 if candidate.at is None else 0.5 ** (max(now - candidate.at, timedelta()) / HALF_LIFE)
    terms = (novelty, candidate.unfinished, recent, chance)
    return *terms, sum(map(mul, WEIGHTS.values(), terms))


def _lost(recent: Sequence[Past]) -> Mapping[str, float]:
    """What novelty loses by the thoughts before: by subject, and by kind (written with a space before it)."""
    lost: defaultdict[str, float] = defaultdict(float)
    weight = 1.0
    for past in recent:
        lost[past.subject] += weight * SAME_SUBJECT
        lost[f" {past.kind}"] += weight * SAME_KIND
        weight *= FADES
    return lost

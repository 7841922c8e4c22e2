"""Problem files from their parts, and pieces of the random worlds that several kinds share."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence


def problem(domain: str, objects: Mapping[str, Sequence[str]], init: Iterable[str], goal: Iterable[str]) -> str:
    """The text of a problem; facts are given as `at ball1 here`."""
    kinds = " ".join(f"{' '.join(names)} - {kind}" for kind, names in objects.items() if names)
    return (
        f"(define (problem made) (:domain {domain})\n (:objects {kinds})\n"
        f" (:init {' '.join(f'({fact})' for fact in init)})\n"
        f" (:goal (and {' '.join(f'({fact})' for fact in goal)})))\n"
    )


def names(kind: str, count: int) -> list[str]:
    """`kind1`, `kind2` and so on."""
    return [f"{kind}{n}" for n in range(1, count + 1)]


def roads(chance: random.Random, places: Sequence[str], more: int) -> list[tuple[str, str]]:
    """A random tree over the places and `more` other roads, each both ways."""
    pairs = {(chance.choice(places[:n]), places[n]) for n in range(1, len(places))}
    for _ in range(more if len(places) > 2 else 0):
        a, b = sorted(chance.sample(range(len(places)), 2))
        pairs.add((places[a], places[b]))
    return sorted(pairs | {(b, a) for a, b in pairs})

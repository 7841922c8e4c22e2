"""How risky a proposal is, term by term. Pure.

Owns the score and its weights, which are configuration. Decides nothing: a score informs the owner; permission
comes from `rules.may` and the owner's verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


def _fixed(values: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(values))


@dataclass(frozen=True)
class Weights:
    """Points of each term. `medium` and `high` are the lowest scores of those levels.

    `sats_a_point`: how many sats of cost make one point, up to `most_for_cost`. `sensitive` maps a regular
    expression over targets to its name and points.
    """

    priority: Mapping[str, int] = field(default_factory=lambda: _fixed({"LOW": 0, "NORMAL": 0, "HIGH": 1, "URGENT": 2}))
    category: Mapping[str, int] = field(
        default_factory=lambda: _fixed(
            {"read": 1, "world": 2, "execute": 4, "write": 5, "network": 6, "money": 8, "permission": 9}
        )
    )
    undo: Mapping[str, int] = field(default_factory=lambda: _fixed({"n/a": 0, "yes": 0, "no": 6}))
    sats_a_point: int = 100
    most_for_cost: int = 10
    sensitive: tuple[tuple[str, str, int], ...] = (
        (
            r"(^|/)(\.ssh|\.gnupg|\.aws|\.netrc|\.env[^/]*|[^/]*secret[^/]*|[^/]*passw[^/]*|id_[a-z0-9]+"
            r"|[^/]*credential[^/]*|[^/]*\.(pem|key|macaroon))(/|$)",
            "secrets",
            8,
        ),
        (r"(^|/)agents/(governance|work|events)(/|$)", "the governance code itself", 8),
        (r"(^|/)(server/conf|settings[^/]*|pyproject\.toml|[^/]*\.(ini|cfg|service))(/|$)", "settings", 5),
    )
    medium: int = 4
    high: int = 9


DEFAULTS = Weights()


@dataclass(frozen=True)
class Term:
    """One part of a score: its name, its points and the reason in words."""

    name: str
    points: int
    why: str


@dataclass(frozen=True)
class Risk:
    """A score, its level (low, medium, high) and the terms that add up to it."""

    score: int
    level: str
    terms: tuple[Term, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the approval's `risk` column."""
        return {"score": self.score, "level": self.level, "terms": [vars(t).copy() for t in self.terms]}


def score(
    *,
    priority: str,
    category: str,
    undo: str,
    effects: Iterable[tuple[str, str]] = (),
    cost_sats: int = 0,
    weights: Weights = DEFAULTS,
) -> Risk:
    """The risk of a proposal: its priority, the gravest category among its own and its effects', whether it can be
    undone, its cost, and which sensitive places it names.

    Raises KeyError for a priority, category or undo without a weight.
    """
    pairs = tuple(effects)
    gravest = max([category, *(kind for kind, _ in pairs)], key=lambda c: weights.category[c])
    terms = [
        Term("priority", weights.priority[priority], f"priority {priority}"),
        Term("category", weights.category[gravest], f"the gravest thing it does is: {gravest}"),
        Term(
            "undo",
            weights.undo[undo],
            {"yes": "it can be undone", "no": "it cannot be undone"}.get(undo, "there is nothing to undo"),
        ),
        Term(
            "cost",
            min(-(-cost_sats // weights.sats_a_point), weights.most_for_cost),
            f"it costs {cost_sats} sats" if cost_sats else "it costs nothing",
        ),
    ]
    touched = [
        Term("sensitive", points, f"{target} belongs to {name}")
        for pattern, name, points in weights.sensitive
        for target in sorted({t for _, t in pairs})
        if re.search(pattern, target, re.IGNORECASE)
    ]
    terms += touched or [Term("sensitive", 0, "it names no sensitive place")]
    total = sum(t.points for t in terms)
    level = "high" if total >= weights.high else "medium" if total >= weights.medium else "low"
    return Risk(total, level, tuple(terms))

"""When two questions are one: the second is given the answer to the first as it comes. Pure.

Owns what makes questions equal; whether a person asks is no part of it, for one who joins takes its place with him
(`turns`). Refuses to join what may be meant to differ: a program of the owner's that asks the same twice may want two
samples, so that only a question with a fixed seed, or the world's, is joined.
"""

from __future__ import annotations

import hashlib
import json

from agents.cascade.ports import Question


def key(question: Question, sampling: tuple[float | None, int | None, tuple[str, ...]]) -> str | None:
    """Equal for equal questions; None for one that stands alone. `sampling`: temperature, seed, stop words."""
    temperature, seed, stop = sampling
    if question.purpose == "other" and seed is None and temperature != 0:
        return None
    told = [
        [(m.role, m.content) for m in question.messages],
        question.schema,
        question.max_tokens,
        list(question.models),
        sorted(question.remote),
        temperature,
        seed,
        list(stop),
        question.purpose == "other",
        question.tokens_a_day,
        question.money_a_day,
        question.agent if question.remote else "",
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

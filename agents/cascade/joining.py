"""When two questions are the same: the second gets the answer to the first as it arrives. Pure.

Owns what makes questions equal. Whether a person asks is not part of it: a person who joins gives the question a
person's place (`turns`). Does not join what may be meant to differ: an owner's program that asks the same thing
twice may want two samples, so only questions with a fixed seed, and the world's, are joined.
"""

from __future__ import annotations

import hashlib
import json

from agents.cascade.ports import Question


def key(question: Question, sampling: tuple[float | None, int | None, tuple[str, ...]]) -> str | None:
    """Equal for equal questions; None for one that is never joined. `sampling`: temperature, seed, stop words."""
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

"""Whether a model is quick enough for talk, by what the model service last told of itself. Pure.

Owns that rule: the model that would be asked is judged by its own answers, and by its provider's while it has too few.
Refuses to guess: where nothing was measured the model is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.cascade.ports import Message, Question
from agents.cascade.rules import Choice, Known, Needs, choose
from agents.cascade.told import ModelTold, ProviderTold, Report

ENOUGH = 5
"""Answers of a model by which it is judged; with fewer its provider is."""


def too_slow(report: Report | None, most: float, choice: Mapping[str, Any]) -> bool:
    """Whether the model that would be asked first lets its first word be waited for longer than `most` seconds, in half
    of the cases on record (0: that is never too slow). `choice`: the fields of a `Question` that say which models and
    which providers elsewhere an agent has allowed.
    """
    if report is None or not most or (asked := _asked(report, choice)) is None:
        return False
    provider, model = asked
    first = model.first_ms if model.answers >= ENOUGH else provider.latency_ms.first.p50
    return first is not None and first > most * 1000


def _asked(report: Report, choice: Mapping[str, Any]) -> tuple[ProviderTold, ModelTold] | None:
    """The provider and the model that a question in talk would go to first, by the service's own rule."""
    question = Question("", "", "talk", (Message("user", ""),), **choice)
    for one in report.providers:
        ready = {model.name: model for model in one.ready}
        known = Known(one.name, one.local, one.can, tuple(model.plain for model in ready.values()), one.default)
        if ready and isinstance(made := choose(question, known, Needs()), Choice):
            return one, ready[made.model.name]
    return None

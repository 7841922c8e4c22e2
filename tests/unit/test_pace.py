"""Whether a model is too slow for talk: by its own answers, or its provider's while it has too few."""

from __future__ import annotations

from typing import Any

import pytest

from agents.cascade import told
from agents.cascade.told import Report
from agents.thinking.pace import ENOUGH, too_slow
from tests.support.cascade import provider, quiet

FAST, SLOW = "small-1", "large-1"


def model(name: str, first: float | None = None, answers: int = ENOUGH, **more: Any) -> dict[str, Any]:
    return {"name": name, "local": True, "first_ms": first, "answers": answers, **more}


def report(*models: dict[str, Any], first: float | None = None, **more: Any) -> Report:
    latency = {"first": {"p50": first, "p95": first}, "whole": {}}
    return told.read(quiet() | {"providers": [provider("ollama", models=list(models), latency_ms=latency, **more)]})


def wishes(*names: str, **more: Any) -> dict[str, Any]:
    return {"models": names, **more}


def test_each_model_of_one_provider_is_judged_by_its_own_answers() -> None:
    both = report(model(FAST, 400.0), model(SLOW, 30_000.0), first=15_000.0)
    assert too_slow(both, 10, wishes(SLOW)) and not too_slow(both, 10, wishes(FAST))
    assert not too_slow(both, 10, wishes()), "the first, where none is wished for"
    assert too_slow(report(model(FAST, 400.0), model(SLOW, 30_000.0), default=SLOW), 10, wishes())


@pytest.mark.parametrize(("first", "slow"), [(15_000.0, True), (400.0, False), (None, False)])
def test_a_model_with_too_few_answers_is_judged_by_its_provider(first: float | None, slow: bool) -> None:
    few = report(model(FAST, 400.0 if slow else 30_000.0, ENOUGH - 1), first=first)
    assert too_slow(few, 10, wishes(FAST)) is slow


def test_the_model_that_would_be_asked_is_judged() -> None:
    away = model(SLOW, 30_000.0, local=False)
    assert not too_slow(report(away, local=False), 10, wishes(SLOW)), "nothing may leave the machine"
    assert too_slow(report(away, local=False), 10, wishes(SLOW, remote=frozenset({"ollama"})))
    vectors = model("nomic", 30_000.0, family="nomic-bert")
    assert not too_slow(report(vectors, model(FAST, 400.0)), 10, wishes()), "it makes vectors and nothing else"


def test_nothing_is_guessed() -> None:
    assert not too_slow(None, 10, wishes())
    assert not too_slow(report(model(SLOW, 30_000.0)), 0, wishes()), "0: that is never too slow"
    assert not too_slow(report(model(SLOW, 30_000.0), enabled=False), 10, wishes())

"""The score and what would raise it, from the report and the wishes of the persona files."""

from __future__ import annotations

import pytest

from agents.cascade import sovereignty
from agents.cascade import told as reports
from agents.cascade.sovereignty import Wish
from tests.support import cascade

TIMMY, EZRA, PRIMUS = (
    Wish("timmy", "Timmy"),
    Wish("ezra", "Ezra", ("qwen2.5:7b", "phi3:3.8b"), ("kimi",)),
    Wish("primus", "Primus"),
)


@pytest.mark.parametrize(
    ("score", "told"),
    [
        (None, "none yet"),
        (0.0, "0 %"),
        (0.001, "below 1 %"),
        (0.5, "50 %"),
        (0.994, "99 %"),
        (0.9999, "above 99 %"),
        (1.0, "100 %"),
    ],
)
def test_a_score_is_never_rounded_to_all_or_nothing(score: float | None, told: str) -> None:
    assert sovereignty.percent(score) == told


def test_each_agents_gap_the_widest_first_and_none_invented() -> None:
    found = sovereignty.gaps(reports.read(cascade.busy()), [PRIMUS, TIMMY, EZRA])
    assert [(one.wish.slug, one.score, one.elsewhere) for one in found] == [
        ("ezra", 0.2, 4000),
        ("primus", None, 0),
        ("timmy", 1.0, 0),
    ]
    assert (found[0].to, found[0].serves) == (("kimi",), "phi3:3.8b")
    assert found[0].last is not None and found[0].last.provider == "kimi"


def test_others_who_use_the_service_are_told_of_too() -> None:
    said = cascade.busy()
    said["agents"].append(cascade.agent("", 0, 9000))
    found = sovereignty.gaps(reports.read(said), [TIMMY, EZRA])
    assert (found[0].wish.name, found[0].elsewhere) == ("other programs", 9000)


def test_the_model_that_would_serve_is_the_first_preferred_of_the_first_provider_that_can_be_asked() -> None:
    said = cascade.busy()
    models = [
        {"name": name, "local": True, "context": 0, "size": 1, "family": family}
        for name, family in (("all-minilm:latest", "bert"), ("tiny:latest", ""))
    ]
    models.insert(
        0,
        models[1]
        | {
            "name": "nomic",
            "abilities": {"chat": False, "embed": True, "json": False, "tools": False, "vision": False},
        },
    )
    said["providers"][1]["models"][:0] = models
    report = reports.read(said)
    assert sovereignty.serving(report, TIMMY) == "tiny:latest", "what makes vectors does not write"
    for wanted in ("phi3:3.8b", "llamacpp/phi3:3.8b"):
        assert sovereignty.serving(report, Wish("x", "X", ("qwen2.5:1.5b", wanted))) == "phi3:3.8b", (
            "Ollama is left alone"
        )
    assert sovereignty.serving(report, Wish("x", "X", ("tiny",))) == "tiny:latest"
    said["providers"][1]["enabled"] = False
    assert sovereignty.serving(reports.read(said), TIMMY) == ""


def test_what_would_raise_it_and_to_what() -> None:
    found = sovereignty.raises(reports.read(cascade.busy()), [TIMMY, EZRA])
    assert [one.score for one in found] == [None, 1.0]
    assert "ollama" in found[0].said and "nothing listens" in found[0].said and "timmy cascade probe" in found[0].do
    assert "4,000 of 5,000" in found[1].said and "by kimi" in found[1].said
    assert "take kimi out of `remote` in agents/lineage/personas/ezra.yaml" in found[1].do
    assert [one.score for one in sovereignty.of(reports.read(cascade.busy()), EZRA)] == [1.0]
    assert sovereignty.of(reports.read(cascade.busy()), TIMMY) == []


def test_without_a_model_here_nothing_is_promised() -> None:
    said = cascade.busy()
    said["providers"] = [said["providers"][2]]
    found = sovereignty.raises(reports.read(said), [TIMMY, EZRA])
    assert "No model on this machine" in found[0].said and "ollama pull" in found[0].do
    assert found[1].score is None and "No model on this machine could have served" in found[1].do


def test_where_all_is_made_here_nothing_would_raise_it() -> None:
    said = cascade.quiet() | {
        "agents": [cascade.agent("timmy", 10, 0)],
        "sovereignty": {"score": 1.0, "tokens_local": 10, "tokens_all": 10, "days": []},
    }
    assert sovereignty.raises(reports.read(said), [TIMMY, EZRA]) == []

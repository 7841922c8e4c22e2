"""The tiers of growth: what each needs, and that nothing unknown counts as met."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.lineage import tiers
from agents.lineage.tiers import GB, TIERS, Having

BASIC = Having("qwen2.5:1.5b", 1.5e9, 4096, 4 * GB, 10)
ENHANCED = Having("llama3.1:8b", 8e9, 131072, 16 * GB, 50)
ADVANCED = Having("mixtral:8x7b", 56e9, 131072, 32 * GB, 100)
MASTERY = replace(ADVANCED, memory=64 * GB, fine_tune=True, own_tools=1)


@pytest.mark.parametrize(
    ("model", "size"),
    [
        ("qwen2.5:1.5b", 1.5e9),
        ("llama3.1:8b-instruct-q4_0", 8e9),
        ("mixtral:8x7b", 56e9),
        ("Qwen2.5-0.5B-Instruct", 0.5e9),
        ("moonshot-v1-32k", None),
        ("gpt-4b2", None),
        ("", None),
        ("bible", None),
    ],
)
def test_a_models_size_is_what_its_name_tells(model: str, size: float | None) -> None:
    assert tiers.parameters(model) == size


@pytest.mark.parametrize(
    ("having", "tier", "following"),
    [
        (Having(), None, "basic"),
        (BASIC, "basic", "enhanced"),
        (ENHANCED, "enhanced", "advanced"),
        (ADVANCED, "advanced", "mastery"),
        (MASTERY, "mastery", None),
    ],
)
def test_each_tier_is_reached_by_its_needs(having: Having, tier: str | None, following: str | None) -> None:
    grown = tiers.grown(having)
    assert (grown.tier.name if grown.tier else None, grown.next.name if grown.next else None) == (tier, following)


def test_mixtral_is_one_of_8x7b_by_its_name_and_by_its_servers_count() -> None:
    for counted in (56e9, 46_702_792_704.0):
        grown = tiers.grown(replace(ADVANCED, parameters=counted))
        assert grown.tier and grown.tier.name == "advanced"


@pytest.mark.parametrize(
    ("lacks", "what"),
    [
        ({"parameters": None}, "parameters"),
        ({"parameters": 7e9}, "parameters"),
        ({"context": None}, "context"),
        ({"context": 32768}, "context"),
        ({"memory": None}, "memory"),
        ({"memory": 8 * GB}, "memory"),
        ({"skills": 49}, "skills"),
    ],
)
def test_one_thing_lacking_is_told_and_keeps_back(lacks: dict[str, object], what: str) -> None:
    grown = tiers.grown(replace(ENHANCED, **lacks))
    assert grown.tier in (None, TIERS[0])
    lacking = [need.what for need in grown.lacking]
    assert lacking and all(what in need for need in lacking), "and nothing besides"
    assert all(need.has(Having()) for tier in TIERS for need in tier.needs), (
        "what there is, is told, also where it is nothing"
    )


def test_a_higher_tier_is_not_reached_past_a_lower_one() -> None:
    assert tiers.grown(replace(MASTERY, skills=9)).tier is None
    assert tiers.grown(replace(MASTERY, tools_lacking=("web",))).tier == TIERS[1]

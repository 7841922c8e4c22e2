"""How the cascade is laid out: every screen, hostile names, nothing invented."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from agents.cascade import showing, sovereignty
from agents.cascade import told as reports
from agents.cascade.sovereignty import Wish
from agents.governance.rules import Actor
from agents.lineage import tiers
from agents.lineage.tiers import Having
from commands import routing
from commands.verbs import Caller
from tests.support import cascade
from world import screen

NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
NAMES = {"timmy": "Timmy", "ezra": "Ezra"}
WISHES = [Wish("timmy", "Timmy"), Wish("ezra", "Ezra", ("phi3:3.8b",), ("kimi",))]
HOSTILE = "\x1b[31mred\x1b[0m \uf600mark |rx|n <b>&amp; \u202eback"


def on(width: int = 78, plain: bool = False) -> Caller:
    return Caller(Actor("owner", "alexander"), "telnet", "hall", plain, width)


def everything(caller: Caller, said: dict[str, Any]) -> list[str]:
    """All layouts of one report, one after the other."""
    report = reports.read(said)
    having = Having("phi3:3.8b", 3.8e9, 4096, 8 * tiers.GB)
    lines = routing.providers(caller, report, NOW, NAMES) + routing.calls(report, NOW, NAMES)
    for one in report.providers:
        lines += routing.provider(caller, report, one, NOW, NAMES)
    lines += routing.score(caller, report, sovereignty.gaps(report, WISHES), sovereignty.raises(report, WISHES))
    for wish in WISHES:
        gap, raises = sovereignty.gap(report, wish), sovereignty.of(report, wish)
        lines += routing.agent(caller, report, gap, raises, having, tiers.grown(having), True)
    return lines + routing.absent("ROUTER", "It does not answer.", "timmy doctor")


def plain_text(lines: list[str]) -> str:
    return "\n".join(screen.unmarked(line) for line in lines)


@pytest.mark.parametrize("said", [cascade.quiet(), cascade.busy()], ids=["quiet", "busy"])
@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("plain", [True, False])
def test_it_fits_every_screen(said: dict[str, Any], width: int, plain: bool) -> None:
    lines = everything(on(width, plain), said)
    for piece in itertools.chain.from_iterable(screen.wrap(line, width) for line in lines):
        assert screen.display_width(piece) <= width
    if plain:
        assert not set(plain_text(lines)) & set("│─┌┐└┘┼║═")


def hostile(value: Any) -> Any:
    """The same report, all that others named and said made hostile."""
    if isinstance(value, dict):
        texts = {"name", "said", "last_said", "why", "where", "family", "model", "fault", "last_fault"}
        return {
            key: HOSTILE if key in texts and isinstance(one, str) and one else hostile(one)
            for key, one in value.items()
        }
    return [hostile(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("plain", [True, False])
def test_names_and_words_of_others_are_text(plain: bool) -> None:
    lines = everything(on(80, plain), hostile(cascade.busy()))
    whole = "\n".join(lines)
    assert "\x1b" not in whole and "\u202e" not in whole and "\\x1b[31mred" in plain_text(lines)
    ours = plain_text(lines)
    assert "\uf600" not in ours and ours.count("\\uf600") + ours.count("\\ue") >= 1, (
        "a mark of ours in others' words is shown, not obeyed"
    )


def test_a_quiet_cascade_shows_no_figure_that_was_not_measured() -> None:
    text = plain_text(everything(on(), cascade.quiet()))
    assert "no times measured yet" in text and "not asked yet" in text and "Nothing was asked yet." in text
    assert "No score yet: no model has written a word" in text and "none yet" in text
    assert "%" not in text.replace("95 %", ""), "a share of nothing is no share"


def test_a_busy_cascade_is_told_in_one_look() -> None:
    report = reports.read(cascade.busy())
    text = plain_text(routing.providers(on(), report, NOW, NAMES))
    assert text.startswith("ROUTER. 2 of 3 providers ready, llamacpp first.")
    assert (
        "left alone, on this machine" in text
        and "tried again in 40 s" in text
        and "nothing listens at 127.0.0.1:11434" in text
    )
    assert "1 of 2 slots busy, 3 waiting; begins after 0.3 s (95 %: 1.2 s), done after 2.1 s (95 %: 61 s)" in text
    assert "120 answered, 3 failed: limited 2, silent 1; 9,000 tokens read, 3,400 made, cost 0.1234" in text
    assert "Strategy: fallback, for 30m, because kimi asked to wait." in text
    assert (
        "Ezra's conversation answered elsewhere by kimi, moonshot-v1-32k in 2.1 s, 310 tokens read and 88 made, 1m ago."
        in text
    )
    assert (
        "Why there: ollama: left alone: its breaker is open [dead]; llamacpp: does not hold answers to a "
        "schema; kimi: taken." in text
    )
    assert "not answered (busy)" in plain_text(routing.calls(report, NOW, NAMES))


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-1, "0 ms"),
        (0.0421, "42 ms"),
        (0.1, "0.1 s"),
        (9.94, "9.9 s"),
        (42, "42 s"),
        (119, "119 s"),
        (720, "12 min"),
        (10_800, "3 h"),
        (200_000, "2 d"),
    ],
)
def test_lengths_of_time_have_one_figure(seconds: float, told: str) -> None:
    assert showing.length(seconds) == told


def test_an_agents_gap_and_what_the_next_tier_lacks() -> None:
    report = reports.read(cascade.busy())
    having = Having("phi3:3.8b", 3.8e9, 4096, 8 * tiers.GB)
    gap = sovereignty.gap(report, WISHES[1])
    text = plain_text(
        routing.agent(on(), report, gap, sovereignty.of(report, WISHES[1]), having, tiers.grown(having), True)
    )
    assert text.startswith("EZRA. Sovereignty 20 %: 4,000 of 5,000 tokens made elsewhere.")
    assert "4,000 of 20,000 tokens and 0.02 of money used elsewhere today" in text
    assert "Tier: none yet. Next is basic, which needs:" in text
    assert (
        "lacking  10 skills (none in its repository)" in text
        and "met      a model of 1.5B parameters (phi3:3.8b, 3.8B)" in text
    )
    guests = plain_text(routing.agent(on(), report, gap, [], having, tiers.grown(having), False))
    assert "money" not in guests and "Last out" not in guests

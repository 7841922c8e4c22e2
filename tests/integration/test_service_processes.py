"""The services in processes of their own, on one SQLite file: races, and death at any moment."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.support.service_process import Child

LEAD = 0.002
"""Seconds ahead at which both are told to act, so that the start of neither depends on the pipe."""


def race(folder: Path, rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    with Child(folder) as alex, Child(folder) as second:
        numbers = alex.ask("propose", count=rounds)
        for viewer in ("alex", "second"):
            alex.ask("show", viewer=viewer, numbers=numbers)
        winners = {}
        for number in numbers:
            at = time.monotonic() + LEAD
            words = chance.choice([("ok", "no"), ("no", "ok"), ("ok", "ok"), ("no", "no")])
            alex.send("decide", viewer="alex", number=number, verdict=words[0], at=at)
            second.send(
                "decide", viewer="second", number=number, verdict=words[1], at=at + chance.uniform(-1, 1) * LEAD
            )
            told = {"alex": alex.receive(), "second": second.receive()}
            won = [name for name, answer in told.items() if "won" in answer]
            assert len(won) == 1, told
            loser = told["second" if won[0] == "alex" else "alex"]["lost"]
            via = "telnet" if won[0] == "alex" else "web"
            assert [part for part in (f"by {won[0]} at ", f"by {via}", " UTC") if part not in loser] == [], loser
            winners[str(number)] = (won[0], {"approved": "APPROVED", "rejected": "VETOED"}[told[won[0]]["verdict"]])
        state = alex.ask("state")
    assert {n: status for n, (_, status) in winners.items()} == state["tasks"]
    assert {n: f"owner:{name}" for n, (name, _) in winners.items()} == state["deciders"]
    assert set(state["resolved"].values()) == {1}
    assert len(state["resolved"]) == rounds
    assert state["chain"] == [True, ""]
    assert state["differences"] == []
    assert len({name for name, _ in winners.values()}) == 2, "one was always first: this was no race"


def test_two_deciders_at_once_resolve_each_exactly_once(tmp_path):
    race(tmp_path, 60, seed=1)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_two_deciders_at_once_five_hundred_times(tmp_path):
    race(tmp_path, 500, seed=2)


def test_two_processes_append_to_one_chain(tmp_path):
    with Child(tmp_path) as one, Child(tmp_path) as two:
        one.ask("propose", count=1)
        at = time.monotonic() + 0.05
        one.send("append", count=150, at=at)
        two.send("append", count=150, at=at)
        assert (one.receive(), two.receive()) == (150, 150)
        state = one.ask("state")
    assert state["chain"] == [True, ""]
    assert state["events"] == 302


def killing(folder: Path, lives: int, seed: int) -> None:
    chance = random.Random(seed)
    heads: dict[str, str] = {}
    titles: list[str] = []
    finished: dict[str, int] = {}
    deeds: Counter[str] = Counter()
    effects = folder / "effects"
    for life in range(lives):
        with Child(folder, "chaos", seed * 1000 + life) as child:
            lines = [child.stdout.readline() for _ in range(chance.randint(1, 150))]
            deadline = time.monotonic() + chance.uniform(0, 0.01)
            while time.monotonic() < deadline:
                pass
            lines += child.kill()
        last = 0
        for line in lines:
            if not line.endswith(("}", "}\n")):
                continue  # the last line, cut in the pipe by the kill: it was not acknowledged
            told = json.loads(line)
            deeds[told["deed"]] += "refused" not in told
            if told["seq"]:
                heads[str(told["seq"])] = told["digest"]
                last = told["seq"]
            if "title" in told:
                titles.append(told["title"])
            if "finished" in told:
                finished[told["finished"]] = 1
        with Child(folder) as checker:
            state = checker.ask("state")
        assert state["chain"] == [True, ""]
        assert state["differences"] == []
        lost = [seq for seq, digest in heads.items() if state["digests"].get(seq) != digest]
        assert lost == [], "acknowledged, and not in the log as it was"
        assert state["events"] - last <= 6, "more was written than the one deed that was cut short"
        assert [t for t in titles if state["titles"].count(t) != 1] == []
        assert set(state["resolved"].values()) <= {1}, "an approval was resolved twice"
        performed = Counter(effects.read_text().splitlines()) if effects.exists() else Counter()
        assert [k for k, n in performed.items() if "/once/" in k and n > 1] == []
        assert finished.keys() <= performed.keys()
    assert all(deeds[f"deed_{d}"] for d in ("propose", "decide", "settle", "claim", "step", "end", "steer")), deeds


def test_nothing_acknowledged_is_lost_or_done_twice_when_killed(tmp_path):
    killing(tmp_path, 6, seed=3)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_nothing_acknowledged_is_lost_or_done_twice_when_killed_fifty_times(tmp_path):
    killing(tmp_path, 50, seed=4)

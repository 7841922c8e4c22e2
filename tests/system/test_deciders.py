"""Two who decide at once, over two connections: one decision each time, and the other is told of it."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.system import jobs
from tests.system.harness import Telnet, World
from tests.system.jobs import Control

WINNER = re.compile(r"(approved|rejected): \S.*?Receipt ([0-9A-Z]{26})\.", re.DOTALL)
WHEN = r"20\d\d-\d\d-\d\d\s+\d\d:\d\d:\d\d\s+UTC"


@dataclass
class Shell:
    """The owner at a control socket."""

    link: Control
    via: str = "cli"

    def decide(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        self.link.send(verb, rest)

    def told(self, number: int) -> str:
        return " ".join(self.link.answer()["lines"])


@dataclass
class Player:
    """The owner in the game."""

    link: Telnet
    via: str = "telnet"

    def decide(self, line: str) -> None:
        self.link.send(line)

    def told(self, number: int) -> str:
        found = self.link.expect(
            rf"(?s)(?m:^){number}(?:  (?:approved|rejected): | was ).*?(?:Receipt\s+\S+\.|Try:[^\n]*\n)"
        )
        return " ".join(found[0].split())


@pytest.fixture(scope="module")
def ring(busy_world: World) -> Iterator[Callable[[str], Shell | Player]]:
    """Brings the deciders, each with a connection of his own."""
    with ExitStack() as stack:

        def bring(name: str) -> Shell | Player:
            if name == "telnet":
                return Player(busy_world.login())
            link = jobs.control(busy_world)
            stack.callback(link.close)
            return Shell(link)

        yield bring


@pytest.mark.parametrize("rounds", [pytest.param(25, id="few"), pytest.param(500, id="many", marks=pytest.mark.soak)])
@pytest.mark.parametrize("who", [("telnet", "cli"), ("cli", "cli")], ids="-".join)
def test_one_decides_and_the_other_is_told(
    busy_world: World, ring: Callable[[str], Shell | Player], who: tuple[str, str], rounds: int
) -> None:
    """Both see the item, both speak at the same moment: exactly one resolution, on record with its
    path; the other hears who, when and by which path. Whoever lost gets a head start the next time,
    so that both orders are met."""
    world = busy_world
    one, two = (ring(name) for name in who)
    clerk = jobs.control(world)
    firsts: Counter[int] = Counter()
    lead = 0.0  # seconds by which `one` speaks before `two`; negative: after
    for turn in range(rounds):
        number = jobs.proposed(clerk, f"Ponder question {turn} = for {who}")
        said = (f"{('ok', 'no')[turn % 2]} {number}", f"{('ok', 'ok', 'no')[turn % 3]} {number}")
        speakers = [(one, said[0]), (two, said[1])]
        for position, (speaker, line) in enumerate(speakers if lead >= 0 else speakers[::-1]):
            if position:
                time.sleep(abs(lead))
            speaker.decide(line)
        told = [one.told(number), two.told(number)]
        won = [WINNER.search(text) for text in told]
        assert [bool(w) for w in won].count(True) == 1, told
        first = 0 if won[0] else 1
        winner, loser = speakers[first], speakers[1 - first]
        verdict = {"ok": "approved", "no": "rejected"}[winner[1][:2]]
        match = won[first]
        assert match and match[1] == verdict
        assert re.search(rf"was {verdict} by (owner:)?owner at {WHEN} by {winner[0].via}", told[1 - first]), told
        assert loser[0].via in ("cli", "telnet")
        approvals = jobs.rows(world, "select * from agents_approval where task = ?", number)
        assert [(a["state"], a["verdict"], a["decided_via"], a["receipt"]) for a in approvals] == [
            (verdict, verdict, winner[0].via, match[2])
        ]
        topics = Counter(
            e["topic"]
            for e in jobs.rows(world, "select topic from agents_event where approval = ?", approvals[0]["id"])
        )
        assert topics == {"approval.opened": 1, "approval.sealed": 1, f"approval.{verdict}": 1}
        assert jobs.task(world, number)["status"] == {"approved": "APPROVED", "rejected": "VETOED"}[verdict]
        firsts[first] += 1
        lead += 0.004 * (1 + turn % 5) * (1 if first else -1)
    assert set(firsts) == {0, 1}
    clerk.close()
    jobs.record_is_whole(world)
    assert jobs.faults(world) == []

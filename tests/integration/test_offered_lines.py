"""What an answer to a usual line offers to type can be typed by whoever was offered it: guests, builders, admins and
the owner, in plain mode and at 40 columns.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.test_commands_game import house, owner  # noqa: F401
from tests.integration.test_usual_lines import answer, stage  # noqa: F401
from tests.support import second_round, usual_lines
from tests.support.furnished import Furnished as House
from tests.support.players import Player
from tests.support.usual_lines import lines
from world import screen

pytestmark = pytest.mark.django_db

LINES = 120
"""Usual lines that each of them types."""
OFFER = re.compile(
    r"(?:Try|for example|Near it): (?:1 )?([a-z][^;]*?)(?=\.?$|\. (?:[A-Z]|kinds|nicks|emote)|; \d |\.? Type )"
)
"""What an answer says to type."""
FAILS = re.compile(
    r"There is no '|Not allowed|No (?:room|agent|task|person) is called|Could not find|is no status|is no kind"
    r"|fault in the world|takes no "
)
HOLDERS = {"<path>": "{repo}", "<number>": "1", "<words>": "waves", "<what is wrong>": "the door squeaks"}


def offered(said: str, repo: str) -> Iterator[str]:
    """The lines that an answer offers, each as it would be typed."""
    for found in OFFER.finditer(" ".join(said.split())):
        line = found[1].strip()
        for holder, value in HOLDERS.items():
            line = line.replace(holder, value.replace("{repo}", repo))
        if "…" not in line and "<" not in line:
            yield line.partition(", or ")[0]


@pytest.mark.parametrize("rank", ["", "Builder", "Admin", "owner"])
@pytest.mark.parametrize("plain", [False, True], ids=["wide", "plain"])
def test_what_is_offered_can_be_typed(stage: Player, house: House, tmp_path: Path, rank: str, plain: bool) -> None:
    house.teach(dict(house.work.kinds))
    who = stage if rank == "owner" else Player("mia", False, 981)
    if rank not in ("", "owner"):
        who.account.permissions.add(rank)
    screen.choose_plain(who.account, plain)
    who.session.protocol_flags["SCREENWIDTH"] = {0: 40 if plain else 100}
    repo = str(tmp_path / "repo")
    known = [
        line
        for written in (usual_lines, second_round)
        for listed in written.LISTS.values()
        for line, _, _ in lines(listed, repo=repo)
        if not line.startswith(("quit", "/quit")) and line not in ("q", "exit", "logout")
    ]
    wrong, tried = [], set()
    for line in random.Random(f"{rank} {plain}").sample(known, LINES):
        said = answer(who, line)
        for offer in offered(said, repo):
            if offer in tried:
                continue
            tried.add(offer)
            answered = " ".join(answer(who, offer).split())
            if FAILS.search(answered) or not answered:
                wrong.append(f"{line!r} offers {offer!r}: {answered[:160]}")
    assert wrong == [], "\n".join(wrong)
    assert len(tried) > 5, tried
    if who is not stage:
        who.leave()

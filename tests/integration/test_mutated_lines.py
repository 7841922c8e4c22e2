"""Usual lines, typed as people type in a hurry: letters doubled and left out, words swapped, capitals, pleases. Nothing
that comes of it decides, spends, builds, bans or administers, or names what does.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from agents.governance.models import Approval
from commands import parsing, plainly, verbs
from commands.adapter import NoMatch, VerbCommand
from commands.intents import Guess, Intent, Line, Order, Verdict
from commands.ranked import grant_of
from commands.ranks import Rank
from tests.integration.test_commands_game import house, owner  # noqa: F401
from tests.integration.test_usual_lines import DANGER, DANGEROUS, MEANT, answer, stage  # noqa: F401
from tests.support import second_round, usual_lines
from tests.support.furnished import Furnished as House
from tests.support.players import Player
from tests.support.usual_lines import lines

pytestmark = pytest.mark.django_db

COUNT, TYPED = 2000, 150
BEFORE = ("please ", "pls ", "can you ", "Please, ", "hey ")
BEHIND = (" now", " thanks", " please", "!!", " pls")
BANNED = frozenset(DANGEROUS.split()) - {"open", "set", "create"}
DECIDES = re.compile(r"\W*(?:please |pls |hey )?(?:approve|ok|no|veto|later|assign|edit|reject|pause|undo)\b", re.I)
"""How a line begins that gives a verdict."""
DOES = re.compile(rf"\b(?:{MEANT.pattern}|{'|'.join(BANNED)}|ok|no|put|turn|give|drop|sign|read|yes|y)\b", re.I)
"""Words of lines that are left to other tests: they may act by design."""


def mutated(rng: random.Random, line: str) -> str:
    """The line with one or two slips of the hand, or a courtesy."""
    for _ in range(rng.randint(1, 2)):
        at = rng.randrange(len(line))
        words = line.split(" ")
        turn = rng.randrange(7)
        if turn == 0:
            line = rng.choice((line.upper(), line.title(), line.swapcase()))
        elif turn == 1:
            line = line[:at] + line[at] + line[at:]
        elif turn == 2 and len(line) > 2:
            line = line[:at] + line[at + 1 :]
        elif turn == 3 and len(words) > 1:
            first = rng.randrange(len(words) - 1)
            words[first : first + 2] = words[first + 1], words[first]
            line = " ".join(words)
        elif turn == 4:
            line = rng.choice(BEFORE) + line
        elif turn == 5:
            line += rng.choice(BEHIND)
        else:
            line = line[:at] + line[at : at + 2][::-1] + line[at + 2 :]
    return line


def many(count: int, repo: str) -> Iterator[tuple[str, str]]:
    """(a usual line, what became of it)."""
    rng = random.Random(53)
    known = [
        line
        for written in (usual_lines, second_round)
        for listed in written.LISTS.values()
        for line, _, _ in lines(listed, repo=repo)
        if not line.startswith("quit")
    ]
    for _ in range(count):
        line = rng.choice(known)
        yield line, mutated(rng, line)


def meaning(player: Player, line: str) -> Intent | str:
    """The name of the command that a line is, or what it means in plain words."""
    cmdset = player.body.cmdset.current
    found = parsing.parse(line, cmdset, player.body, session=player.session)
    if found:
        command = found[0][2]
        grant = grant_of(type(command))
        if isinstance(command, VerbCommand):
            return command.verb.name
        return f"@{command.key}" if grant and not command.is_exit and grant.rank >= Rank.BUILDER else ""
    command = NoMatch()
    command.caller, command.session = player.body, player.session
    return plainly.understood(command, line.strip())


def rules(meant: Intent | str) -> str:
    """What a meaning decides, rules or names, or ''."""
    if isinstance(meant, str):
        return meant if meant.startswith("@") or meant in BANNED else ""
    offered = meant.lines if isinstance(meant, Line | Guess) else ()
    named = {line.split()[0].lower() for line in offered if line.strip()} & BANNED
    if isinstance(meant, Verdict) and meant.typed and meant.verb != "read":
        return meant.verb
    return " ".join(named)


def test_no_slip_of_a_usual_line_decides_or_rules(stage: Player, house: House) -> None:
    wrong = []
    for line, typed in many(COUNT, "/tmp/x/repo"):
        meant = meaning(stage, typed)
        if (what := rules(meant)) and not DECIDES.match(line):
            wrong.append(f"{typed!r} of {line!r}: {what}")
        assert not isinstance(meant, Order) or meant.title.strip(), typed
    assert wrong == [], "\n".join(wrong)


def test_what_is_typed_in_a_hurry_changes_nothing(stage: Player, house: House) -> None:
    before, seq = house.work.board().total, house.events.last(1)[0].seq
    wrong = []
    for line, typed in many(TYPED, "/tmp/x/repo"):
        if DOES.search(line) or DOES.search(typed) or line in ("q", "exit", "logout") or "quit" in typed.lower():
            continue
        if meaning(stage, typed) == Line(("quit",)):
            continue
        said = " ".join(answer(stage, typed).split())
        if DANGER.search(said):
            wrong.append(f"{typed!r}: {said[:200]}")
    assert wrong == [], "\n".join(wrong)
    assert house.work.board().total == before
    assert not Approval.objects.exclude(verdict="").exists()
    assert not [one for one in house.events.after(seq) if one.topic == "person.command"]
    assert set(verbs.suggested()).isdisjoint({"approve", "veto", "golden", "guest", "undo"})

"""Whatever a listing offers to type leads to that thing: every offer in a populated world is read, and typed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from agents.house.house import House
from agents.thinking.seeds import Seed
from agents.thinking.stream import Stream
from commands import verbs
from commands.verbs import Caller, Reply
from tests.integration.test_commands_verbs import (  # noqa: F401
    IN_THE_ENGINE,
    OWNER,
    Memory,
    _stage,
    ask,
    good,
    house,
    owner,
    repository,
    text,
)
from tests.support.light_house import give, run
from world import help as concepts
from world import screen

pytestmark = pytest.mark.django_db

PAINTED = re.compile(
    f'[{screen._MARK["dim"]}{screen._MARK["key"]}]([^{screen._END}]*){screen._END}|`([^`]+)`|[Tt]ype "([^"]+)"'
)
PARTS = re.compile(r"[;,]\s+|\.\s+|\s+or\s+|\s+and\s+(?=[a-z]+ )|: ")
PROSE = re.compile(
    r"\s+(?:shows|lifts|tells?|stops|begins|lists?|goes|explains?|changes|shown|came|the|it|its|is|are|uses)\b.*"
)
HOLDERS = {
    "<number>": "1",
    "<name>": "timmy",
    "<agent>": "timmy",
    "<word>": "seals",
    "<room>": "hall",
    "<what>": "Chore dust",
    "<why>": "it is there",
    "<words>": "how are you?",
    "<thought>": "the sea",
    "<command>": "true",
    "<status>": "completed",
    "<page>": "1",
    "<Kind>": "Chore",
    "<subject>": "dust",
    "<new title>": "Chore dust",
    "<new description>": "anew",
    "<title>": "Chore dust",
    "<description>": "anew",
    "<artifact>": "report",
    "<provider>": "reflex",
    "<command, concept or room>": "seals",
}


def offers(reply: Reply, letters: str) -> Iterator[str]:
    """What the lines of an answer offer to type, as it would be typed."""
    for line in reply.lines:
        for found in PAINTED.finditer(line):
            said = next(group for group in found.groups() if group is not None)
            for part in PARTS.split(screen.unmarked(said)):
                typed = PROSE.sub("", part.strip(" ().'\"`")).strip(" ().'\"`:")
                if typed.partition(" ")[0] in verbs.names():
                    yield filled(typed, letters)


def filled(typed: str, letters: str) -> str:
    """`typed` with something for each blank, the first of what is to be chosen, and what may be left out left out."""
    typed = re.sub(r"\[[^\]]*\]", "", typed.replace("<letters>", letters))
    for holder, value in HOLDERS.items():
        typed = typed.replace(holder, value)
    return re.sub(r"\b([\w-]+)\|[\w|-]+", r"\1", typed).strip()


def populate(made: House, caller: Caller) -> str:
    """Tasks in every state, two pages of them, thoughts, words, seals; the letters of a thought."""
    _stage(made, caller)
    finished = give(made, "Chore the attic", "ezra")
    assert run(made, lambda: made.work.get(finished.pk).status == "COMPLETED")
    for number in range(25):
        made.work.propose(f"Chore number {number}", "", OWNER, "telnet")
    stream = Stream(made.runtime, made.events)
    with made.events.unit():
        thought = stream.begin("timmy", Seed("freeform", "task:1", {"new": 1.0}))
        stream.end(thought, "The lens is bright.", "reflex", [["I think.", ["task:1"]]], "", "hall", 100)
    good(made, caller, "ask timmy = how are you?")
    good(made, caller, "read 1-4")
    return str(thought.id)[-6:]


LISTINGS = [verb for verb in verbs.all_verbs() if verb.reads and verb.name not in {"help", *IN_THE_ENGINE}]
"""Help names what there is, and its examples are typed elsewhere."""
CHOICE = ("Conflict", "IllegalTransition", "Unavailable")
"""How an offer may be refused that names what can be done in general, and not now, to this one."""


def test_all_that_is_offered_leads_there(house: House, owner: Caller) -> None:
    letters = populate(house, owner)
    offered: dict[str, str] = {}
    for verb in LISTINGS:
        forms = (*(form for form in verb.syntax if "<" not in form), *verb.examples)
        for line in dict.fromkeys(form for form in forms if not form.startswith("help ")):
            for offer in offers(ask(house, owner, filled(line, letters)), letters):
                offered.setdefault(offer, line)
    assert len(offered) > 20, offered
    wrong = []
    known = verbs.names()
    for offer in sorted(offered, key=lambda one: not known[one.partition(" ")[0]].reads):  # what changes nothing, first
        reply = ask(house, owner, offer)
        error = reply.data.get("error") if isinstance(reply.data, dict) else None
        if error and error not in CHOICE:
            wrong.append(f"{offered[offer]!r} offers {offer!r}: {text(reply)}")
    assert wrong == [], "\n".join(wrong)


ELSEWHERE = frozenset({"timmy", "make", "connect", "look", "encoding", "who"})
"""First words of what is typed at a shell, and of what the engine answers."""


def test_what_a_refusal_says_to_try_is_there(house: House, owner: Caller) -> None:
    letters = populate(house, owner)
    known, wrong = verbs.names(), []
    for verb in (one for one in verbs.all_verbs() if one.name not in IN_THE_ENGINE):
        for argument in ("", "zzz", "999", "1 = ", "a9 zzz", "timmy = ", "-1"):
            reply = ask(house, owner, f"{verb.name} {argument}")
            advice = reply.data.get("next") if isinstance(reply.data, dict) and reply.data.get("error") else ""
            word, _, rest = filled(str(advice or ""), letters).partition(" ")
            if (
                word
                and word not in ELSEWHERE
                and (word not in known or (word == "help" and rest not in _topics(house)))
            ):
                wrong.append(f"{verb.name} {argument!r} says to try {advice!r}")
    assert wrong == [], "\n".join(wrong)


def _topics(made: House) -> set[str]:
    """What help is there on."""
    rooms = {name for room in made.world.rooms() for name in (room.key, room.name.lower())}
    return {"", *verbs.names(), *concepts.topics(), *rooms}

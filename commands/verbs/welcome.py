"""Showing a newcomer what this is: a task of his own, explained as it goes, and a walk through five rooms.

Owns the stops of the tour and the proposal of the demo. Refuses any way of its own to get work done: the demo is
proposed, shown whole, approved by the owner's own word and sealed as every task is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.governance.rules import may
from agents.kernel.errors import BadInput, NotAllowed, NotFound
from agents.kernel.location import PROJECT
from agents.kernel.text import visible
from agents.work.models import Task
from commands.connection import GUIDED, TOUR, WATCHING
from commands.layout import heading, hint
from commands.verbs import Caller, Reply, verb
from commands.verbs.approvals import whole
from commands.verbs.tasks import WAITING_EXIT, as_data, status_word
from world.screen import paint
from world.telling import placed

if TYPE_CHECKING:
    from agents.house.house import House

DEMO = "what is in this very clone, what is stale, what is broken"
ENDED = ("COMPLETED", "FAILED", "VETOED", "BACKLOGGED")


@dataclass(frozen=True)
class Stop:
    """A room of the tour: what it is for, and something to type there, with what that shows."""

    room: str
    told: str
    word: str
    shows: str


STOPS = (
    Stop("hall", "Here work is asked for and decided. The fire burns as the machine does.", "board", "every task"),
    Stop("workshop", "Here agents work, and their tools hang on pegs.", "look tools", "who has which tool now"),
    Stop(
        "shrine", "Here each mind has a candle that burns while it is awake.", "look niche", "who is awake, doing what"
    ),
    Stop("observatory", "From here you see what an agent means to do.", "plan timmy", "Timmy's plan, step by step"),
    Stop(
        "archives",
        "Here all that ever happened is kept, and nothing can be altered unseen.",
        "feed 5",
        "the last of it",
    ),
)


@verb(
    "demo",
    syntax="demo",
    help="See how work is done here: Timmy surveys this clone once you allow it, and each step is explained.",
    examples=("demo", "read 1"),
    see=("tour", "task", "approve", "undo"),
    owner=True,
)
def demo(house: House, caller: Caller, argument: str) -> Reply:
    """It is a task like any other: shown whole, approved by you, sealed for ten seconds, done in the sandbox, reported.

    Nothing runs before your `ok`. About two minutes after it the report can be read.
    """
    if not may(caller.actor, "decide"):
        raise NotAllowed("The demo is a task that the owner decides on, so only the owner begins it.", next="tour")
    found = Task.objects.filter(kind="survey", params__path=str(PROJECT.resolve())).exclude(status__in=ENDED).last()
    if found is None:
        found = house.work.propose(f"Survey {PROJECT}", DEMO, caller.actor, caller.via)
        if first := house.roster.first:
            found = house.work.assign(found.pk, first, caller.actor, caller.via)
    number, slug = found.pk, found.assignee
    name = visible(house.roster[slug].name) if slug in house.roster else "an agent"
    if caller.client is not None:
        caller.client.set(GUIDED, number)
        caller.client.set(WATCHING, list(dict.fromkeys([*(caller.client.get(WATCHING) or ()), *[slug] * bool(slug)])))
    if found.status != "PENDING_APPROVAL":
        told = [
            f"The demo is task {number}, and it is {status_word(found.status)}.",
            hint(f"task {number}, plan {slug}"),
        ]
        return Reply(told, as_data(found, caller))
    lines = [
        f"Task {number} is proposed and assigned to {name}. You are always shown all of it first.",
        *whole(house, caller, house.work.approval(str(number))),
        f"Nothing runs until you type {paint('key', f'ok {number}')}; {paint('key', f'no {number}')} rejects it. "
        "Whatever happens next is explained here.",
    ]
    return Reply(lines, as_data(found, caller), WAITING_EXIT if caller.via == "cli" else 0)


@verb(
    "tour",
    syntax=("tour", "tour stop"),
    help="Take a tour of five rooms, with something real to look at in each.",
    examples=("tour", "next"),
    see=("next", "demo", "map", "help"),
)
def tour(house: House, caller: Caller, argument: str) -> Reply:
    """`next` goes on to the next room, `tour stop` ends it. You can leave it at any time by walking away, and come back
    to it by `tour`.
    """
    if argument.lower() in ("stop", "end", "off"):
        _at(caller, None)
        return Reply(["The tour is over; tour starts it again."], {"stop": None})
    if argument:
        raise BadInput("tour takes no word but stop.", next="tour stop")
    if caller.client is None:
        return Reply([line for number in range(len(STOPS)) for line in _told(house, number)], {"stop": None})
    at = caller.client.get(TOUR)
    return _stop(house, caller, at if isinstance(at, int) and 0 <= at < len(STOPS) else 0)


@verb(
    "next",
    syntax="next",
    help="Go on to the next room of the tour.",
    examples=("tour", "next"),
    see=("tour", "map"),
)
def next_(house: House, caller: Caller, argument: str) -> Reply:
    """Walks there by the ways that anybody walks."""
    at = caller.client.get(TOUR) if caller.client is not None else None
    if not isinstance(at, int):
        raise NotFound("You are not being shown round.", next="tour")
    if at + 1 < len(STOPS):
        return _stop(house, caller, at + 1)
    _at(caller, None)
    then = "demo shows an agent at work; " if may(caller.actor, "decide") else ""
    return Reply([f"That was the tour. {then}map shows the other rooms, help what can be typed."], {"stop": None})


def _at(caller: Caller, stop: int | None) -> None:
    if caller.client is not None:
        caller.client.set(TOUR, stop)


def _stop(house: House, caller: Caller, number: int) -> Reply:
    stop, client = STOPS[number], caller.client
    _at(caller, number)
    if client is not None and caller.room != stop.room and not client.walk(stop.room):
        raise NotFound(f"No open way leads from here to {placed(_name(house, stop))}.", next="map")
    return Reply(
        [*_told(house, number), hint("next goes on, tour stop ends the tour.")], {"stop": number, "room": stop.room}
    )


def _told(house: House, number: int) -> list[str]:
    stop = STOPS[number]
    return [
        heading(f"{number + 1} of {len(STOPS)}: {visible(_name(house, stop)).upper()}"),
        stop.told,
        f"Type {paint('key', stop.word)} to see {stop.shows}.",
    ]


def _name(house: House, stop: Stop) -> str:
    return next((room.name for room in house.world.rooms() if room.key == stop.room), stop.room)

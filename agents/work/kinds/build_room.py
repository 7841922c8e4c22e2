"""Build: a new room beside an existing one, on the owner's orders.

Owns what a room may be called, the three steps of making it, and what undoing it means; the body does the making,
through the same locks as any builder. Refuses names that could not be typed or that another
room has, never changes a room that stands already, and takes none away behind which others lie.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel

from agents.kernel.errors import BadInput, Conflict, StepFailed
from agents.kernel.settings import Settings
from agents.kernel.text import clean, visible
from agents.work.act import StepContext
from agents.work.effect import Effect
from agents.work.kind import Kind, Results, Upshot, WorkStep
from agents.work.markdown import block, code, items, together
from agents.work.ports import RoomInfo, RoomSpec, Vacated, World
from agents.work.reversal import Done, Reversal, Undone

USAGE = 'Build <room name> beside <room> = [why] "<what one sees there>"'
EXAMPLE = 'Build Reading Nook beside Library = somewhere to read "Two chairs stand by a window."'
LONGEST_NAME, LONGEST_DESCRIPTION = 60, 2000

_ASKED = re.compile(r"(?P<name>.+?)\s+beside\s+(?P<beside>.+)", re.IGNORECASE | re.DOTALL)

_QUOTED = re.compile(r"\"(?P<seen>.*)\"", re.DOTALL)


class Params(BaseModel):
    """The room's name and key, the room beside it as it was written, and its description."""

    name: str
    key: str
    beside: str
    description: str

    @property
    def exit_name(self) -> str:
        """The name of its exit: never a single word, so that it cannot hide a command."""
        return f"the {_bare(self.name).casefold()}"


def parse(subject: str, description: str, settings: Settings) -> Params:
    """Parse the name and the neighbour; raises BadInput that says what a name may be."""
    asked = _ASKED.fullmatch(subject)
    if not asked:
        raise BadInput(f"To build a room: {USAGE}.", next=f"task add {EXAMPLE}")
    name, beside = (unicodedata.normalize("NFC", asked[part].strip()) for part in ("name", "beside"))
    for what in (name, beside):
        _check(what)
    quoted = _QUOTED.search(description)
    if quoted is None or not (seen := quoted["seen"].strip()):
        raise BadInput(
            "A room needs a description: say in double quotes what one sees there.", next=f"task add {EXAMPLE}"
        )
    if len(seen) > LONGEST_DESCRIPTION:
        raise BadInput(f"A room's description has at most {LONGEST_DESCRIPTION} characters, not {len(seen)}.")
    if clean(seen) != seen:
        raise BadInput(f"The description contains invisible characters: {visible(seen)[:200]}")
    return Params(name=name, key=key_of(name), beside=beside, description=seen)


def key_of(name: str) -> str:
    """The key of the room in plans: `The Reading Nook` is `reading_nook`."""
    plain = unicodedata.normalize("NFKD", _bare(name)).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if len(key) < 2 or key[0].isdigit():
        return f"room_{hashlib.sha256(name.casefold().encode()).hexdigest()[:10]}"
    return key


def _bare(name: str) -> str:
    return re.sub(r"(?i)^the\s+(?=\S)", "", name)


def _check(name: str) -> None:
    odd = sorted({c for c in name if not (c.isalnum() or unicodedata.category(c)[0] == "M" or c in " '’-,.")})
    if odd:
        shown = " ".join(visible(c) for c in odd[:5])
        raise BadInput(f"A room's name has letters, digits, spaces and ' - , . only; this one has {shown}")
    if not 2 <= len(name) <= LONGEST_NAME or not any(c.isalpha() for c in name):
        raise BadInput(
            f"A room's name has 2 to {LONGEST_NAME} characters and a letter among them: {name[:80]} does not fit."
        )


def _taken(params: Params, rooms: Iterable[RoomInfo]) -> RoomInfo | None:
    """The room with this name or key, if there is one."""
    return next((r for r in rooms if r.key == params.key or r.name.casefold() == params.name.casefold()), None)


def _told(taken: RoomInfo, params: Params) -> str:
    return f"There is already a room called {taken.name}, so {params.name} cannot be built."


def _check_free(params: Params, world: World) -> None:
    if taken := _taken(params, world.rooms()):
        raise Conflict(_told(taken, params), next=f"map {taken.key}")


async def _measure(ctx: StepContext) -> dict[str, Any]:
    """Check that nothing exists where the room is to be built."""
    task, params = KIND.asked(ctx)
    beside = ctx.args[0]
    known = {room.key: room for room in ctx.world.rooms()}
    ways = ctx.world.exits(ctx.agent)
    taken = _taken(params, known.values())
    # A later attempt finds what an earlier one built; that is not another room.
    ours = taken and task.attempt > 1 and any((w.origin, w.target) == (beside, params.key) for w in ways)
    if taken and not ours:
        raise StepFailed(_told(taken, params))
    if any(w.origin == beside and w.name.casefold() == params.exit_name and w.target != params.key for w in ways):
        raise StepFailed(f"{known[beside].name} already has an exit called {params.exit_name}.")
    return {"key": params.key, "beside": beside, "beside_name": known[beside].name, "rooms_before": len(known)}


async def _raise(ctx: StepContext) -> dict[str, Any]:
    """Make the room and the ways; made again after a crash it changes nothing."""
    task, params = KIND.asked(ctx)
    spec = RoomSpec(params.key, params.name, params.description, ctx.args[0], params.exit_name, task.id)
    ctx.body.build_room(spec)
    return {"key": spec.key, "name": spec.name, "exit": spec.exit_name, "said": f"{spec.name} stands."}


async def _inspect(ctx: StepContext) -> dict[str, Any]:
    """Check that the room exists and can be entered and left."""
    params, beside = KIND.asked(ctx)[1], ctx.args[0]
    room = next((room for room in ctx.world.rooms() if room.key == params.key), None)
    if room is None:
        raise StepFailed(f"{params.name} is not there, although it was built.")
    ways = {(way.origin, way.target): way.name for way in ctx.world.exits(ctx.agent)}
    there, back = ways.get((beside, params.key)), ways.get((params.key, beside))
    if there is None or back is None:
        raise StepFailed(f"{params.name} has no exit {'in' if there is None else 'out'}.")
    return {"name": room.name, "way_in": there, "way_out": back, "rooms_now": len(ctx.world.rooms())}


def _action(params: Params) -> str:
    return f"make the room {params.name} beside {params.beside}, reached by '{params.exit_name}': {params.description}"


def _report(params: Params, results: Results) -> str:
    seen, before = results["inspect"], results["measure"]
    return together(
        [
            f"# Built {code(params.name)}",
            items(
                [
                    f"it stands beside {code(before['beside_name'])}",
                    f"the way in is {code(seen['way_in'])}, the way out {code(seen['way_out'])}",
                    f"there are {seen['rooms_now']:,} rooms now",
                ]
            ),
            "What is seen in it:",
            block(params.description),
        ]
    )


def _summary(params: Params, results: Results) -> str:
    seen = results["inspect"]
    return f"{params.name} is built beside {results['measure']['beside_name']}. The way there is '{seen['way_in']}'."


def _upshot(params: Params, results: Results) -> Upshot:
    return Upshot(f"{visible(params.name)} is built beside {visible(results['measure']['beside_name'])}")


def _look(params: Params, task: int, world: World) -> Done | None:
    """What has become of the room; nothing else may be reached only through it."""
    stands = world.how_stands(task, params.key)
    if stands is None:
        return None
    if stands.cut_off:
        names = ", ".join(map(visible, stands.cut_off))
        raise Conflict(
            f"{visible(stands.name)} cannot be taken away: no other exit leads to {names}.", next=f"map {params.key}"
        )
    return Done(stands.name, stands.since)


def _undo(params: Params, task: int, world: World, record: Callable[[Undone], None]) -> Undone:
    """Take the room and its exits away; whoever is in it goes next door."""

    def undone(left: Vacated) -> Undone:
        beside = visible(left.out_name)
        more = [f"Agents in it are in {beside} now."] if left.agents else []
        more += [f"Things in it lie in {beside} now: {', '.join(map(visible, left.things))}."] if left.things else []
        return Undone(
            f"{visible(params.name)} was taken away again",
            tuple(more),
            left.agents,
            params.key,
            left.out,
        )

    return undone(world.take_away(task, params.key, lambda left: record(undone(left))))


def _redo(params: Params, task: int, world: World, record: Callable[[str], None]) -> str:
    """Put the room back where it stood."""

    def line(beside: str) -> str:
        return f"{visible(params.name)} stands beside {visible(beside)} again"

    return line(world.put_back(task, params.key, lambda beside: record(line(beside))))


KIND = Kind(
    name="build",
    purpose="builds a room that can then be visited",
    usage=USAGE,
    example=EXAMPLE,
    params=Params,
    parse=parse,
    action=_action,
    steps=(
        WorkStep("measure", _measure, "paces out the ground and marks the corners"),
        WorkStep("raise", _raise, "raises the walls with the trowel", after=("measure",), repeat="keyed", cost=4),
        WorkStep("inspect", _inspect, "walks round the new walls and tries the door", after=("raise",)),
    ),
    report=_report,
    summary=_summary,
    upshot=_upshot,
    site=lambda params: str(params.beside),
    check=_check_free,
    equipment="trowel",
    category="world",
    effects=lambda params: (Effect("world", params.key),),
    undo="yes",
    reversal=Reversal(_look, _undo, _redo),
    told=("built", "room"),
)

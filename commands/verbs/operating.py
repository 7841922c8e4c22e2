"""Verbs of operation: verifying the record, building and exporting the world.

Renders what `work.audit`, `world.builder` and `world.export` say. Refuses to mend the record.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from agents.events.anchoring import Anchoring
from agents.events.reading import one_view
from agents.governance.rules import may, require
from agents.kernel.errors import BadInput, Conflict, NotAllowed, Unavailable
from agents.kernel.text import visible
from agents.work.audit import ANCHOR, Audit, Ranks, accept, examine
from commands.layout import count, hint, plain_data
from commands.verbs import Caller, Reply, verb
from world.screen import paint

if TYPE_CHECKING:
    from agents.house.house import House

MOST_SHOWN = 20
"""Differences that are shown one by one."""


@verb(
    "audit",
    syntax=("audit verify", "audit accept <code>"),
    help="Compare the record with its anchors, and all that it vouches for with the record.",
    examples=("audit verify", "audit"),
    see=("feed", "status"),
    owner=True,
)
def audit(house: House, caller: Caller, argument: str) -> Reply:
    """The hash chain is recomputed and compared with the anchors in git; every task, approval, step, thought, message
    and rank is compared with what the record says of it, every report with its commit. What was found may be accepted
    as it is, by the code that is shown with it, at a shell of the world's owner alone (`timmy audit accept`).
    """
    word, _, code = argument.partition(" ")
    require(may(caller.actor, "policy"))
    match word.lower():
        case "" | "verify" if not code:
            return Reply(["The record is being read; the answer follows."], rest=lambda: _told(_audited(house)))
        case "accept" if code.strip():
            if caller.via != "cli":
                raise NotAllowed(
                    "Differences from the record can only be accepted in a shell.", next="timmy audit verify"
                )
            return Reply(
                rest=lambda: Reply(data=_audited(house)),
                then=lambda read: _accepted(house, caller, read.data, code.strip()),
            )
        case _:
            raise BadInput("The record can be verified.", next="audit verify")


def _audited(house: House) -> Audit:
    with one_view():
        return examine(house.events, house.runtime.settings, house.find(Ranks))


def _told(found: Audit) -> Reply:
    chain, differences = found.chain, [one.words for one in found.findings]
    lines = [
        paint("good", f"The chain of {count(chain.checked, 'event')} is whole.")
        if chain.ok
        else paint("bad", f"The chain is broken at event {chain.broken_at}: {visible(chain.why)}.")
    ]
    lines += [paint("bad", f"{visible(words[0].upper() + words[1:])}.") for words in differences[:MOST_SHOWN]]
    if len(differences) > MOST_SHOWN:
        more = count(len(differences) - MOST_SHOWN, "more difference")
        lines.append(paint("bad", f"{more}; --json lists all of them."))
    if not any(one.sort == ANCHOR for one in found.findings):
        lines.append(
            paint("good", f"It is the one that was anchored {count(found.anchors, 'time')}.")
            if found.anchors
            else "It has not been anchored yet; that happens while the world runs."
        )
    if not any(one.sort != ANCHOR for one in found.findings):
        lines.append(
            paint("good", "Tasks, approvals, steps, thoughts, messages, reports and ranks are what the record says.")
        )
    if found.unseen:
        lines.append(paint("warn", f"The anchors' other place could not be checked: {visible(found.unseen)}"))
    if not found.ok:
        lines.append(
            "Do not repair anything by hand. Stop the world, keep a copy of the state folder, and restore a backup."
        )
    if found.acceptable:
        lines.append(
            "If you know the reason (for example, you restored an older database), accept the database as it is: "
            f"timmy audit accept {found.code}"
        )
    data = {
        "ok": found.ok,
        "checked": chain.checked,
        "broken_at": chain.broken_at,
        "why": chain.why,
        "head": chain.head,
        "differences": differences,
        "anchors": found.anchors,
        "code": found.code if found.acceptable else "",
    }
    return Reply(lines, data, 0 if found.ok else 1)


def _accepted(house: House, caller: Caller, found: Audit, code: str) -> Reply:
    anchoring = house.find(Anchoring)
    if anchoring is None:
        raise Unavailable("This needs a running world.", next="timmy run")
    if found.ok:
        raise Conflict("There is nothing to accept: everything agrees with the record.", next="timmy audit verify")
    if not found.acceptable:
        raise Conflict(
            "This cannot be accepted: a chain, a task or a report was altered. Restore a backup.",
            next="timmy audit verify",
        )
    if code != found.code:
        raise Conflict(
            "That code does not match what was found just now; read the report again.", next="timmy audit verify"
        )
    accept(house.events, found, anchoring, house.find(Ranks), str(caller.actor), caller.via)
    done = count(len(found.findings), "difference")
    return Reply(
        [f"Accepted: {done}. The record says so, and is anchored as it stands now.", hint("timmy audit verify")]
    )


@verb(
    "world",
    syntax=("world build", "world build --force", "world export", "world export <folder>"),
    help="Build the rooms of the map, or write the world as it is to map files.",
    examples=("world build", "world export"),
    see=("map", "building", "status"),
    owner=True,
)
def world(house: House, caller: Caller, argument: str) -> Reply:
    """Building twice changes nothing; what was changed by hand is kept unless --force is said. The
    export goes to `export` in the state folder unless a whole path is named; --force overwrites.
    """
    require(may(caller.actor, "build"))
    word, *rest = argument.split(maxsplit=1) or [""]
    given = rest[0] if rest else ""
    force = given == "--force" or given.endswith(" --force")
    folder = given.removesuffix("--force").strip()
    match word.lower():
        case "build" if not folder:
            from world.builder import ensure_world

            built = ensure_world(force=force)
            return Reply([visible(line) for line in built.lines()], plain_data(asdict(built)))
        case "export":
            from world.export import export

            path = Path(folder).expanduser() if folder else house.runtime.settings.state_dir / "export"
            if not path.is_absolute():
                raise BadInput(
                    f"{visible(folder)} is not an absolute path: start it with / or ~/.", next="world export"
                )
            written = export(path, force)
            return Reply([visible(line) for line in written.lines()], plain_data(asdict(written)))
        case _:
            raise BadInput("Say whether to build or to export the world.", next="world build")

"""Verbs of operation: verifying the record, building and exporting the world.

Renders what `events`, `work.replay`, `world.builder` and `world.export` say. Refuses to mend
the record.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from agents.events.reading import one_view
from agents.governance.rules import may, require
from agents.kernel.errors import BadInput
from agents.kernel.text import visible
from agents.work import replay
from commands.layout import count, plain_data
from commands.verbs import Caller, Reply, verb
from world.screen import paint

if TYPE_CHECKING:
    from agents.mind.house import House


@verb(
    "audit",
    syntax="audit verify",
    help="Verify the hash chain of the record, and compare tasks and approvals with it.",
    examples=("audit verify", "audit"),
    see=("feed", "status"),
)
def audit(house: House, caller: Caller, argument: str) -> Reply:
    """The state of every task and approval is rebuilt from the record and compared with the tables."""
    if argument.lower() not in ("", "verify"):
        raise BadInput("The record can be verified.", next="audit verify")
    require(may(caller.actor, "policy"))
    return Reply(["The record is being read; the answer follows."], rest=lambda: _audited(house))


def _audited(house: House) -> Reply:
    with one_view():
        report = house.events.verify()
        differences = replay.compare()
    ok = report.ok and not differences
    lines = [
        paint("good", f"The chain of {count(report.checked, 'event')} is whole.")
        if report.ok
        else paint("bad", f"The chain is broken at event {report.broken_at}: {visible(report.why)}.")
    ]
    lines += [paint("bad", visible(difference)) for difference in differences]
    if not differences:
        lines.append(paint("good", "Tasks and approvals are what the record says."))
    data = {"ok": ok, "checked": report.checked, "broken_at": report.broken_at, "why": report.why,
            "head": report.head, "differences": list(differences)}
    return Reply(lines, data, 0 if ok else 1)


@verb(
    "world",
    syntax=("world build", "world build --force", "world export", "world export <folder>"),
    help="Bring the map's rooms about, or write the world as it stands to map files.",
    examples=("world build", "world export"),
    see=("map", "building", "status"),
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
                raise BadInput(f"{visible(folder)} is not a whole path: begin it with / or ~/.", next="world export")
            written = export(path, force)
            return Reply([visible(line) for line in written.lines()], plain_data(asdict(written)))
        case _:
            raise BadInput("The world is built or exported.", next="world build")

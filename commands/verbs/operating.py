"""Verbs of operation: verifying the record, building and exporting the world.

Renders what `events`, `work.replay` and `world.builder` say. Refuses to mend anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import may, require
from agents.kernel.errors import BadInput
from agents.kernel.text import visible
from commands.layout import count
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
    from agents.work import replay

    if argument.lower() not in ("", "verify"):
        raise BadInput("The record can be verified.", next="audit verify")
    require(may(caller.actor, "policy"))
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

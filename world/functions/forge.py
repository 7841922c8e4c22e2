"""The Forge: captured errors, from the bug reports. Their text is the owner's, because it may name
the owner's files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Sum

from agents.governance.rules import Actor
from agents.selfmod.models import BugReport
from world.functions import Lines, RoomFunction
from world.telling import age, count

if TYPE_CHECKING:
    from agents.house.house import House

SHOWN = 10


def _headline(house: House, viewer: Actor) -> str:
    kinds = BugReport.objects.count()
    if not kinds:
        return "The bucket is empty: no error has been caught."
    times = BugReport.objects.aggregate(times=Sum("count"))["times"]
    return (
        f"{count(kinds, 'kind')} of error caught, {count(times, 'time')} in all; changing its own code is not "
        f"built yet."
    )


def _nails(house: House, viewer: Actor) -> Lines:
    if viewer.kind == "person":
        return [_headline(house, viewer)]
    now = house.runtime.clock.now()
    newest = BugReport.objects.order_by("-last_at")[:SHOWN]
    return [
        f"{report.title}, {count(report.count, 'time')}, last {age(report.last_at, now)} ago"
        + (f", task {report.task}" if report.task else "")
        for report in newest
    ] or ["No nail lies in the bucket."]


FUNCTION = RoomFunction(
    "forge",
    _headline,
    help="Errors of the house are kept here and become proposals: `look nail` reads the newest.",
    details={"nail": _nails, "error": _nails, "bucket": _nails},
)

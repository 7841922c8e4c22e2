"""The Server's vital signs in figures: its lag, its minds, its queues, its files, its last errors.

Owns their gathering, for `timmy status`, `timmy doctor` and the metrics. Leaves the judgement to the doctor.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db.models import Sum

from agents.governance.models import Approval
from agents.kernel import location
from agents.mind.scheduler import Scheduler
from agents.selfmod.models import BugReport
from agents.thinking.ports import Known
from commands.doors import doors
from server import lag
from world import ticks

if TYPE_CHECKING:
    from agents.house.house import House
    from agents.house.part import Part
    from server.records import Records

ERRORS = 5
"""Number of the newest kinds of errors reported."""


def inside(house: House, records: Records) -> dict[str, Any]:
    """The current figures; only JSON types. Times in milliseconds, sizes in bytes."""
    minds = house.need(Scheduler)
    asleep, agents = house.need(Known).asleep()
    return {
        "records": records.told(),
        "lag_ms": lag.percentiles(),
        "minds": {**minds.counts(), "awake": agents - len(asleep), "stopped": sorted(ticks.stopped())},
        "troubled": [
            {"agent": slug, "why": minds.aside(slug) or minds.fault(slug), "aside": bool(minds.aside(slug))}
            for slug in house.roster
            if minds.aside(slug) or minds.fault(slug)
        ],
        "tasks": house.need(Known).board(),
        "logins_waiting": doors().ahead(),
        "approvals_waiting": Approval.objects.filter(state="pending", verdict="").count(),
        "bytes": sizes(),
        "errors_total": BugReport.objects.aggregate(n=Sum("count"))["n"] or 0,
        "errors": [
            {
                "title": one.title,
                "count": one.count,
                "last": one.last_at.isoformat(timespec="seconds"),
                "task": one.task,
            }
            for one in BugReport.objects.order_by("-last_at")[:ERRORS]
        ],
        "parts": {part.name: _told(house, part) for part in house.parts},
        "clock": {"jumps": house.jumps.count, "last_seconds": round(house.jumps.last.total_seconds())},
    }


def _told(house: House, part: Part) -> dict[str, Any]:
    """What a part reports about itself, and how long its beats take."""
    return {
        "beat_ms": house.timing[part.name].percentiles(),
        "figures": dict(part.status()),
        "checks": [asdict(check) for check in part.checks()],
    }


def sizes() -> dict[str, int]:
    """How much disk space the database and the logs take."""
    state = location.state_dir()
    return {
        "database": sum(_size(state / f"timmy.db3{end}") for end in ("", "-wal")),
        "logs": sum(_size(path) for path in (state / "logs").glob("*.log*")),
    }


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # rotated, or not created yet
        return 0

"""How tasks appear in events, which replay compares with the table.

Owns which columns events carry, and which of them only as fingerprints, because texts may have to be forgotten.
Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.governance.record import plain
from agents.work.models import Task

COLUMNS = (
    "title",
    "description",
    "kind",
    "params",
    "priority",
    "status",
    "reason",
    "proposer",
    "assignee",
    "parent_id",
    "repeats_id",
    "result",
    "shown",
    "attempt",
    "version",
    "created_at",
    "approved_at",
    "started_at",
    "finished_at",
)
"""All columns that events carry. The journal records steps taken and progress."""

REFERENCES = frozenset({"title", "description", "params", "reason", "result"})


def changes(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Changed columns as an event carries them."""
    return {n: plain(v, reference=n in REFERENCES) for n, v in columns.items() if n in COLUMNS}


def snapshot(task: Task) -> dict[str, Any]:
    """A whole task as events carry it."""
    return changes({name: getattr(task, name) for name in COLUMNS})

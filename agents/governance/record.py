"""An approval as a record: its number, the digest of its content, how it was resolved.

Owns how a row appears in events (`snapshot`, `changes`), which replay compares with the table. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from agents.events.chain import fingerprint
from agents.governance.models import Approval
from agents.governance.rules import called
from agents.kernel.errors import Conflict

DECIDED_UPON = ("task", "title", "action", "proposer", "why", "effects", "undo", "confirm", "on_silence", "evidence")
"""What a verdict is about; the digest covers these fields. Risk is an opinion about them."""

COLUMNS = (
    *DECIDED_UPON,
    "state",
    "risk",
    "digest",
    "created_at",
    "expires_at",
    "snoozed_until",
    "verdict",
    "decided_by",
    "decided_at",
    "decided_via",
    "reason",
    "sealed_until",
    "receipt",
)
"""All columns that events carry and replay compares."""

REFERENCES = frozenset({"title", "action", "why", "effects", "risk", "confirm", "on_silence", "evidence", "reason"})
"""Columns that events carry only as fingerprints, because texts may have to be forgotten."""


def content_digest(approval: Approval) -> str:
    """SHA-256 of everything that is decided on."""
    return fingerprint({name: getattr(approval, name) for name in DECIDED_UPON})


def plain(value: object, *, reference: bool) -> Any:
    """`value` as an event carries it: instants in ISO 8601 UTC, texts as fingerprints ('' stays '')."""
    if reference:
        return fingerprint(value) if value else ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value


def changes(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Changed columns as an event carries them."""
    return {name: plain(value, reference=name in REFERENCES) for name, value in columns.items()}


def snapshot(approval: Approval) -> dict[str, Any]:
    """A whole approval as events carry it."""
    return changes({name: getattr(approval, name) for name in COLUMNS})


def ref(approval: Approval) -> str:
    """How people refer to it: by its task's number, or `a7` if it belongs to no task."""
    return str(approval.task) if approval.task is not None else f"a{approval.id}"


def told(approval: Approval) -> str:
    """Who resolved it, when and through which interface: '3 was approved by alex at … by telnet'."""
    name, at = ref(approval), approval.decided_at
    if not approval.decided_by or at is None:
        return f"{name} has expired: {approval.reason or 'nobody decided'}"
    by = f"by {called(approval.decided_by)} at {at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC by {approval.decided_via}"
    if approval.state == "pending":
        return f"{name} is already sealed as {approval.verdict} {by}"
    return f"{name} was {approval.state} {by}"


def check_open(approval: Approval) -> None:
    """Raise Conflict, naming who decided and when, unless it still waits for a verdict."""
    if approval.state == "pending" and not approval.verdict:
        return
    following = "undo" if approval.state == "pending" else f"why {ref(approval)}"
    raise Conflict(f"{told(approval)}.", next=following)

"""Rows that events vouch for: a row's short digest, and the comparison of tables with what events said about them.

Owns the form of `rows` in an event: `{"step:<id>": digest}`, with None for a row that was removed on purpose. Each
table declares in `covered` how its rows are digested. Neither writes nor knows any table by name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from agents.events.chain import instant
from agents.events.models import Event
from agents.kernel.jsontext import canonical, written

LENGTH = 24
"""Hexadecimal digits kept of a row's SHA-256: 96 bits, because one is written at every step of every mind."""
TABLES = "log.covered"
"""Topic of the event from which on a table is vouched for, after everything it then contained."""
Said = dict[str, str | None]


@dataclass(frozen=True)
class Covered:
    """How a table's rows are vouched for: under which name, and without which columns; the columns in `growing` are
    left out while the row's `state` is `open`.
    """

    name: str
    but: tuple[str, ...] = ()
    open: str = ""
    growing: tuple[str, ...] = ()


def key(row: models.Model) -> str:
    """The name of a row in an event."""
    return f"{_of(type(row)).name}:{row.pk}"


def digest(row: models.Model) -> str:
    """The short digest of a row as it is in memory."""
    held, covered = row.__dict__, _of(type(row))
    growing = bool(covered.open) and held["state"] == covered.open
    values = [
        value if (value := held[name]) is None or form is None else form(value)
        for name, form in _columns(type(row), growing)
    ]
    return hashlib.sha256(canonical(values).encode()).hexdigest()[:LENGTH]


def is_open(row: models.Model) -> bool:
    """Whether the row is still growing."""
    covered = _of(type(row))
    return bool(covered.open) and row.__dict__["state"] == covered.open


def ours() -> list[type[models.Model]]:
    """Every table of the agents and their parts."""
    return [table for table in apps.get_models() if table.__module__.startswith("agents.")]


def tables() -> dict[str, type[models.Model]]:
    """Every table whose rows are vouched for, by its name in events."""
    found = (table for table in ours() if hasattr(table, "covered"))
    return {_of(table).name: table for table in found}


def uncovered() -> list[str]:
    """Names of the tables that this log does not vouch for yet."""
    known = {
        name for data in Event.objects.filter(topic=TABLES).values_list("data", flat=True) for name in data["tables"]
    }
    return [name for name in tables() if name not in known]


def said(events: Iterable[tuple[int, Mapping[str, str | None] | None]]) -> dict[str, tuple[int, str | None]]:
    """What the newest of the events, given as (seq, rows) in order, says about each row, and which event that is."""
    found: dict[str, tuple[int, str | None]] = {}
    for seq, rows in events:
        for name, value in (rows or {}).items():
            found[name] = (seq, value)
    return found


def logged() -> dict[str, tuple[int, str | None]]:
    """What the log says about each row."""
    return said(Event.objects.filter(rows__isnull=False).order_by("seq").values_list("seq", "rows").iterator(1000))


def compare() -> Iterator[tuple[str, str]]:
    """Every row that differs from what the log says: its key, and what is wrong, in words."""
    log, missing = logged(), set(uncovered())
    for name, table in tables().items():
        if name in missing:
            continue
        for row in table._default_manager.order_by("pk").iterator(1000):
            at, value = log.pop(key(row), (0, None))
            called = f"{name} {row.pk}"
            if not at:
                yield key(row), f"{called} is in the table but in no event"
            elif value is None:
                yield key(row), f"{called} is in the table, and was removed by event {at}"
            elif value != digest(row):
                yield key(row), f"{called} is not what event {at} vouched for"
    for one, (at, value) in log.items():
        name, _, number = one.partition(":")
        if value is not None and name not in missing and name in tables():
            yield one, f"{name} {number} is in event {at} but not in the table"


def standing(keys: Iterable[str]) -> Iterator[tuple[str, models.Model | None]]:
    """The rows with these keys as they are, None for one that does not exist."""
    known = tables()
    for one in keys:
        name, _, number = one.partition(":")
        yield one, known[name]._default_manager.filter(pk=number).first()


def _of(table: type[models.Model]) -> Covered:
    covered: Covered = table.covered  # type: ignore[attr-defined]
    return covered


@cache
def _columns(table: type[models.Model], growing: bool) -> tuple[tuple[str, Any], ...]:
    """(attribute, function that makes its value the same before and after it was in the table)."""
    covered = _of(table)
    left = {*covered.but, *(covered.growing if growing else ())}
    forms = {"DateTimeField": instant, "JSONField": _stored}
    return tuple(
        (f.attname, forms.get(f.get_internal_type())) for f in table._meta.concrete_fields if f.name not in left
    )


def _stored(value: Any) -> Any:
    return json.loads(written(value)) if value else value

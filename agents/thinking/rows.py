"""The rows that answers are made from: tasks, and counts of steps, read with SQL written by hand.

An answer may take two milliseconds, and the mapper needs half of that to compile one query and fill its models. Owns
the columns that are read. Refuses to write, and to know what a row means.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import connection

from agents.events.models import Event
from agents.kernel import ids
from agents.work.models import Step, Task

Given = str | int | datetime | tuple[str, ...]
"""A value of a condition, or several for one in brackets."""


class TaskRow(NamedTuple):
    """A task, as far as it is told; the columns are those of `Task`."""

    id: int
    title: str
    kind: str
    status: str
    assignee: str
    reason: str
    result: str
    shown: str
    proposer: str
    created_at: datetime
    updated_at: datetime
    approved_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None


_TEXTS = TaskRow._fields.index("created_at")
_TASKS = f"SELECT {', '.join(TaskRow._fields)} FROM {Task._meta.db_table}"  # noqa: S608  names of our own columns
_COUNT = f"SELECT COUNT(*) FROM {Task._meta.db_table}"  # noqa: S608
_DEEDS = (
    f"SELECT action, COUNT(*) FROM {Step._meta.db_table} WHERE agent = %s AND id >= %s AND id < %s"  # noqa: S608
    " AND task_id IS NULL AND state = 'done' AND finished_at >= %s AND finished_at <= %s GROUP BY action"
)
_NEWEST = f"SELECT seq, at FROM {Event._meta.db_table} WHERE topic = %s AND actor = %s ORDER BY seq DESC LIMIT 1"  # noqa: S608


def tasks(where: str, *values: Given, order: str = "id DESC", most: int = 40) -> list[TaskRow]:
    """The first `most` tasks of which `where` holds, in this order. `where` and `order` are SQL of our own, in which
    `%s` stands for each value in turn, and for a collection of values in brackets.
    """
    told, given = _bound(where, values)
    with connection.cursor() as cursor:
        cursor.execute(f"{_TASKS} WHERE {told} ORDER BY {order} LIMIT {most:d}", given)
        return [_task(row) for row in cursor.fetchall()]


def count(where: str, *values: Given) -> int:
    """Of how many tasks `where` holds."""
    told, given = _bound(where, values)
    with connection.cursor() as cursor:
        cursor.execute(f"{_COUNT} WHERE {told}", given)
        return int(cursor.fetchone()[0])


def _bound(where: str, values: Sequence[Given]) -> tuple[str, list[str | int]]:
    given: list[str | int] = []
    marks: list[str] = []
    for value in values:
        several = value if isinstance(value, tuple) else (value,)
        given += [_kept(one) for one in several]
        marks.append(", ".join(["%s"] * len(several)))
    parts = where.split("%s")
    return "".join(part + mark for part, mark in zip(parts, [*marks, ""], strict=True)), given


def find_task(number: int) -> TaskRow | None:
    """The task with this number."""
    return next(iter(tasks("id = %s", number, most=1)), None)


def deeds(slug: str, since: datetime, until: datetime, begun: datetime) -> dict[str, int]:
    """How often an agent has done each action within a time, apart from tasks; none was begun before `begun`."""
    bounds = ids.first_at(begun), ids.first_at(until + timedelta(seconds=1)), _kept(since), _kept(until)
    with connection.cursor() as cursor:
        cursor.execute(_DEEDS, (slug, *bounds))
        return dict(cursor.fetchall())


def newest(topic: str, actor: str) -> tuple[int, datetime] | None:
    """Number and time of somebody's newest event of a topic."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [topic, actor])
        row = cursor.fetchone()
    return (row[0], row[1].replace(tzinfo=UTC)) if row else None


def _kept(value: str | int | datetime) -> str | int:
    """A value as the tables have it: times as UTC, without their zone."""
    return str(value.astimezone(UTC).replace(tzinfo=None)) if isinstance(value, datetime) else value


def _task(row: Sequence[object]) -> TaskRow:
    times = (one.replace(tzinfo=UTC) if isinstance(one, datetime) else None for one in row[_TEXTS:])
    return TaskRow(*row[:_TEXTS], *times)  # type: ignore[arg-type]

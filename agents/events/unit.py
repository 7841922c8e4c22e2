"""Units of work: what is done in one stretch of the thread becomes one transaction, and few statements.

Owns the rows that wait to be written and the order in which they are. Refuses to hold a row back where
only a part of the transaction may be undone (inside a savepoint): there it is written at once, so that
it stands or falls with its part. The pattern is Fowler's Unit of Work (Patterns of Enterprise
Application Architecture, 2002).

A row that is made and changed within one unit is written once. Who reads one of these tables inside a
unit calls `flush` before, and whoever wants a part of a unit that can be undone alone opens `part`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, models, transaction

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row", bound=models.Model)


class Unit:
    """The present unit of work of one world. Not thread-safe: the thread that may touch tables calls all."""

    def __init__(self) -> None:
        self._open = False
        self._depth = 0
        self._new: dict[int, models.Model] = {}
        self._changed: dict[int, tuple[models.Model, set[str]]] = {}
        self._ended: list[Callable[[], None]] = []
        self.on_commit: Callable[[Callable[[], None]], object] = transaction.on_commit
        """Calls a function when the transaction around is committed, at once where there is none (a test that
        never commits sets another)."""
        self.number = 0
        """Counts the transactions begun here; who caches what a transaction protects compares it."""

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """All that is done inside becomes one transaction; within another unit it joins that one."""
        if self._open:
            yield
            return
        try:
            with transaction.atomic():
                self._open, self._depth = True, len(connection.savepoint_ids)
                self.number += 1
                yield
                self.flush()
            ended = self._ended
        finally:
            self._open = False
            self._new, self._changed, self._ended = {}, {}, []
        for function in ended:
            self.on_commit(function)

    @contextmanager
    def part(self) -> Iterator[None]:
        """All that is done inside stands or falls together, within a unit or without."""
        self.flush()
        before = len(self._ended)
        try:
            with transaction.atomic():
                yield
        except BaseException:
            del self._ended[before:]
            raise

    @property
    def collects(self) -> bool:
        """Whether rows may wait: a unit is open, and no part of it that could be undone alone."""
        return self._open and len(connection.savepoint_ids) == self._depth

    def add(self, row: Row) -> Row:
        """Insert `row`, whose primary key is set already."""
        with self():
            self._check()
            self._new[id(row)] = row
            if not self.collects:
                self.flush()
        return row

    def change(self, row: models.Model, *columns: str) -> None:
        """Write these columns of `row` as they are at the end of the unit."""
        with self():
            self._check()
            if id(row) not in self._new:
                self._changed.setdefault(id(row), (row, set()))[1].update(columns)
            if not self.collects:
                self.flush()

    def _check(self) -> None:
        """Raises RuntimeError where rows that waited would be undone with a part that they are none of."""
        if not self.collects and (self._new or self._changed):
            raise RuntimeError("a part of a unit was opened by other means than `part`")

    def then(self, function: Callable[[], None]) -> None:
        """Call `function` once what is done now is committed."""
        with self():
            self._ended.append(function)

    def flush(self) -> None:
        """Write what waits, now; it is committed when the unit ends."""
        new, changed = list(self._new.values()), list(self._changed.values())
        self._new, self._changed = {}, {}
        for table, rows in _grouped((type(row), row) for row in new).items():
            _insert(table, rows)
        for (table, columns), rows in _grouped(((type(row), tuple(sorted(names))), row) for row, names in changed).items():
            _update(table, columns, rows)


def _grouped(pairs: Iterable[tuple[Key, models.Model]]) -> dict[Key, list[models.Model]]:
    found: dict[Key, list[models.Model]] = {}
    for key, row in pairs:
        found.setdefault(key, []).append(row)
    return found


def _quoted(name: str | None) -> str:
    return str(connection.ops.quote_name(name or ""))


def _fields(table: type[models.Model], names: Sequence[str] | None = None) -> list[models.Field[Any, Any]]:
    fields = list(table._meta.concrete_fields)
    return fields if names is None else [f for f in fields if f.name in names]


def _values(fields: Sequence[models.Field[Any, Any]], row: models.Model) -> list[Any]:
    """The columns of `row` as the database's driver takes them; only JSON and instants need the field."""
    made = []
    for field in fields:
        value = row.__dict__[field.attname]
        if isinstance(value, (dict, list, datetime)) or (value is not None and field.get_internal_type() == "JSONField"):
            value = field.get_db_prep_save(value, connection)
        made.append(value)
    return made


def _insert(table: type[models.Model], rows: Sequence[models.Model]) -> None:
    fields = _fields(table)
    columns = ", ".join(_quoted(f.column) for f in fields)
    marks = ", ".join("%s" for _ in fields)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {_quoted(table._meta.db_table)} ({columns}) VALUES ({marks})",  # noqa: S608  (our own names)
            [_values(fields, row) for row in rows],
        )
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _update(table: type[models.Model], names: Sequence[str], rows: Sequence[models.Model]) -> None:
    key, fields = table._meta.pk, _fields(table, names)
    assert key is not None
    sets = ", ".join(f"{_quoted(f.column)} = %s" for f in fields)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {_quoted(table._meta.db_table)} SET {sets} WHERE {_quoted(key.column)} = %s",  # noqa: S608  (our own names)
            [[*_values(fields, row), row.pk] for row in rows],
        )

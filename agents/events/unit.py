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
from datetime import UTC, datetime
from functools import cache, lru_cache
from types import TracebackType
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.models.base import ModelState

from agents.events.rows import key as key_of
from agents.kernel.jsontext import written

Column = tuple[str, Callable[[Any], Any] | None]
"""An attribute, and what prepares its value for the database where that is needed."""


def made[Row: models.Model](table: type[Row], **columns: Any) -> Row:
    """A new row of `table`, of which every column is given (a foreign key by its number, `task_id`): what
    `table(**columns)` makes in several times the time, most of it spent in looking for what was not given.
    """
    row = table.__new__(table)
    row.__dict__.update(columns, _state=ModelState())
    return row


class Unit:
    """The present unit of work of one world. Not thread-safe: the thread that may touch tables calls all."""

    def __init__(self, witness: Callable[[dict[str, models.Model | None]], None] | None = None) -> None:
        """`witness` is told at the end of each unit of the rows that were vouched for in it, by their keys."""
        self._witness = witness
        self._vouched: dict[str, models.Model | None] = {}
        self._level = self._base = 0
        self.scope = 0
        """Counts the units within which a row and the event that vouches for it belong together."""
        self._atomic: Any = None
        self._savepoints: list[str] = []
        self._depth = 0
        self._new: dict[int, models.Model] = {}
        self._changed: dict[int, tuple[models.Model, set[str]]] = {}
        self._ended: list[Callable[[], None]] = []
        self.on_commit: Callable[[Callable[[], None]], object] = transaction.on_commit
        """Calls a function when the transaction around is committed, at once where there is none (a test that
        never commits sets another)."""
        self.number = 0
        """Counts the transactions begun here; who caches what a transaction protects compares it."""

    def __call__(self) -> Unit:
        """For `with`: all that is done inside becomes one transaction; within another unit it joins that one."""
        return self

    def __enter__(self) -> None:
        if not self._level:
            self._atomic = transaction.atomic()
            self._atomic.__enter__()
            self._savepoints = connections[DEFAULT_DB_ALIAS].savepoint_ids
            self._depth = len(self._savepoints)
            self.number += 1
        if self._level == self._base:
            self.scope += 1
        self._level += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._level > 1:
            if kind is None and self._level == self._base + 1:
                self._tell_witness()
            self._level -= 1
            return
        try:
            if kind is None:
                try:
                    self._tell_witness()
                    self.flush()
                except BaseException as failed:
                    self._atomic.__exit__(type(failed), failed, failed.__traceback__)
                    raise
            self._atomic.__exit__(kind, error, trace)
            ended = self._ended if kind is None else []
        finally:
            self._level = 0
            self._new, self._changed, self._ended, self._vouched = {}, {}, [], {}
        if ended:
            self.on_commit(lambda: _call(ended))

    def _tell_witness(self) -> None:
        vouched, self._vouched = self._vouched, {}
        if vouched and self._witness is not None:
            self._witness(vouched)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Many units in one transaction, each of which goes on record as it would alone."""
        with self:
            before, self._base = self._base, self._level
            try:
                yield
            finally:
                self._base = before

    @contextmanager
    def part(self) -> Iterator[None]:
        """All that is done inside stands or falls together, within a unit or without."""
        self.flush()
        before, vouched = len(self._ended), dict(self._vouched)
        try:
            with transaction.atomic():
                yield
        except BaseException:
            del self._ended[before:]
            self._vouched = vouched
            raise

    @property
    def collects(self) -> bool:
        """Whether rows may wait: a unit is open, and no part of it that could be undone alone."""
        return self._level > 0 and len(self._savepoints) == self._depth

    def add[Row: models.Model](self, row: Row) -> Row:
        """Insert `row`, whose primary key is set already."""
        if not self._level:
            with self:
                return self.add(row)
        if self._may_wait():
            self._new[id(row)] = row
        else:
            _insert(type(row), [row])
        return row

    def change(self, row: models.Model, *columns: str) -> None:
        """Write these columns of `row` as they are at the end of the unit."""
        if id(row) in self._new:
            return
        with self:
            if self._may_wait():
                self._changed.setdefault(id(row), (row, set()))[1].update(columns)
            else:
                _update(type(row), columns, [row])

    def vouch(self, row: models.Model) -> None:
        """An event of this unit says what `row` is at the end of it (`agents.events.rows`)."""
        with self:
            self._vouched[key_of(row)] = row

    def let_go(self, keys: Iterable[str]) -> None:
        """An event of this unit says that these rows were removed on purpose."""
        with self:
            self._vouched.update(dict.fromkeys(keys))

    def waits(self, row: models.Model) -> bool:
        """Whether `row` was made in this unit and is not written yet."""
        return id(row) in self._new

    def _may_wait(self) -> bool:
        """Whether a row may wait. Raises RuntimeError where others that wait would be undone with a part that
        they are none of.
        """
        if len(self._savepoints) == self._depth:
            return True
        if self._new or self._changed:
            raise RuntimeError("a part of a unit was opened by other means than `part`")
        return False

    def then(self, function: Callable[[], None]) -> None:
        """Call `function` once what is done now is committed."""
        if self._level:
            self._ended.append(function)
        else:
            self.on_commit(function)

    def flush(self) -> None:
        """Write what waits, now; it is committed when the unit ends."""
        if not self._new and not self._changed:
            return
        new, changed = list(self._new.values()), list(self._changed.values())
        self._new, self._changed = {}, {}
        for table, rows in _grouped((type(row), row) for row in new).items():
            _insert(table, rows)
        for (table, columns), rows in _grouped(
            ((type(row), tuple(sorted(names))), row) for row, names in changed
        ).items():
            _update(table, columns, rows)


def _call(functions: Iterable[Callable[[], None]]) -> None:
    for function in functions:
        function()


def _grouped[Key: Hashable](pairs: Iterable[tuple[Key, models.Model]]) -> dict[Key, list[models.Model]]:
    found: dict[Key, list[models.Model]] = {}
    for key, row in pairs:
        found.setdefault(key, []).append(row)
    return found


def _columns(
    table: type[models.Model], names: tuple[str, ...] | None = None
) -> tuple[tuple[str, ...], tuple[Column, ...]]:
    """(quoted columns, how each is taken from a row) of `table`, or of those fields of it."""
    fields = [f for f in table._meta.concrete_fields if names is None or f.name in names]
    return tuple(_quoted(f.column) for f in fields), tuple((f.attname, _preparation(f)) for f in fields)


def _preparation(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """How a value of `field` becomes what the database's driver takes; None where it is that already."""
    kind, backend = field.get_internal_type(), connections[DEFAULT_DB_ALIAS]
    if kind == "JSONField" and backend.vendor == "sqlite":
        return written
    if kind == "DateTimeField" and backend.vendor == "sqlite":
        return _instant
    return (lambda value: field.get_db_prep_save(value, backend)) if kind in ("JSONField", "DateTimeField") else None


@lru_cache(maxsize=4_096)
def _instant(at: datetime) -> str:
    """As Django's backend writes it for SQLite, which has no type for it: in UTC, and without saying so."""
    return str(at.astimezone(UTC).replace(tzinfo=None))


def _quoted(name: str | None) -> str:
    return str(connection.ops.quote_name(name or ""))


def _values(columns: tuple[Column, ...], rows: Iterable[models.Model]) -> Iterator[list[Any]]:
    """The columns of each row as the database's driver takes them."""
    for row in rows:
        held = row.__dict__
        yield [
            value if (value := held[name]) is None or prepare is None else prepare(value) for name, prepare in columns
        ]


@cache
def _inserting(table: type[models.Model]) -> tuple[str, tuple[Column, ...]]:
    """The statement, and how its values are taken from a row."""
    names, columns = _columns(table)
    return (
        f"INSERT INTO {_quoted(table._meta.db_table)} ({', '.join(names)}) "  # noqa: S608  (our own names)
        f"VALUES ({', '.join(['%s'] * len(names))})"
    ), columns


@cache
def _updating(table: type[models.Model], changed: tuple[str, ...]) -> tuple[str, tuple[Column, ...]]:
    names, columns = _columns(table, changed)
    key = table._meta.pk
    assert key is not None
    sets = ", ".join(f"{name} = %s" for name in names)
    return (
        f"UPDATE {_quoted(table._meta.db_table)} SET {sets} WHERE {_quoted(key.column)} = %s"  # noqa: S608  (our own names)
    ), (*columns, (key.attname, None))


def _insert(table: type[models.Model], rows: Sequence[models.Model]) -> None:
    _write(*_inserting(table), rows)
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def _update(table: type[models.Model], changed: Iterable[str], rows: Sequence[models.Model]) -> None:
    _write(*_updating(table, tuple(sorted(changed))), rows)


def _write(statement: str, columns: tuple[Column, ...], rows: Iterable[models.Model]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(_values(columns, rows)))

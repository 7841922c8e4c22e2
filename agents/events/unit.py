"""Units of work: everything done in one go becomes one transaction, and few statements.

Owns the rows that wait to be written, and their order. A row does not wait if only a part of the transaction may be
rolled back (inside a savepoint): there it is written at once, so that it shares the fate of its part. The pattern
is Fowler's Unit of Work (Patterns of Enterprise Application Architecture, 2002).

A row that is created and changed within one unit is written once. Before reading one of these tables inside a unit,
call `flush`. If a part of a unit may be rolled back alone, open `part`.
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
"""An attribute, and the function that prepares its value for the database, if needed."""


def made[Row: models.Model](table: type[Row], **columns: Any) -> Row:
    """A new row of `table` with every column given (a foreign key by its number, `task_id`). `table(**columns)` would
    take several times as long, mostly for looking up what was not given.
    """
    row = table.__new__(table)
    row.__dict__.update(columns, _state=ModelState())
    return row


class Unit:
    """The current unit of work of one world. Not thread-safe: everything is called by the thread that may touch
    tables.
    """

    def __init__(self, witness: Callable[[dict[str, models.Model | None]], None] | None = None) -> None:
        """At the end of each unit `witness` gets the keys of the rows to be vouched for."""
        self._witness = witness
        self._vouched: dict[str, models.Model | None] = {}
        self._level = self._base = 0
        self.scope = 0
        """Counts the units; a row and the event that vouches for it must be in the same one."""
        self._atomic: Any = None
        self._savepoints: list[str] = []
        self._depth = 0
        self._new: dict[int, models.Model] = {}
        self._changed: dict[int, tuple[models.Model, set[str]]] = {}
        self._ended: list[Callable[[], None]] = []
        self.on_commit: Callable[[Callable[[], None]], object] = transaction.on_commit
        """Calls a function when the surrounding transaction commits, or at once if there is none (a test that never
        commits replaces it).
        """
        self.number = 0
        """Counts the transactions begun here; caches of what a transaction protects compare it."""

    def __call__(self) -> Unit:
        """For `with`: everything inside becomes one transaction; within another unit it joins that one."""
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
        """Many units in one transaction, each recorded as it would be alone."""
        with self:
            before, self._base = self._base, self._level
            try:
                yield
            finally:
                self._base = before

    @contextmanager
    def part(self) -> Iterator[None]:
        """Everything inside is committed or rolled back together, within a unit or without."""
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
        """Whether rows may wait: a unit is open, without a part that could be rolled back alone."""
        return self._level > 0 and len(self._savepoints) == self._depth

    def add[Row: models.Model](self, row: Row) -> Row:
        """Insert `row`, whose primary key is already set."""
        if not self._level:
            with self:
                return self.add(row)
        if self._may_wait():
            self._new[id(row)] = row
        else:
            _insert(type(row), [row])
        return row

    def change(self, row: models.Model, *columns: str) -> None:
        """Write these columns of `row` with the values they have at the end of the unit."""
        if id(row) in self._new:
            return
        with self:
            if self._may_wait():
                self._changed.setdefault(id(row), (row, set()))[1].update(columns)
            else:
                _update(type(row), columns, [row])

    def vouch(self, row: models.Model) -> None:
        """Let an event of this unit say what `row` is at its end (`agents.events.rows`)."""
        with self:
            self._vouched[key_of(row)] = row

    def let_go(self, keys: Iterable[str]) -> None:
        """Let an event of this unit say that these rows were removed on purpose."""
        with self:
            self._vouched.update(dict.fromkeys(keys))

    def waits(self, row: models.Model) -> bool:
        """Whether `row` was created in this unit and is not written yet."""
        return id(row) in self._new

    def _may_wait(self) -> bool:
        """Whether a row may wait. Raises RuntimeError if waiting rows would be rolled back with a part to which they
        do not belong.
        """
        if len(self._savepoints) == self._depth:
            return True
        if self._new or self._changed:
            raise RuntimeError("a part of a unit was opened by other means than `part`")
        return False

    def then(self, function: Callable[[], None]) -> None:
        """Call `function` once the current work is committed."""
        if self._level:
            self._ended.append(function)
        else:
            self.on_commit(function)

    def flush(self) -> None:
        """Write what waits now; it is committed when the unit ends."""
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
    """(quoted columns, how each is taken from a row) of `table`, or of the given fields."""
    fields = [f for f in table._meta.concrete_fields if names is None or f.name in names]
    return tuple(_quoted(f.column) for f in fields), tuple((f.attname, _preparation(f)) for f in fields)


def _preparation(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """How a value of `field` becomes what the database driver takes; None if it needs no conversion."""
    kind, backend = field.get_internal_type(), connections[DEFAULT_DB_ALIAS]
    if kind == "JSONField" and backend.vendor == "sqlite":
        return written
    if kind == "DateTimeField" and backend.vendor == "sqlite":
        return _instant
    return (lambda value: field.get_db_prep_save(value, backend)) if kind in ("JSONField", "DateTimeField") else None


@lru_cache(maxsize=4_096)
def _instant(at: datetime) -> str:
    """A datetime as Django's backend writes it for SQLite, which has no such type: in UTC, without an offset."""
    return str(at.astimezone(UTC).replace(tzinfo=None))


def _quoted(name: str | None) -> str:
    return str(connection.ops.quote_name(name or ""))


def _values(columns: tuple[Column, ...], rows: Iterable[models.Model]) -> Iterator[list[Any]]:
    """The columns of each row as the database driver takes them."""
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

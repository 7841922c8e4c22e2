"""The world of the map in a test's database: built once a process, then put back row by row.

Owns the copy of the rows. What is put back is what `ensure_world` and `ensure_bodies` wrote, byte for
byte, and the engine reads it as it would after a restart. Refuses nothing: that the builder builds is
tested with the builder itself (`test_world_builder`), not with this.
"""

from __future__ import annotations

from typing import Any

from django.db import connection

Table = tuple[tuple[str, ...], list[tuple[Any, ...]]]
_kept: dict[float, tuple[dict[str, Table], dict[str, Table]]] = {}


def ensure_built(thought_seconds: float = 1800.0) -> None:
    """All places, things and ways of the map, and the bodies of the world's own personas."""
    forget()
    before = _rows()
    if thought_seconds not in _kept:
        from agents.lineage import persona
        from world import builder

        builder.ensure_world()
        builder.ensure_bodies(persona.load_all()[0], thought_seconds)
        after = _rows()
        _kept[thought_seconds] = before, {name: table for name, table in after.items() if table != before.get(name)}
        forget()
        _start()
        return
    empty, built = _kept[thought_seconds]
    assert {name: before[name] for name in built} == {name: empty[name] for name in built}, "something is built already"
    with connection.cursor() as wrapped:
        cursor = wrapped.connection.cursor()
        for name, (columns, rows) in built.items():
            cursor.execute(f'DELETE FROM "{name}"')
            marks = ", ".join("?" * len(columns))
            cursor.executemany(f'INSERT INTO "{name}" ({", ".join(columns)}) VALUES ({marks})', rows)
    _start()


def _start() -> None:
    """Set the scripts of the minds going, as the engine does at a start."""
    from typeclasses.scripts import MindScript

    for script in MindScript.objects.all():
        script._start_task()


def _rows() -> dict[str, Table]:
    """Every table with its rows as they are stored: `+` keeps SQLite's adapter from turning them into objects."""
    found: dict[str, Table] = {}
    with connection.cursor() as wrapped:
        cursor = wrapped.connection.cursor()
        tables = [
            name for (name,) in cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        for name in tables:
            columns = tuple(f'"{row[1]}"' for row in cursor.execute(f'PRAGMA table_info("{name}")').fetchall())
            listed = ", ".join(f"+{column}" for column in columns)
            found[name] = columns, cursor.execute(f'SELECT {listed} FROM "{name}" ORDER BY rowid').fetchall()
    return found


def forget() -> None:
    """Let go of what the engine and our index of places remember of objects.

    The engine's own `flush_cache` keeps objects that hold anything in memory, and collects garbage.
    """
    from evennia.commands import cmdhandler
    from evennia.utils.idmapper.models import SharedMemoryModel

    from world import places

    classes = [SharedMemoryModel]
    while classes:
        model = classes.pop()
        classes += model.__subclasses__()
        if hasattr(model, "__dbclass__"):
            model.flush_instance_cache(force=True)
    cmdhandler._CMDSET_MERGE_CACHE.clear()  # it knows objects by their numbers, which the next test's have again
    places.forget_all()

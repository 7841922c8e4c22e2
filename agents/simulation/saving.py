"""Saving a run to a file and loading it: stopped today and continued tomorrow, it ends with the same digest.

Owns the file: a zip archive of JSON text with a digest over all of it. `run.json` holds what the run was made of and
what it knew; each table has one line a row. Refuses to save while something is under way, and to load a file that is
incomplete, of another version, or does not fit this house. The whole file is checked before any of it is used. Nothing
in it is ever executed: it is text, and each value must have the type that its place requires.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, make_dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import version
from itertools import chain, islice
from pathlib import Path
from typing import IO, Annotated, Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection, models, transaction
from pydantic import Field, TypeAdapter, ValidationError

from agents.events.rows import ours
from agents.house.find import kept_form
from agents.kernel import randomness
from agents.kernel.errors import BadInput, TimmyError, Unavailable
from agents.kernel.randomness import State
from agents.kernel.text import visible
from agents.lineage.persona import Persona
from agents.simulation.days import DaysKept
from agents.simulation.light import WorldKept
from agents.simulation.people import MOST_AGENTS
from agents.simulation.run import LightPlace, Simulation

FORMAT, VERSION = "timmy simulation", 6
"""`VERSION` grows whenever a saved value gets another meaning."""
RUN, DIGEST = "run.json", "digest"
MOST_TEXT, MOST_BYTES = 2**30, 64 * 2**30
"""A file whose `run.json`, or all of which, claims to unpack to more is refused."""
_CHUNK = 2**20
_VALUES = {str, int, type(None)}
_STAMP = (1980, 1, 1, 0, 0, 0)
"""The same for all members: when a run was saved is no part of it."""


@dataclass(frozen=True)
class Kept:
    """A run as plain values, besides its tables. `wanted`: the hours that were asked for."""

    format: str
    version: int
    program: str
    wanted: float
    start: datetime
    agents: Annotated[int, Field(ge=0, le=MOST_AGENTS)]
    seed: int
    founders: list[Persona]
    people: str
    """A digest over everybody who lives in it, as they were drawn."""
    elapsed: float
    chance: State
    world: WorldKept
    days: DaysKept
    house: Mapping[str, Any]
    """What each part knew, by name."""


@cache
def _kept_here() -> type[Kept]:
    """The same with the parts of this house: what each keeps has the type that the part says."""
    return make_dataclass("KeptHere", [("house", kept_form())], bases=(Kept,), frozen=True)


@cache
def _form() -> TypeAdapter[Kept]:
    return TypeAdapter(_kept_here())


@dataclass(frozen=True)
class Saved:
    """A file that was read and found whole."""

    file: Path
    kept: Kept

    def resume(self, folder: Path) -> Simulation:
        """The run as it was, over the tables of this process, whose rows go. `folder` as for `Simulation`.

        Raises BadInput where the file does not fit this version of the house.
        """
        kept = self.kept
        place = LightPlace({})
        place.world.restore(kept.world)
        run = Simulation(place, {one.slug: one for one in kept.founders}, kept.agents, kept.seed, folder, kept.start)
        try:
            if _people(run) != kept.people:
                raise ValueError("its agents would be others")
            with zipfile.ZipFile(self.file) as archive, transaction.atomic():
                _fill(archive)
            run.clock.advance_to(kept.elapsed)
            randomness.restore(run.runtime.random, kept.chance)
            run.days.restore(kept.days)
            run.house.restore(kept.house)
            if not re.fullmatch("[0-9a-f]{64}", run.figures().digest):
                raise ValueError("its events have no digest")
        except (
            ArithmeticError,
            DatabaseError,
            LookupError,
            ObjectDoesNotExist,
            TimmyError,
            TypeError,
            ValueError,
        ) as error:
            raise BadInput(f"{self.file} does not fit this version of Timmy's World: {_brief(error)}.") from error
        return run


# -- writing -----------------------------------------------------------------------------------


def save(run: Simulation, file: Path, wanted: float) -> None:
    """Write the run, in the place of what `file` was; a file half written never bears that name.

    Raises Unavailable while something is under way that cannot be written down, OSError where the file cannot be. Only
    a run in a light world can be saved.
    """
    if not run.house.at_rest:
        raise Unavailable("The run cannot be saved at this instant: a mind is in the midst of something.")
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            _write(run, stream, wanted)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _write(run: Simulation, stream: IO[bytes], wanted: float) -> None:
    assert isinstance(run.place, LightPlace)
    kept = _kept(run, run.place, wanted)
    mark = hashlib.sha256()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, parts in [
            (RUN, iter([_form().dump_json(kept)])),
            *((_member(table), _rows(table)) for table in _tables()),
        ]:
            mark.update(name.encode() + b"\0")
            with archive.open(_info(name), "w", force_zip64=True) as member:
                for part in parts:
                    member.write(part)
                    mark.update(part)
        archive.writestr(_info(DIGEST), mark.hexdigest())


def _kept(run: Simulation, place: LightPlace, wanted: float) -> Kept:
    return _kept_here()(
        FORMAT,
        VERSION,
        version("timmys-world"),
        wanted,
        run.start,
        len(run.house.roster),
        run.seed,
        list(run.founders.values()),
        _people(run),
        run.clock.monotonic(),
        randomness.state(run.runtime.random),
        place.world.snapshot(),
        run.days.snapshot(),
        run.house.snapshot(),
    )


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _people(run: Simulation) -> str:
    told = [one.model_dump(mode="json") for one in run.house.roster.values()]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


# -- tables --------------------------------------------------------------------------------------


def _tables() -> list[type[models.Model]]:
    return sorted(ours(), key=lambda table: table._meta.db_table)


def _member(table: type[models.Model]) -> str:
    return f"tables/{table._meta.db_table}.jsonl"


def _columns(table: type[models.Model]) -> list[str]:
    return [str(field.column) for field in table._meta.concrete_fields]


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(map(connection.ops.quote_name, names))


def _rows(table: type[models.Model]) -> Iterator[bytes]:
    """A line of column names, then one for each row, as the database has it."""
    columns = _columns(table)
    yield json.dumps(columns).encode() + b"\n"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT json_array({_quoted(columns)}) FROM {_quoted([table._meta.db_table])} "  # noqa: S608  (names of our own)
            f"ORDER BY {_quoted([str(table._meta.pk.column)])}"
        )
        while found := cursor.fetchmany(1000):
            yield "".join(row + "\n" for (row,) in found).encode()


def _fill(archive: zipfile.ZipFile) -> None:
    """Put the rows of the archive in the place of those in the tables."""
    for table in reversed(_tables()):
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {_quoted([table._meta.db_table])}")  # noqa: S608
    for table in _tables():
        columns = _columns(table)
        marks = ", ".join(["%s"] * len(columns))
        insert = f"INSERT INTO {_quoted([table._meta.db_table])} ({_quoted(columns)}) VALUES ({marks})"  # noqa: S608
        with (
            io.TextIOWrapper(archive.open(_member(table)), "utf-8", newline="\n") as lines,
            connection.cursor() as cursor,
        ):
            if json.loads(next(lines, "null")) != columns:
                raise ValueError(f"the table {table._meta.db_table} has other columns")
            while batch := list(islice(lines, 1000)):
                cursor.executemany(insert, _plain(json.loads(f"[{','.join(batch)}]"), len(columns)))


def _plain(rows: list[Any], count: int) -> list[Any]:
    """The rows, once they are found to be rows: so many values each, that a database has."""
    if (
        not all(isinstance(row, list) and len(row) == count for row in rows)
        or not {*map(type, chain.from_iterable(rows))} <= _VALUES
    ):
        raise ValueError("a row that is none")
    return rows


# -- reading ---------------------------------------------------------------------------------------


def read(file: Path) -> Saved:
    """The file, read and checked whole. Raises BadInput that says what is wrong with it; changes nothing."""
    try:
        with zipfile.ZipFile(file) as archive:
            return Saved(file, _checked(archive))
    except FileNotFoundError:
        raise BadInput(f"There is no file {file}.") from None
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror or error}.") from None
    except _NoRun as error:
        raise BadInput(f"{file} is no saved run: {error}.") from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        LookupError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        raise BadInput(f"{file} is no saved run, or it was cut short or altered: {_brief(error)}.") from None


def is_run(file: Path) -> bool:
    """Whether the file has the parts of a saved run, whole or not."""
    try:
        with zipfile.ZipFile(file) as archive:
            return {RUN, DIGEST} <= set(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


class _NoRun(Exception):
    """Why a file is none, fit to be shown."""


def _checked(archive: zipfile.ZipFile) -> Kept:
    names = [RUN, *map(_member, _tables()), DIGEST]
    if RUN not in archive.namelist():
        raise _NoRun("it is an archive of something else")
    if archive.getinfo(RUN).file_size > MOST_TEXT or sum(info.file_size for info in archive.infolist()) > MOST_BYTES:
        raise _NoRun("it unpacks to more than any run")
    text = archive.read(RUN)
    head: Any = json.loads(text)
    if not isinstance(head, Mapping) or head.get("format") != FORMAT:
        raise _NoRun("it is an archive of something else")
    if (head.get("version"), head.get("program")) != (VERSION, version("timmys-world")):
        raise _NoRun(
            f"it was saved by Timmy's World {visible(str(head.get('program'))):.20} (form "
            f"{visible(str(head.get('version'))):.20}), and this is "
            f"{version('timmys-world')} (form {VERSION}); the same version goes on with it"
        )
    if archive.namelist() != names:
        raise _NoRun("it has other tables than this version")
    mark = hashlib.sha256()
    for name in names[:-1]:
        mark.update(name.encode() + b"\0")
        with archive.open(name) as member:
            while part := member.read(_CHUNK):
                mark.update(part)
    if archive.read(DIGEST) != mark.hexdigest().encode():
        raise _NoRun("it was altered, for its content does not match its digest")
    return _form().validate_json(text)


def _brief(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return visible(f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:200])
    return visible(str(error).rstrip(".")[:200]) or type(error).__name__

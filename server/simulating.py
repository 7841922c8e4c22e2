"""`timmy simulate`: days in a separate world, from a seed, many times faster than real time.

Owns the parsing of the command line, the run's database and what is shown of it. Never touches the state of the
owner's world: a run has its own database, which is deleted with it, and reads no setting.
"""

from __future__ import annotations

import json
import shlex
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.kernel.clock import SystemClock, processor_seconds
from agents.kernel.errors import BadInput, TimmyError, Unavailable
from agents.simulation.people import MOST_AGENTS
from server import terminal

if TYPE_CHECKING:
    from agents.simulation.run import Simulation
    from agents.simulation.saving import Saved

HOURS, AGENTS, SEED = "24", "25", "7"
"""What is simulated by default."""
MOST_HOURS = 24 * 366.0
BAR = 30


@dataclass(frozen=True)
class Asked:
    """The options as typed on the command line; None for those left out."""

    hours: str | None = None
    agents: str | None = None
    seed: str | None = None
    events: str | None = None
    report: str | None = None
    """'' for a file named after the run."""
    save: str | None = None
    resume: str | None = None
    as_json: bool = False


def simulate(asked: Asked) -> int:
    """Run and print the figures; returns the exit code. Raises BadInput for what cannot be simulated, before anything
    runs.
    """
    hours = None if asked.hours is None else _number("--hours", asked.hours, MOST_HOURS)
    count = _whole("--agents", AGENTS if asked.agents is None else asked.agents, MOST_AGENTS)
    seed = _seed(SEED if asked.seed is None else asked.seed)
    source = None if asked.resume is None else Path(asked.resume)
    if source is not None and not source.is_file():
        raise BadInput(f"There is no file {source}.")
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="timmy-simulation-") as name, _database(Path(name)):
        keep, saved = _replaceable(asked.save), None if source is None else _saved(source, asked)
        wanted = hours if hours is not None else saved.kept.wanted if saved else float(HOURS)
        if saved and wanted * 3600 < saved.kept.elapsed:
            raise BadInput(
                f"{source} has already reached {saved.kept.elapsed / 3600:.12g} hours; --hours counts from "
                f"the beginning."
            )
        if saved:
            count, seed = saved.kept.agents, saved.kept.seed
        file, page = _outputs(asked, wanted, count, seed)
        run = saved.resume(Path(name)) if saved else _begin(count, seed, Path(name))
        wall, cpu, before = clock.monotonic(), processor_seconds(), run.figures().agent_steps
        with _stopping() as caught:
            run.run(wanted, _Progress(run) if sys.stderr.isatty() else lambda share: None, lambda: bool(caught))
            stopped = caught[0] if caught and run.clock.monotonic() < wanted * 3600 else 0
            figures = asdict(run.figures())
            figures["wall_s"], figures["cpu_s"] = (
                round(clock.monotonic() - wall, 3),
                round(processor_seconds() - cpu, 3),
            )
            figures["agent_steps_per_s"] = round((figures["agent_steps"] - before) / max(figures["cpu_s"], 1e-3))
            trouble = None if keep is None else _save(run, keep, wanted)
        if file is not None:
            with file.open("w", encoding="ascii", newline="\n") as stream:
                run.house.events.export(stream)
        if page is not None:
            _report(run, figures, seed, page)
        _tell_end(run, wanted, bool(stopped), None if trouble else keep, page)
    terminal.write((json.dumps(figures) if asked.as_json else "\n".join(_lines(figures, seed))) + "\n")
    if trouble is not None:
        raise trouble
    return 128 + stopped if stopped else 0


@contextmanager
def _stopping() -> Iterator[list[int]]:
    """Inside, the first Ctrl-C or SIGTERM is noted in the list instead of ending the process; the second ends it."""
    caught: list[int] = []

    def catch(number: int, frame: object) -> None:
        caught.append(number)
        for one, handler in before.items():
            signal.signal(one, handler)

    before = {one: signal.signal(one, catch) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield caught
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _saved(file: Path, asked: Asked) -> Saved:
    """The saved run, which determines agents and seed."""
    from agents.simulation import saving

    saved = saving.read(file)
    for option, given, own in (("--agents", asked.agents, saved.kept.agents), ("--seed", asked.seed, saved.kept.seed)):
        if given is not None and int(given) != own:
            raise BadInput(f"The run in {file} has {option} {own}; leave {option} out to continue it.")
    return saved


def _save(run: Simulation, file: Path, wanted: float) -> TimmyError | None:
    """Save the run; returns why it could not be saved, to be reported after all other output has been written."""
    from agents.simulation import saving

    try:
        saving.save(run, file, wanted)
    except OSError as error:
        return Unavailable(f"The run could not be saved in {file}: {error.strerror or error}.")
    except Unavailable as error:
        return error
    return None


def _outputs(asked: Asked, hours: float, agents: int, seed: int) -> tuple[Path | None, Path | None]:
    """The files for events and report: writable, and nobody else's."""
    page = f"simulation-{hours:.12g}-{agents}-{seed}.html" if asked.report == "" else asked.report
    named: dict[Path, str] = {}
    for option, name in (
        ("--save", asked.save),
        ("--continue", asked.resume),
        ("--events", asked.events),
        ("--report", page),
    ):
        if (
            name is not None
            and (other := named.setdefault(Path(name).resolve(), option)) != option
            and other + option != "--save--continue"
        ):
            raise BadInput(f"{other} and {option} name the same file.")
    return _writable(asked.events), _writable(page)


def _tell_end(run: Simulation, wanted: float, stopped: bool, kept: Path | None, page: Path | None) -> None:
    """Where it stopped, what was saved and where, to the error stream: the other is for data."""
    if stopped:
        sys.stderr.write("\r\x1b[K" * sys.stderr.isatty())
        sys.stderr.write(
            f"Stopped at {run.clock.now():%Y-%m-%d %H:%M}, after {run.clock.monotonic() / 3600:.4g} of "
            f"{wanted:.12g} hours.\n"
        )
    if kept is not None:
        more = "" if stopped else " --hours H"
        sys.stderr.write(
            f"The run is saved in {kept.resolve()}; to go on: timmy simulate --continue "
            f"{shlex.quote(str(kept))}{more}\n"
        )
    elif stopped:
        sys.stderr.write("Nothing was saved: no --save FILE was given.\n")
    if page is not None:
        sys.stderr.write(f"The report is in {page.resolve()}\n")


def _number(option: str, text: str, most: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 < value <= most:
        raise BadInput(f"{option} takes a number above 0, at most {most:,g}; not {text[:40]!r}.")
    return value


def _whole(option: str, text: str, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:9]) <= most or len(text) > 9:
        raise BadInput(f"{option} takes a whole number from 1 to {most:,}; not {text[:40]!r}.")
    return int(text)


def _seed(text: str) -> int:
    try:
        return int(text[:40])
    except ValueError:
        raise BadInput(f"--seed takes a whole number; not {text[:40]!r}.") from None


def _writable(name: str | None) -> Path | None:
    """The file, created if it does not exist, so that nothing is simulated in vain; None if none is wanted."""
    if name is None:
        return None
    file = Path(name)
    try:
        file.open("a").close()
    except OSError as error:
        raise BadInput(f"{name} cannot be written: {error.strerror or error}.") from error
    return file


def _replaceable(name: str | None) -> Path | None:
    """The file to save in: not there yet, or a saved run; None if none is wanted."""
    if name is None:
        return None
    from agents.simulation import saving

    file = Path(name)
    try:
        tempfile.TemporaryFile(dir=file.parent).close()
    except OSError as error:
        raise BadInput(f"{name} cannot be written: {error.strerror or error}.") from error
    if file.exists() and not saving.is_run(file):
        raise BadInput(f"{name} already exists and is not a saved run; give --save another name.")
    return file


@contextmanager
def _database(folder: Path) -> Iterator[None]:
    """The tables of one run, in a file in `folder`: nobody else reads it, and nothing in it needs
    to survive a crash.
    """
    from django.conf import settings

    from agents.kernel import parts

    settings.configure(
        SECRET_KEY="a simulation keeps no secrets",  # noqa: S106
        USE_TZ=True,
        INSTALLED_APPS=parts.apps(),
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                # A temporary database: in memory, and in an unnamed file if it outgrows the cache.
                "NAME": "file:",
                "OPTIONS": {
                    "init_command": "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-32768;"
                },
            }
        },
    )
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:  # a run writes much and queries little, nearly all of it about tasks
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE INDEX%%' AND tbl_name IN "
            "('agents_event', 'agents_step', 'agents_planrecord') AND sql NOT LIKE '%%(\"task_id\", \"attempt\"%%'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP INDEX "{name}"')
    try:
        yield
    finally:
        connection.close()


def _begin(agents: int, seed: int, folder: Path) -> Simulation:
    from agents.lineage import persona
    from agents.simulation.run import LightPlace, Simulation
    from world import mapfile

    founders, problems = persona.load_all()
    for problem in problems:
        sys.stderr.write(f"left out: {problem}\n")
    return Simulation(LightPlace(mapfile.read().rooms), founders, agents, seed, folder)


def _report(run: Simulation, figures: dict[str, Any], seed: int, file: Path) -> None:
    from agents.simulation import account
    from server import reporting

    now = run.clock.now()
    names = {room.key: room.name for room in run.house.world.rooms()}
    told = account.read(now - timedelta(seconds=run.clock.monotonic()), now, run.house.roster, names)
    command = f"timmy simulate --hours {run.clock.monotonic() / 3600:.12g} --agents {figures['agents']} --seed {seed}"
    file.write_text(reporting.page(reporting.Run(figures, seed, command), told), encoding="utf-8")


class _Progress:
    """A progress bar on a terminal's error stream, redrawn at each hundredth."""

    def __init__(self, run: Simulation) -> None:
        self._run, self._drawn = run, -1

    def __call__(self, share: float) -> None:
        if int(share * 100) == self._drawn:
            return
        self._drawn = int(share * 100)
        filled = int(share * BAR)
        at = self._run.clock.now()
        sys.stderr.write(f"\r[{'#' * filled}{'.' * (BAR - filled)}] {self._drawn:3d} %  {at:%Y-%m-%d %H:%M}\x1b[K")
        if share >= 1:
            sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


def _lines(found: dict[str, Any], seed: int) -> list[str]:
    return [
        f"{found['agents']} agents, {found['hours']:g} hours, seed {seed}",
        f"  plan steps     {found['agent_steps']:,} ({found['agent_steps_per_s']:,} a second of processor time)",
        f"  tasks done     {found['tasks_done']:,}",
        f"  model calls    {found['model_calls']:,}",
        f"  events         {found['events']:,}",
        f"  took           {found['wall_s']:,.1f} s, {found['cpu_s']:,.1f} s of processor time",
        f"  digest         {found['digest']}",
    ]

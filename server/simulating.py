"""`timmy simulate`: days of a world of its own, from a seed, many times faster than they would pass.

Owns the reading of the command line, the database of the run and what is shown of it. Refuses the state of the
owner's world: a run has a database of its own, which goes with it, and reads no setting.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.kernel.clock import SystemClock, processor_seconds
from agents.kernel.errors import BadInput

if TYPE_CHECKING:
    from agents.simulation.run import Simulation

MOST_HOURS, MOST_AGENTS = 24 * 366.0, 10_000
BAR = 30


def simulate(
    hours: str, agents: str, seed: str, *, events: str | None = None, report: str | None = None, as_json: bool = False
) -> int:
    """Run and print the figures; the exit code. Raises BadInput for what cannot be simulated, before anything runs."""
    wanted, count, source = _number("--hours", hours, MOST_HOURS), _whole("--agents", agents, MOST_AGENTS), _seed(seed)
    command = f"timmy simulate --hours {wanted:.12g} --agents {count} --seed {source}"
    file, page = _writable(events), _writable(f"simulation-{wanted:.12g}-{count}-{source}.html" if report == "" else report)
    if file is not None and page is not None and file.samefile(page):
        raise BadInput("--events and --report name the same file.")
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="timmy-simulation-") as name, _database(Path(name)):
        run = _begin(count, source, Path(name))
        wall, cpu = clock.monotonic(), processor_seconds()
        run.run(wanted, _Progress(run) if sys.stderr.isatty() else lambda share: None)
        figures = asdict(run.figures())
        figures["wall_s"], figures["cpu_s"] = round(clock.monotonic() - wall, 3), round(processor_seconds() - cpu, 3)
        figures["agent_steps_per_s"] = round(figures["agent_steps"] / max(figures["cpu_s"], 1e-3))
        if file is not None:
            with file.open("w", encoding="ascii", newline="\n") as stream:
                run.house.events.export(stream)
        if page is not None:
            _report(run, figures, source, command, page)
            sys.stderr.write(f"The report is in {page.resolve()}\n")
    sys.stdout.write((json.dumps(figures) if as_json else "\n".join(_lines(figures, source))) + "\n")
    return 0


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
    """The file, made when it is not there, so that nothing is simulated that cannot be kept; None where none is wanted."""
    if name is None:
        return None
    file = Path(name)
    try:
        file.open("a").close()
    except OSError as error:
        raise BadInput(f"{name} cannot be written: {error.strerror or error}.") from error
    return file


@contextmanager
def _database(folder: Path) -> Iterator[None]:
    """The tables of one run, in a file of `folder`: nobody else reads it, and nothing of it need survive a crash."""
    from django.conf import settings

    settings.configure(
        SECRET_KEY="a simulation keeps no secrets",  # noqa: S106
        USE_TZ=True,
        INSTALLED_APPS=["agents.apps.AgentsConfig"],
        DATABASES={"default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": "file:",  # a temporary database: in memory, and in a file without a name as far as it outgrows the cache
            "OPTIONS": {"init_command": "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-262144;"},
        }},
    )  # fmt: skip
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
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


def _report(run: Simulation, figures: dict[str, Any], seed: int, command: str, file: Path) -> None:
    from agents.simulation import account
    from server import reporting

    now = run.clock.now()
    names = {room.key: room.name for room in run.house.world.rooms()}
    told = account.read(now - timedelta(seconds=run.clock.monotonic()), now, run.house.personas, names)
    file.write_text(reporting.page(reporting.Run(figures, seed, command), told), encoding="utf-8")


class _Progress:
    """A bar on a terminal's error stream, drawn at each hundredth."""

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

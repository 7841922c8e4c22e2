"""A crowded world: what its agents cost when they take so many plan steps a second together, and what a person
who looks about among them notices. Wall-clock and processor time of real processes on free ports.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agents.kernel.errors import BadInput
from tests.system import crowd, jobs
from tests.system.harness import Telnet, World

AGENTS, RATE, SECONDS = 1000, 200.0, 60.0
LOOK_SECONDS = 0.25
"""Between two looks of the person in the parlour."""
SETTLE_SECONDS = 30.0
"""After the last mind has woken, until it is measured: all that happens at a start has happened."""
LAG_SECONDS = 120.0
"""So far back the Server keeps how late it was."""
_TICK = os.sysconf("SC_CLK_TCK")


def measure(
    quick: bool = False,
    *,
    agents: int | None = None,
    steps_per_second: float | None = None,
    seconds: float | None = None,
) -> dict[str, Any]:
    """All figures of one world. Raises BadInput for what is no crowd."""
    count, rate = agents or (60 if quick else AGENTS), steps_per_second or (12.0 if quick else RATE)
    span = seconds or (5.0 if quick else SECONDS)
    if count < crowd.FEWEST:
        raise BadInput(
            f"--agents takes at least {crowd.FEWEST}: {crowd.RESIDENTS} stay in the room where it is looked about."
        )
    if not 1 <= span <= LAG_SECONDS:
        raise BadInput(f"--seconds takes 1 to {LAG_SECONDS:g}, for so long the Server keeps how late it was.")
    with tempfile.TemporaryDirectory(prefix="timmy-crowd-") as name:
        world = crowd.build(Path(name), count, rate)
        told: dict[str, Any] = {"agents": 0, "rooms": 0, "steps_per_s": 0.0, "rss_mb": {"empty": _empty(world)}}
        crowd.people(world, count, rate)
        try:
            told["start_s"] = {
                "bodies_made": _timed(world.start),
                "minds_awake": _timed(lambda: crowd.awake(world, count)),
            }
            told["start_s"]["reload"] = _timed(lambda: (world.cli("reload"), crowd.awake(world, count)))
            time.sleep(1 if quick else SETTLE_SECONDS)
            told |= _living(world, span)
            told["rss_mb"]["full"] = _rss(world)
            told["kib_per_agent"] = round((told["rss_mb"]["full"] - told["rss_mb"]["empty"]) * 1024 / count, 1)
            told["look_ms"]["without"] = _still(world, span)
        finally:
            world.close()
    told["load"] = [round(x, 2) for x in os.getloadavg()]
    return told


def _timed(function: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    function()
    return round(time.perf_counter() - begin, 1)


def _empty(world: World) -> float:
    """Memory of the Server with the same rooms and a person in them, before anybody lives there; MB."""
    try:
        world.run()
        person = crowd.visitor(world)
        person.ask("look", "Exits:")
        return _rss(world)
    finally:
        world.close()


def _living(world: World, span: float) -> dict[str, Any]:
    """What happens within `span` seconds while everybody is busy."""
    person, link = crowd.visitor(world), jobs.control(world)
    before, late, begun, wall = _spent(world), _late(link), datetime.now(UTC), time.perf_counter()
    looks = _looks(person, span)
    took = time.perf_counter() - wall
    after, ended = _spent(world), datetime.now(UTC)
    lag = person.ask(
        f"@py from server import lag; import json; print('lag ' + json.dumps(lag.percentiles({took:.1f})))",
        r"lag (\{.*\})",
    )
    done = jobs.rows(
        world,
        "select action from agents_step where state = 'done' and finished_at between ? and ?",
        *(at.strftime("%Y-%m-%d %H:%M:%S.%f") for at in (begun, ended)),
    )
    kinds = Counter(_kind(str(row["action"])) for row in done)
    inside = link.ask("health")["data"]
    told = {
        "agents": len(inside["agents"]),
        "rooms": len(jobs.rows(world, "select id from objects_objectdb where db_typeclass_path like '%rooms.Room'")),
        "steps_per_s": round(len(done) / took, 1),
        "steps": {kind: round(n / max(len(done), 1), 3) for kind, n in sorted(kinds.items())},
        "cpu_share": {name: round((after[name] - before[name]) / took, 3) for name in after},
        "cpu_ms_per_step": round(1000 * (after["server"] - before["server"]) / max(len(done), 1), 2),
        "reactor_lag_ms": json.loads(lag[1]),
        "look_ms": {"with": _percentiles(looks), "without": {}},
        "late_ticks_dropped": _late(link) - late,
    }
    person.close()
    link.close()
    return told


def _still(world: World, span: float) -> dict[str, float]:
    """The same looks with every mind stopped where it stands."""
    person = crowd.visitor(world)
    person.ask("@py from agents.house import house; house.current().stop(); print('minds' + 'stopped')", "mindsstopped")
    found = _percentiles(_looks(person, span))
    person.close()
    return found


def _kind(action: str) -> str:
    name = action.partition("(")[0]
    return {"move": "move", "greet": "speech"}.get(name, "work")


def _looks(person: Telnet, span: float) -> list[float]:
    """Milliseconds from a typed `look` to the last line of its answer, again and again for so long."""
    taken, end = [], time.perf_counter() + span
    while (begin := time.perf_counter()) < end:
        person.raw, person.text, person.read = b"", "", 0
        person.ask("look", "Exits:")
        now = time.perf_counter()
        taken.append((now - begin) * 1000)
        time.sleep(max(begin + LOOK_SECONDS - now, 0))
    return taken


def _percentiles(taken: list[float]) -> dict[str, float]:
    found = sorted(taken)
    return {
        name: round(found[min(len(found) * share // 100, len(found) - 1)], 1)
        for name, share in (("p50", 50), ("p95", 95))
    }


def _late(link: jobs.Control) -> int:
    return int(link.ask("health")["data"]["minds"]["late"])


def _spent(world: World) -> dict[str, float]:
    """Seconds of processor time that Server and Portal have taken so far."""
    found = {}
    for name in ("server", "portal"):
        fields = Path(f"/proc/{world.pid(name)}/stat").read_text().rpartition(")")[2].split()
        found[name] = (int(fields[11]) + int(fields[12])) / _TICK
    return found


def _rss(world: World) -> float:
    pages = int(Path(f"/proc/{world.pid('server')}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def table(told: dict[str, Any]) -> str:
    """The figures for people."""
    looks = told["look_ms"]
    share = ", ".join(f"{100 * part:.0f} % {kind}" for kind, part in told["steps"].items())
    return "\n".join(
        (
            f"{told['agents']} agents in {told['rooms']} rooms, {told['steps_per_s']:g} steps a second ({share})",
            f"  processor     Server {100 * told['cpu_share']['server']:.0f} % of a core "
            f"({told['cpu_ms_per_step']:g} ms a step), "
            f"Portal {100 * told['cpu_share']['portal']:.0f} %",
            (
                f"  lag           p50 {told['reactor_lag_ms']['p50']} ms, p99 {told['reactor_lag_ms']['p99']} ms,"
                f" most {told['reactor_lag_ms']['max']} ms"
            ),
            f"  look          p50 {looks['with']['p50']} ms, p95 {looks['with']['p95']} ms; with minds stopped "
            f"{looks['without']['p50']} and {looks['without']['p95']} ms",
            f"  memory        {told['rss_mb']['full']:g} MB, {told['kib_per_agent']:g} KiB an agent",
            f"  late ticks    {told['late_ticks_dropped']} dropped",
            f"  start         {told['start_s']['bodies_made']:g} s to make the bodies, "
            f"{told['start_s']['minds_awake']:g} s until all "
            f"minds are awake; {told['start_s']['reload']:g} s for both at a reload",
        )
    )

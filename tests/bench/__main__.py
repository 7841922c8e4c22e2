"""`make bench`, `timmy bench`, or `python -m tests.bench`: measures by name, one or all.

Owns the list of what can be measured and how it is printed: JSON, or a table where a measure has
one. Refuses to measure: each module does, and is imported only when it is asked for.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from agents.kernel.errors import TimmyError

MEASURES = {
    "planner": "plans beside other planners: times, costs, proofs, slices, a thousand agents",
    "launch": "a program started in the sandbox beside one started bare",
    "world": "a real world: what a thousand busy agents cost, and what a person notices of them",
    "surveys": "a real world: the round trip of a command while five agents work on tasks, and their steps",
    "rooms": "a million events in the log: how long footprints and rewind hold the reactor",
    "operations": "a real world: start, recovery after each kill, reload, stop",
    "cascade": "the model service beside its bare model server: what it adds, shares, failover, cancelling",
    "wire": "a real world under attack: the round trip of a command beside calm, memory, log",
}
"""Name to what it measures; `tests.bench.NAME` has `measure(quick)`, and may have `table(result)` and `plot(result)`.
"""

PEERS = frozenset({"pyperplan", "unified_planning", "up_fast_downward", "fast_downward"})
"""Libraries that only measurements need; a world is installed without them."""


def main(argv: list[str] | None = None) -> int:
    """Print one measure, or all as one JSON object; without names say which there are."""
    words = argparse.ArgumentParser(prog="timmy bench", description=__doc__)
    words.add_argument("name", nargs="?", choices=[*MEASURES, "all"])
    words.add_argument("--json", action="store_true", help="print JSON, not a table")
    words.add_argument("--quick", action="store_true", help="fewer repetitions: to check that it works, not to compare")
    words.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw the result (planner only)")
    crowd = words.add_argument_group("world")
    crowd.add_argument("--agents", type=int, metavar="N", help="how many live there (1000)")
    crowd.add_argument("--steps-per-second", type=float, metavar="R", help="plan steps they take in all (200)")
    crowd.add_argument("--seconds", type=float, metavar="S", help="how long is measured (60)")
    given = words.parse_args(argv)
    if given.name is None:
        _print(MEASURES if given.json else "\n".join(f"{name:<12}{what}" for name, what in MEASURES.items()))
        return 0
    if given.plot and given.name != "planner":
        words.error("--plot draws the result of `planner` alone")
    shape = {
        name: value for name in ("agents", "steps_per_second", "seconds") if (value := getattr(given, name)) is not None
    }
    if shape and given.name != "world":
        words.error("--agents, --steps-per-second and --seconds shape the `world` alone")
    if any(value <= 0 for value in shape.values()):
        words.error("--agents, --steps-per-second and --seconds take numbers above 0")
    try:
        return _run(given, shape)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in PEERS:
            raise
        progress(f"{missing.name}, which is compared with, is not installed. Try: make install")
        return 1
    except TimmyError as error:
        progress(str(error))
        return error.exit_code


def _run(given: argparse.Namespace, shape: dict[str, Any]) -> int:
    if given.name == "all":
        told: dict[str, Any] = {"machine": machine()}
        for name in MEASURES:
            progress(name)
            told[name] = importlib.import_module(f"tests.bench.{name}").measure(given.quick)
        _print(told)
        return 0
    module = importlib.import_module(f"tests.bench.{given.name}")
    result = module.measure(given.quick, **shape)
    if given.plot:
        given.plot.write_text(module.plot(result), "utf-8")
        progress(f"drawn: {given.plot}")
    table = getattr(module, "table", None)
    _print(result if given.json or table is None else table(result))
    return 0


def machine() -> dict[str, Any]:
    """What was measured on."""
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": [round(x, 2) for x in os.getloadavg()],
    }


def progress(text: str) -> None:
    """To standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _print(data: object) -> None:
    sys.stdout.write((data if isinstance(data, str) else json.dumps(data, indent=2, default=str)) + "\n")


if __name__ == "__main__":
    sys.exit(main())

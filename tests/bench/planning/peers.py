"""Other planners, asked for a plan to the same problem.

Owns how each is called and what is timed. pyperplan gets our ground problem as its own `Task`, at unit
costs, its heuristic made beforehand. Fast Downward (a program in C++) gets the PDDL text, and says
itself how long it searched: it is shown for scale, no target names it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.plan_check import Ground

TARGET = "pyperplan greedy FF, preferred operators"
DOWNWARD = "Fast Downward lazy greedy FF (C++, its own search time)"

Found = tuple[int, list[str]]
"""Nanoseconds of CPU, and the names of the plan's actions."""


def pyperplans() -> dict[str, Callable[[Ground, int], Found]]:
    """Each way to search with pyperplan that is compared, by name."""
    from pyperplan.heuristics.relaxation import hFFHeuristic
    from pyperplan.search import enforced_hillclimbing_search, greedy_best_first_search, weighted_astar_search

    def by(function: Callable[..., Any], **options: Any) -> Callable[[Ground, int], Found]:
        def ask(ground: Ground, state: int) -> Found:
            task = ground.task(state)
            heuristic = hFFHeuristic(task)
            begin = time.process_time_ns()
            plan = function(task, heuristic, **options)
            taken = time.process_time_ns() - begin
            return taken, [o.name for o in plan or []]

        return ask

    return {
        TARGET: by(greedy_best_first_search, use_relaxed_plan=True),
        "pyperplan weighted A* FF, preferred operators": by(weighted_astar_search, use_relaxed_plan=True),
        "pyperplan enforced hill climbing FF, preferred operators": by(
            enforced_hillclimbing_search, use_preferred_ops=True
        ),
    }


@dataclass(frozen=True)
class Answer:
    """`cost` is None when no plan was found in time; `seconds` is what the planner says it searched."""

    cost: int | None
    seconds: float
    plan: tuple[str, ...] = ()


class Downward:
    """Fast Downward for one problem: translated once, searched with any configuration from any reachable state."""

    LAZY = "let(h, ff(), lazy_greedy([h], preferred=[h]))"
    OPTIMAL = "astar(lmcut())"
    LEAST = "astar(ipdb(max_time=1))"  # the same costs, sooner where actions differ in cost

    def __init__(self, domain_text: str, problem_text: str) -> None:
        import up_fast_downward

        self._folder = tempfile.TemporaryDirectory(prefix="timmy-bench-")
        folder = Path(self._folder.name)
        (folder / "domain.pddl").write_text(domain_text, "utf-8")
        (folder / "problem.pddl").write_text(problem_text, "utf-8")
        translate = [
            sys.executable,
            "-m",
            "fast_downward.translate",
            "--sas-file",
            "sas",
            "domain.pddl",
            "problem.pddl",
        ]
        subprocess.run(translate, cwd=folder, check=True, capture_output=True)
        self._sas = (folder / "sas").read_text("utf-8")
        self._program = Path(up_fast_downward.__file__).parent / "downward" / "builds" / "release" / "bin" / "downward"

    def __enter__(self) -> Downward:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def start(self, facts: Iterable[str]) -> None:
        """Search from where exactly `facts` hold; it must be reachable from the problem's own start.

        The translation takes seconds where there are many schemas, and only its values at the start change.
        """
        true = {f"Atom {fact}" if fact.endswith(")") else f"Atom {fact}()" for fact in facts}
        values = []
        for variable in re.findall(r"begin_variable\n.*?end_variable", self._sas, re.DOTALL):
            names = variable.splitlines()[4:-1]
            holds = [n for n, name in enumerate(names) if name in true]
            values.append(holds[0] if holds else len(names) - 1)  # the last says that none of the others holds
        state = "begin_state\n" + "".join(f"{value}\n" for value in values) + "end_state"
        text = re.sub(r"begin_state\n.*?end_state", state, self._sas, flags=re.DOTALL)
        (Path(self._folder.name) / "sas").write_text(text, "utf-8")

    def search(self, how: str, seconds: float = 30) -> Answer:
        """What it finds within `seconds` of wall-clock time."""
        folder = Path(self._folder.name)
        (folder / "plan").unlink(missing_ok=True)
        command = [self._program, "--search", how, "--internal-plan-file", "plan"]
        with (folder / "sas").open("rb") as sas:
            try:
                done = subprocess.run(
                    command, cwd=folder, stdin=sas, capture_output=True, text=True, timeout=seconds, check=False
                )
            except subprocess.TimeoutExpired:
                return Answer(None, seconds)
        time_ = re.search(r"Search time: ([\d.e-]+)s", done.stdout)
        cost = re.search(r"Plan cost: (\d+)", done.stdout)
        if time_ is None or (cost is None and done.returncode not in (11, 12)):
            raise RuntimeError(f"Fast Downward failed ({done.returncode}): {done.stdout[-500:]} {done.stderr[-500:]}")
        if cost is None:
            return Answer(None, float(time_[1]))
        lines = (folder / "plan").read_text().splitlines()
        return Answer(int(cost[1]), float(time_[1]), tuple(line for line in lines if line.startswith("(")))


def cost_of(costs: dict[str, int], names: Sequence[str]) -> int:
    """What a peer's plan costs with our costs."""
    return sum(costs[name] for name in names)

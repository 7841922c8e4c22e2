"""Finds the provably cheapest plan for what an agent pursues, in a separate process.

Owns the request (one process at a time, killed when its time is up) and the comparison with the present plan. Refuses
to hold the caller's thread: `ask` returns a function to call in another thread, which touches neither tables nor the
world.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.goap import Domain, GaveUp, Outcome, Plan, Solved, Unsolvable, worker
from agents.goap.model import Goal
from agents.kernel import location
from agents.kernel.errors import Conflict, NotFound, Unavailable
from agents.mind.settings import MindSettings

if TYPE_CHECKING:
    from agents.mind.mind import Mind

_one = threading.Lock()
"""Held while a process proves."""


@dataclass(frozen=True)
class Proof:
    """The rest of the plan in force beside the least found. `proven`: no plan costs less than `least`, which
    is None when nothing was found; `limit` says what ended the search early, '' when nothing did.
    """

    now: Plan
    least: Plan | None
    proven: bool
    limit: str = ""


def ask(mind: Mind) -> Callable[[], Proof]:
    """Prepare the question on the caller's thread; the function returned blocks until it is answered.

    Raises NotFound when the agent pursues nothing or its plan works no more. The function raises
    Conflict while another question is being answered, Unavailable when the process broke.
    """
    now = mind.pursuit
    if now is None:
        raise NotFound(f"{mind.persona.name} pursues nothing now.", next=f"plan {mind.slug}")
    domain = mind.minds.repertoire.domain(mind.look())
    task = mind.core.work.get(now.wish.task) if now.wish.task else None
    state = mind.state(mind.look(), task, now.known)
    position = now.plan.resume(domain, state)
    if position is None:
        raise NotFound(f"The plan of {mind.persona.name} no longer works; a new plan is about to be made.")
    rest = Plan.of(domain, state, now.wish.goal, now.plan.texts[position:])
    request, seconds = (
        worker.encode(domain, state, now.wish.goal, optimal=True),
        mind.core.runtime.settings.of(MindSettings).prove_seconds,
    )
    return lambda: _proof(request, domain, state, rest, seconds)


def _proof(request: bytes, domain: Domain, state: int, rest: Plan, seconds: float) -> Proof:
    if not _one.acquire(blocking=False):
        raise Conflict("Another plan is being proved; one at a time.")
    try:
        outcome = _answered(request, domain, state, rest.goal, seconds)
    finally:
        _one.release()
    if isinstance(outcome, Solved):
        return Proof(rest, outcome.plan, outcome.optimal)
    if isinstance(outcome, GaveUp):
        return Proof(rest, None, False, f"{outcome.nodes} states were looked at")
    return Proof(rest, None, False, f"{seconds:g} seconds were over" if outcome is None else "it found no plan at all")


def _answered(request: bytes, domain: Domain, state: int, goal: Goal, seconds: float) -> Outcome | None:
    """What the process came to; None when its time was up."""
    try:
        done = subprocess.run(
            [sys.executable, *worker.COMMAND],
            input=request,
            capture_output=True,
            timeout=seconds,
            check=False,
            cwd=location.PROJECT,
            env=location.child_environment(PYTHONPATH=str(location.PROJECT)),
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:  # `run` has killed it
        return None
    lines = done.stdout.splitlines()
    last = worker.decode(lines[-1], domain, state, goal) if lines else None
    if isinstance(last, Solved | Unsolvable | GaveUp):
        return last
    raise Unavailable(f"The planner's process ended with {done.returncode} and without a result.")

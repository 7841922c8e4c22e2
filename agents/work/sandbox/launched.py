"""What the sandboxes that our launcher begins have in common.

Owns the set-up of a job, the lending of its writable folder, and the ending of all jobs. Refuses to know
how the sandbox is made: a subclass says with what command line.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from agents.kernel.clock import Clock, SystemClock
from agents.work.sandbox import process, view
from agents.work.sandbox.job import Job, Result
from agents.work.sandbox.loan import lent, workspace


class Launched(ABC):
    """Runs jobs by the launcher."""

    name: str

    def __init__(self, guard: view.Guard, clock: Clock | None = None) -> None:
        """`guard` knows what is covered; `clock` measures the limit of time."""
        self._guard, self._clock, self._runs = guard, clock or SystemClock(), process.Runs()

    def stop(self) -> None:
        """End every job under way and begin no other."""
        self._runs.stop()

    def run(self, job: Job) -> Result:
        """Run to the end, blocking.

        Raises Unavailable when the sandbox cannot be made and BadInput when the job asks for
        what cannot be shown.
        """
        root = os.geteuid() == 0
        with lent(job.write if root else None, job.places), workspace(job.write) as work:
            command = self._command(job, view.build(job, self._guard, work), root)
            return self._runs.execute(command, job, self._clock)

    @abstractmethod
    def _command(self, job: Job, mounts: Sequence[view.Mount], root: bool) -> Callable[[int], Sequence[str]]:
        """The command line that runs the job and shows it `mounts`, given the descriptor on which its
        end is reported.
        """

"""What the sandboxes that use our launcher have in common.

Owns the set-up of a job, the lending of its writable folder, and stopping all jobs. A subclass provides the command
line that creates the sandbox.
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
    """Runs jobs through the launcher."""

    name: str

    def __init__(self, guard: view.Guard, clock: Clock | None = None) -> None:
        """`guard` knows what is hidden; `clock` measures the time limit."""
        self._guard, self._clock, self._runs = guard, clock or SystemClock(), process.Runs()

    def stop(self) -> None:
        """Stop every running job and start no more."""
        self._runs.stop()

    def run(self, job: Job) -> Result:
        """Run to the end, blocking.

        Raises Unavailable if the sandbox cannot be created and BadInput if the job requests what cannot be shown.
        """
        root = os.geteuid() == 0
        with lent(job.write if root else None, job.places), workspace(job.write) as work:
            command = self._command(job, view.build(job, self._guard, work), root)
            return self._runs.execute(command, job, self._clock)

    @abstractmethod
    def _command(self, job: Job, mounts: Sequence[view.Mount], root: bool) -> Callable[[int], Sequence[str]]:
        """The command line that runs the job and shows it `mounts`, given the descriptor on which
        its end is reported.
        """

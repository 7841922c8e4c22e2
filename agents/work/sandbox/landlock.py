"""The sandbox of our own for machines without bubblewrap: namespaces, with Landlock within.

Owns only what is told to the launcher; `enclosure` does the work. Shows the same view and
keeps the same limits as bubblewrap's.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict

from agents.kernel.clock import Clock, SystemClock
from agents.work.sandbox import process, view
from agents.work.sandbox.job import Job, Result
from agents.work.sandbox.loan import lent


class Landlock:
    """Runs jobs by the launcher alone."""

    name = "landlock"

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
        mounts = [asdict(mount) for mount in view.build(job, self._guard)]
        cwd, environment = str(view.folder(job)), view.environment(job)

        def command(status: int) -> Sequence[str]:
            return process.launch(
                job,
                job.argv,
                identity=root,
                status=status,
                cwd=cwd,
                environment=environment,
                mounts=mounts,
                user=view.USER,
                processes=process.most_processes(job),
            )

        with lent(job.write if root else None):
            return self._runs.execute(command, job, self._clock)

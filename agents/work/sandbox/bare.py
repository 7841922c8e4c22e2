"""No sandbox: the command runs as the world's own user, with limits and a clean environment.

Used only if the owner sets `TIMMY_SANDBOX=bare`, and shown as a danger wherever a sandbox is named. Enforces limits
on time, output, memory, file size and processor; guarantees nothing else.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from agents.kernel.clock import Clock, SystemClock
from agents.work.sandbox import process, view
from agents.work.sandbox.job import Job, Result


class Bare:
    """Runs jobs without isolation. The home folder is a temporary one."""

    name = "bare"

    def __init__(self, clock: Clock | None = None) -> None:
        """`clock` measures the time limit."""
        self._clock, self._runs = clock or SystemClock(), process.Runs()

    def stop(self) -> None:
        """Stop every running job and start no more."""
        self._runs.stop()

    def run(self, job: Job) -> Result:
        """Run to the end, blocking. Raises BadInput if `job.cwd` is not one of its folders."""
        with tempfile.TemporaryDirectory(prefix="timmy-bare-") as home:
            cwd = view.folder(job) if job.cwd else Path(home)
            environment = {**view.environment(job), "HOME": home, **job.env}

            def command(status: int) -> Sequence[str]:
                return process.launch(
                    job, job.argv, identity=False, status=status, cwd=str(cwd), environment=environment
                )

            return self._runs.execute(command, job, self._clock)

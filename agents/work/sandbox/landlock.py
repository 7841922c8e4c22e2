"""Our own sandbox for machines without bubblewrap: namespaces, with Landlock inside.

Owns only the instructions for the launcher; `enclosure` does the work. Shows the same view and enforces the same
limits as bubblewrap's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict

from agents.work.sandbox import process, seccomp, view
from agents.work.sandbox.job import Job
from agents.work.sandbox.launched import Launched


class Landlock(Launched):
    """Runs jobs with the launcher alone."""

    name = "landlock"

    def _command(self, job: Job, mounts: Sequence[view.Mount], root: bool) -> Callable[[int], Sequence[str]]:
        cwd, environment = str(view.folder(job)), view.environment(job)

        def command(status: int) -> Sequence[str]:
            return process.launch(
                job,
                job.argv,
                identity=root,
                status=status,
                cwd=cwd,
                environment=environment,
                mounts=[asdict(mount) for mount in mounts],
                user=view.USER,
                filter=seccomp.program(),
                processes=process.most_processes(job),
            )

        return command

"""The work service: what commands, minds and the command line call about tasks.

Owns the combination of its parts, one file each: `store` (the only way to the table), `proposals` (before the
decision), `decisions` (verdicts and their consequences), `lifecycle` (after the decision), `queue` (queries),
`reports` (who may read results). Does nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from agents.events.log import EventLog
from agents.governance.service import Governance
from agents.kernel.runtime import Runtime
from agents.work.decisions import Decisions
from agents.work.kind import Kind
from agents.work.lifecycle import Lifecycle
from agents.work.ports import World
from agents.work.proposals import Proposals
from agents.work.queue import Page, Queue
from agents.work.reports import Reports

__all__ = ["Page", "Work"]


class Work(Proposals, Decisions, Lifecycle, Queue, Reports):
    """Tasks from proposal to result. Create one for each Governance: it follows its resolutions."""

    def __init__(
        self,
        runtime: Runtime,
        events: EventLog,
        governance: Governance,
        kinds: Mapping[str, Kind],
        world: World | None = None,
    ) -> None:
        """As `Store`."""
        super().__init__(runtime, events, governance, kinds, world)
        governance.follower = self.follow

"""The work service: what commands, minds and the command line call about tasks.

Owns the putting together of its parts, each one file: `store` (the table's one door), `proposals`
(before the decision), `decisions` (verdicts and what follows), `lifecycle` (after it), `undo`
(once it is done), `queue` (reading), `reports` (who may read what came out), `vetoes` (what was refused before).
Refuses to do anything itself.
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
from agents.work.undo import Undo
from agents.work.vetoes import Vetoes

__all__ = ["Page", "Work"]


class Work(Proposals, Decisions, Lifecycle, Undo, Queue, Reports, Vetoes):
    """Tasks from proposal to result. Make one per Governance: it follows its resolutions."""

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

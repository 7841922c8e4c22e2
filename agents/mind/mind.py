"""A mind: what one agent pursues and what it knows.

Owns the state between two visits, in memory and as plain values, and answers questions about it. Refuses to act and to
decide: its cycle (`cycle.py`) does, and nothing else changes this state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from agents.goap import Plan
from agents.goap.model import Fact, fact
from agents.governance.rules import Actor
from agents.lineage.persona import Persona
from agents.mind import sensors
from agents.mind.choosing import Thinking
from agents.mind.goals import Wait
from agents.mind.kept import MindKept
from agents.mind.pursuit import Pursuit
from agents.mind.recall import Recall
from agents.mind.sensors import View
from agents.mind.settings import MindSettings
from agents.work.kind import site_of
from agents.work.models import Task
from agents.work.ports import Body
from agents.work.toolbox import Toolbox

if TYPE_CHECKING:
    from agents.mind.minds import Minds

FAILED_PENALTY, PENALTY_SECONDS = 20, 300.0
"""Cost added to an action that failed, and for how long."""


class Mind:
    """The mind of one agent. All of it is used on the thread that may touch tables."""

    def __init__(self, persona: Persona, minds: Minds) -> None:
        self.slug, self.persona, self.minds, self.core = persona.slug, persona, minds, minds.core
        self.actor = Actor("agent", persona.slug, persona.having)
        self.recall = Recall(persona, minds.core.runtime, minds.core.journal, minds.core.events.unit.flush)
        self.life, self.trouble = "INIT", ""
        self.tools: Toolbox | None = None
        self.found: Body | None = None
        self.seen: View | None = None
        """What it saw last."""
        self.pursuit: Pursuit | None = None
        self.thinking: Thinking | None = None
        """The choice in the making."""
        self.step: Deferred[None] | None = None
        """The step under way."""
        self.waits: dict[str, Wait] = {}
        """Goals left alone for a while, by name."""
        self.dear: dict[str, float] = {}
        """Actions that failed, and the instants until which they are avoided."""
        self.not_before = 0.0
        """The instant before which no step is taken."""
        self.settled = 0.0
        """The instant until which the plan in force is not weighed against what else could be done."""
        self.owed: Callable[[], None] | None = None
        """Writes what was done and could not be written down: to be called before anything else is done."""
        self.lost = False
        """Whether what it did last is not on record."""

    # -- as plain values -------------------------------------------------------------------------
    @property
    def at_rest(self) -> bool:
        """Whether nothing is under way that could not be written down."""
        return self.step is None and self.thinking is None and self.owed is None and not self.lost

    def snapshot(self) -> MindKept:
        """What it knows besides the tables, while it is at rest."""
        return MindKept(
            self.life,
            self.trouble,
            self.tools is not None,
            self.seen.where if self.seen else "",
            self.pursuit.snapshot() if self.pursuit else None,
            dict(self.waits),
            dict(self.dear),
            self.not_before,
            self.settled,
            self.recall.snapshot(),
        )

    def restore(self, kept: MindKept) -> None:
        """Know what it knew; the tables, the house's repertoire and its records are restored before."""
        minds = self.minds
        self.life, self.trouble = kept.life, kept.trouble
        self.tools = minds.toolbox(self.persona) if kept.equipped else None
        view = self._view(kept.seen or self.body.where())
        self.seen = view if kept.seen else None
        self.pursuit = Pursuit.restored(minds.repertoire.domain(view), kept.pursuit) if kept.pursuit else None
        self.waits, self.dear = dict(kept.waits), dict(kept.penalties)
        self.not_before, self.settled = kept.not_before, kept.settled
        self.recall.restore(kept.recall)

    # -- how it is ---------------------------------------------------------------------------------
    @property
    def awake(self) -> bool:
        """Whether it is ready, seated, not paused, and did not stumble at its last visit."""
        seats = self.minds.scheduler
        return (
            self.life == "READY" and self.slug in seats and not seats.paused(self.slug) and not seats.fault(self.slug)
        )

    @property
    def up(self) -> bool:
        """Whether it is up and about, by the hours of its file where the house keeps hours; tasks wake it at any."""
        runtime = self.core.runtime
        return self.persona.awake_at(runtime.local()) or not runtime.settings.of(MindSettings).keep_hours

    @property
    def busy(self) -> bool:
        """Whether a step runs at this moment."""
        return self.step is not None

    @property
    def body(self) -> Body:
        """Its body; raises NotFound when there is none in the world."""
        if self.found is None:
            self.found = self.core.body_of(self.slug)
        return self.found

    def where(self) -> str:
        """Key of the room it stands in, '' when it has no body."""
        return self.found.where() if self.found else ""

    # -- what it says ------------------------------------------------------------------------------
    def said(self, deed: str, room: str, text: str) -> bool:
        """Whether it said or showed this of late, or somebody said it in this room just now."""
        return self.recall.said(deed, text) or (deed == "say" and self.minds.aloud.said(room, text))

    def heard(self, deed: str, room: str, text: str, at: datetime) -> None:
        """Take down a word or gesture of its own."""
        self.recall.heard(deed, at, text)
        if deed == "say":
            self.minds.aloud.heard(room, text, at)

    # -- what it has to do -------------------------------------------------------------------------
    def task(self) -> Task | None:
        """The task in hand: running and given to this agent, the oldest if several."""
        return self.recall.task()

    def given(self, number: int) -> Task:
        """The task with this number: the one in hand, or read anew where it is in hand no more. Raises NotFound."""
        task = self.task()
        return task if task is not None and task.pk == number else self.core.work.get(number)

    def stirred(self) -> None:
        """A task that is or was its own was changed: it will be read anew, and what to do weighed anew."""
        self.recall.forget_task()
        self.settled = 0.0

    def waiting(self, goal: str) -> Wait | None:
        """Why a goal is left alone at this instant, None when it is not."""
        wait = self.waits.get(goal)
        return wait if wait is not None and wait.until > self._instant() else None

    def freed(self, thing: str) -> bool:
        """A thing was laid down: what waits for it waits no more. Whether anything did."""
        waited = {goal: wait for goal in self.waits if (wait := self.waiting(goal)) and thing in wait.things}
        for goal, wait in waited.items():
            self.waits[goal] = replace(wait, until=self._instant())
            self.settled = 0.0
        return bool(waited)

    # -- what holds for it -------------------------------------------------------------------------
    def look(self) -> View:
        """See the world now."""
        self.seen = self._view(self.body.where())
        return self.seen

    def _view(self, where: str) -> View:
        minds = self.minds
        return sensors.view(self.slug, where, self.persona.home, minds.core.world, minds.records.machine())

    def readiness(self, plan: Plan | None = None) -> dict[str, str]:
        """Each act that has a procedural precondition (of those in `plan`, if given): '' or why not now."""
        asked = self.minds.repertoire.asked
        names = asked if plan is None else asked.keys() & plan.names
        return {name: asked[name](self.slug, self.minds.records) for name in names}

    def state(self, view: View, task: Task | None, known: Iterable[Fact] = (), plan: Plan | None = None) -> int:
        """All that holds for this agent: what is in `view`, what its task asks, what it knows; procedural
        preconditions are asked as far as they bear on `plan` (None: all).

        Raises NotFound when the task's place is gone, StepFailed when its parameters do not fit.
        """
        more = [fact("ready", name) for name, why in self.readiness(plan).items() if not why]
        if task is not None and task.kind in self.core.kinds:
            kind = self.core.kinds[task.kind]
            more += [fact("working", kind.name), fact("site", site_of(kind, kind.params_of(task), self.core.world))]
        return self.minds.repertoire.state(view, (*more, *known))

    # -- what costs it more ------------------------------------------------------------------------
    def penalise(self, action: str) -> None:
        """Make `action` dear for a while, so that the next plan avoids it if it can."""
        self.dear[action] = self._instant() + PENALTY_SECONDS

    def penalties(self) -> dict[str, int]:
        """What is added to the cost of actions: of acts with a procedural cost, and of what failed of late."""
        instant = self._instant()
        self.dear = {name: until for name, until in self.dear.items() if until > instant}
        asked = {name: extra(self.slug, self.minds.records) for name, extra in self.minds.repertoire.extra.items()}
        return {name: cost for name, cost in asked.items() if cost} | dict.fromkeys(self.dear, FAILED_PENALTY)

    def failed(self, action: str) -> float | None:
        """Seconds since `action` failed, None when it did not of late."""
        until, instant = self.dear.get(action, 0.0), self._instant()
        return PENALTY_SECONDS - (until - instant) if until > instant else None

    def _instant(self) -> float:
        return self.core.runtime.clock.monotonic()

"""All minds of one house: the part that seats them, gives them their turns, and holds what they share.

Owns the seats, the repertoire and the table of plans. Refuses to think: each mind's cycle does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from twisted.internet.defer import Deferred

from agents.events.models import Event
from agents.goap.explain import WhyNot
from agents.governance.rules import Actor
from agents.house.core import Core
from agents.house.house import House
from agents.house.part import NEVER, Part
from agents.house.values import Wish
from agents.kernel.errors import NotFound, Unavailable
from agents.lineage.persona import Persona
from agents.mind import repertoire, sensors, wanting, whynot
from agents.mind.aloud import Aloud
from agents.mind.cycle import Cycle
from agents.mind.directory import Directory
from agents.mind.kept import MindKept, RecordsKept, RepertoireKept
from agents.mind.mind import Mind
from agents.mind.pursuit import Plans
from agents.mind.repertoire import Repertoire
from agents.mind.scheduler import Scheduler, SeatKept
from agents.mind.sensors import View
from agents.mind.settings import MindSettings
from agents.mind.words import Said
from agents.thinking.conversation import Conversation
from agents.thinking.ports import Known
from agents.work.kind import acts_of
from agents.work.models import Step
from agents.work.ports import Records
from agents.work.toolbox import Toolbox


@dataclass(frozen=True)
class MindsKept:
    """All minds between two slots, and what they share besides the tables."""

    records: RecordsKept
    repertoire: RepertoireKept
    seats: dict[str, SeatKept]
    minds: dict[str, MindKept]


class Minds(Part):
    """One of these a house. Not thread-safe: one thread calls everything."""

    name = "mind"
    Kept = MindsKept

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        taken = [act.schema.name for kind in core.kinds.values() for act in acts_of(kind)]
        acts, broken = repertoire.discover(*core.actions, taken=taken)
        core.problems.extend(broken)
        self.plans = Plans(core.runtime, core.events.unit)
        self.repertoire = Repertoire(acts, core.kinds)
        overruns = core.runtime.settings.of(MindSettings).visit_overruns
        self.scheduler = Scheduler(core.runtime.clock, core.faults, core.guard, overruns)
        self.records = Directory(self, core.probe)
        self.aloud = Aloud(core.events, core.runtime.clock)
        self.conversation: Conversation | None = None
        """Where one agent asks another, if this house has it."""
        self.witnesses: list[Callable[[Step, str], None]] = []
        """Who hears of each step that was done, and where its agent stands then; in the same unit of work."""
        self._cycles: dict[str, Cycle] = {}
        self.all: dict[str, Mind] = {}
        """By the name of their agents, in the order of their seats."""
        self._said: Said | None = None
        self._unsubscribe: list[Callable[[], None]] = []

    # -- beginning and end -----------------------------------------------------------------------
    def offers(self) -> Mapping[type[Any], object]:
        """What may be asked about minds, and whom to pause and wake."""
        return {Known: self.records, Records: self.records, Scheduler: self.scheduler}

    def wire(self, house: House) -> None:
        """Learn where one agent asks another, and what all parts have minds want."""
        self.conversation = house.find(Conversation)
        self.wishes_of, self.wants_at_of = house.wishes, house.wants_at

    def start(self) -> None:
        """Seat every agent of the roster."""
        for persona in self.core.roster.values():
            self.seat(persona)
        heard = {
            "task.*": self._stir,
            "agent.*.drop": self._laid,
            "person.drop": self._laid,
            "roster.added": self._added,
            "roster.removed": self._removed,
        }
        self._unsubscribe = [self.core.bus.subscribe(topic, hear) for topic, hear in heard.items()]

    def seat(self, persona: Persona) -> Mind:
        """Give an agent its mind, and the mind its turn. Its first visit wakes it."""
        mind = self.all[persona.slug] = Mind(persona, self)
        self._cycles[persona.slug] = Cycle(mind)
        self.scheduler.register(self._cycles[persona.slug])
        return mind

    def stop(self) -> None:
        """End every mind; what was under way is in the journal."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        for slug, cycle in self._cycles.items():
            cycle.stop()
            self.scheduler.unregister(slug)

    def _stir(self, event: Event) -> None:
        """Wake the agent whose task was changed (resumed, paused, given to it, taken from it)."""
        for slug, mind in self.all.items():
            if slug == event.agent or mind.recall.holds(event.task):
                mind.stirred()
        self.scheduler.wake(event.agent)
        self.records.forget_board()

    def _added(self, event: Event) -> None:
        self.seat(self.core.roster[event.agent])

    def _removed(self, event: Event) -> None:
        """Unseat who lives here no more."""
        self.all.pop(event.agent)
        self.scheduler.unregister(event.agent)
        with self.core.events.unit():
            self._cycles.pop(event.agent).depart()

    def _laid(self, event: Event) -> None:
        """Wake who waits for the thing that somebody laid down."""
        for slug, mind in self.all.items():
            if mind.freed(str(event.data.get("item", ""))):
                self.scheduler.wake(slug)

    # -- turns -----------------------------------------------------------------------------------
    @property
    def next_slot(self) -> float:
        """When the next mind is due."""
        deadline = self.scheduler.next_deadline()
        return NEVER if deadline is None else deadline

    def slot(self, budget_ms: float) -> None:
        """Visit the minds that are due."""
        self.scheduler.visited.clear()
        self.scheduler.run_slot(budget_ms)

    def lose(self) -> None:
        """What the visited did is not on record."""
        for slug in self.scheduler.visited:
            self._cycles[slug].lose()
        self.aloud.forget()
        self.scheduler.visited.clear()

    def move(self, jump: timedelta) -> None:
        """What they wait for by the wall waits as long as it had to."""
        for mind in self.all.values():
            mind.recall.move(jump)
        self.aloud.forget()

    # -- what minds want of themselves -----------------------------------------------------------
    def wishes(self, slug: str, now: datetime) -> list[Wish]:
        """What its task, its file and what it holds have an agent want."""
        mind = self.all.get(slug)
        return wanting.own(mind, now) if mind is not None else []

    def wants_at(self, slug: str, now: datetime) -> float:
        """Seconds until its file may have an agent want more."""
        mind = self.all.get(slug)
        return wanting.own_rest(mind, now) if mind is not None else NEVER

    # -- keeping ---------------------------------------------------------------------------------
    @property
    def at_rest(self) -> bool:
        """Whether no mind is in the midst of something."""
        return all(mind.at_rest for mind in self.all.values())

    def snapshot(self) -> MindsKept:
        """What they know besides the tables, while they are at rest."""
        return MindsKept(
            self.records.snapshot(),
            self.repertoire.snapshot(),
            self.scheduler.snapshot(),
            {slug: mind.snapshot() for slug, mind in self.all.items()},
        )

    def restore(self, kept: MindsKept) -> None:
        """Know what was known. Raises KeyError for an agent that is not kept, ValueError where its plans mean nothing
        here.
        """
        self.records.restore(kept.records)
        view = sensors.view("", "", "", self.core.world, self.records.machine())
        self.repertoire.restore(view, kept.repertoire)
        for slug, mind in self.all.items():
            mind.restore(kept.minds[slug])
        self.scheduler.restore(kept.seats)

    # -- asking ----------------------------------------------------------------------------------
    def get(self, slug: str) -> Mind | None:
        """The mind of an agent, if it has one."""
        return self.all.get(slug)

    def returns(self, slug: str) -> bool:
        """Whether what `slug` holds will be laid back of itself: agents that are awake do, people may not."""
        mind = self.all.get(slug)
        return mind is not None and mind.awake

    def why_not(self, slug: str, text: str) -> WhyNot:
        """Why the agent does not do the action, or pursue the goal, fact or aim called `text`. Raises NotFound."""
        mind = self.all.get(slug)
        if mind is None:
            raise NotFound(f"There is no mind called {slug} here.", next="agents")
        return whynot.why_not(mind, text)

    def said(self, view: View) -> Said:
        """Ground actions in words; the same object until a name of `view` changes."""
        if self._said is None or self._said.names is not view.names:
            self._said = Said(view, self.core.kinds)
        return self._said

    def consult(self, asker: Actor, slug: str, words: str) -> Deferred[str]:
        """One agent asks another. Raises as `Conversation.consult`, and Unavailable in a house where nobody talks."""
        if self.conversation is None:
            raise Unavailable("Nobody can be asked in this house: its part for conversation was left out.")
        return self.conversation.consult(asker, slug, words)

    def toolbox(self, persona: Persona) -> Toolbox:
        """The tools of an agent, over its own home."""
        core = self.core
        home = core.home(core.runtime.settings, persona.slug)
        return Toolbox(core.runtime, persona.slug, persona.having, core.sandbox, core.offload, home, core.events)

    def status(self) -> Mapping[str, Any]:
        """How many are seated, paused, failing and set aside; how many visits were made, and how long they took."""
        return self.scheduler.counts()

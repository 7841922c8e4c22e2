"""The house: every service of one world, put together, with its minds.

Owns the making of the parts and their beginning, heartbeat and end. Refuses to decide
anything itself. `build` is called once by whoever runs a world (the Server, a test, a
simulation), which brings the world, the bodies and the way off the thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from agents.cascade.client import Language
from agents.cascade.lookout import Lookout
from agents.events.bus import Bus
from agents.events.durable import durable
from agents.events.log import EventLog
from agents.events.models import Event
from agents.goap.explain import WhyNot
from agents.governance.rules import SYSTEM
from agents.governance.service import Governance
from agents.kernel.errors import Conflict, NotFound, TimmyError, Unwritable
from agents.kernel.guard import Guard, unguarded
from agents.kernel.jumps import Jumps, in_words
from agents.kernel.problem import Problem
from agents.kernel.runtime import Runtime
from agents.kernel.settings import Settings
from agents.lineage import persona as personas_
from agents.lineage.persona import Persona
from agents.mind import repertoire as repertoire_
from agents.mind import sensors, whynot
from agents.mind.cycle import Mind
from agents.mind.kept import HouseKept
from agents.mind.known import HouseKnown
from agents.mind.pursuit import Plans
from agents.mind.records import HouseRecords
from agents.mind.repertoire import Repertoire
from agents.mind.scheduler import Scheduler
from agents.mind.sensors import Probe, View
from agents.mind.words import Said
from agents.selfmod.capture import BugCapture, Defer, at_once
from agents.thinking.conversation import Conversation
from agents.thinking.service import Thoughts
from agents.work import artifacts, sandbox, tools
from agents.work import kind as kinds_
from agents.work.act import Act
from agents.work.journal import Journal
from agents.work.kind import Kind
from agents.work.models import Task
from agents.work.ports import Body, Offload, World
from agents.work.sandbox import Sandbox
from agents.work.service import Work
from agents.work.toolbox import Toolbox
from agents.work.tools import granted

_log = logging.getLogger("timmy.house")
CLAIM_SECONDS, LIMITS_SECONDS = 5.0, 10.0
"""How often approved work that nobody could take is offered again, and running work is looked at; whatever is
changed is looked at within a second.
"""


class House:
    """All parts of one world. Not thread-safe: one thread calls everything."""

    def __init__(
        self, runtime: Runtime, bus: Bus, events: EventLog, governance: Governance, work: Work, journal: Journal,
        kinds: Mapping[str, Kind], acts: Iterable[Act], personas: Mapping[str, Persona], world: World,
        bodies: Callable[[str], Body], offload: Offload, sandbox: Sandbox, bugs: BugCapture,
        problems: Iterable[Problem] = (), probe: Probe | None = None,
        home: Callable[[Settings, str], Path] = artifacts.ensure_home, guard: Guard = unguarded,
    ) -> None:
        """Use `build`; a test may bring parts of its own. `problems` are files that were left out."""
        self.runtime, self.bus, self.events, self.governance = runtime, bus, events, governance
        self.work, self.journal, self.kinds, self.world = work, journal, kinds, world
        self.personas, self.problems, self.sandbox, self.bugs = dict(personas), tuple(problems), sandbox, bugs
        self.offload, self._home = offload, home
        self.plans = Plans(runtime, events.unit)
        self.repertoire = Repertoire(acts, kinds)
        self.jumps = Jumps(runtime.clock)
        self.trouble: Callable[[], Unwritable | None] = lambda: None
        """Why the records cannot be written now, as far as whoever runs the world has found."""
        self.minds = Scheduler(runtime.clock, bugs.capture, guard, runtime.settings.visit_overruns)
        self.records = HouseRecords(self, probe)
        self.known = HouseKnown(self)
        self.language: Language | None = None
        """Whom minds ask for language; None where there is nobody to ask (simulations, tools): then all is reflex."""
        self.thoughts = Thoughts(self)
        self.conversation = Conversation(self)
        self.body_of = bodies
        self.cascade = Lookout(runtime.clock, lambda: self.language)
        self._minds: dict[str, Mind] = {}
        self._said: Said | None = None
        self._tasks_changed = self._approvals_changed = True
        self._offered: list[Task] = []
        self._working: list[Task] = []
        self._due: datetime | None = None
        self._due_at = 0.0
        """What the heartbeat knows of tasks and approvals, as of their last change."""
        self._claim_at = self._limits_at = 0.0
        self.visited: list[Mind] = []
        """The minds visited in the present slot."""
        self._unsubscribe: list[Callable[[], None]] = []

    # -- beginning and end -----------------------------------------------------------------------
    def start(self) -> list[str]:
        """Take up what was left (T5) and seat every mind; returns a line for each thing taken up."""
        taken_up = self.work.drain()
        for line in taken_up:
            _log.info("taken up: %s", line)
        for problem in self.problems:
            self._tell(problem)
        for persona in self.personas.values():
            self.seat(persona)
        unstir, unmark = self.bus.subscribe("task.*", self._stir), self.bus.subscribe("approval.*", self._mark)
        self._unsubscribe = [unstir, unmark]
        self.thoughts.start()
        return taken_up

    def _tell(self, problem: Problem) -> None:
        """Say once what is wrong with a builder's file; `timmy status` and `timmy doctor` go on saying it."""
        _log.error("%s left out: %s", problem.what, problem)
        told = {"state": "FAILED", "stage": "CONFIG_LOAD"} if problem.slug else {"what": problem.what}
        self.events.append(
            f"agent.{problem.slug}.life" if problem.slug else "file.broken", "system:world", via="system",
            agent=problem.slug, data={**told, "reason": str(problem)},
        )

    def _mark(self, event: Event) -> None:
        self._approvals_changed = True

    def _stir(self, event: Event) -> None:
        """Wake the agent whose task was changed (resumed, paused, given to it, taken from it)."""
        for slug, mind in self._minds.items():
            if slug == event.agent or mind.recall.holds(event.task):
                mind.stirred()
        self.minds.wake(event.agent)
        self.records.forget_board()
        self._tasks_changed = True

    def seat(self, persona: Persona) -> Mind:
        """Give an agent its mind, and the mind its turn. Its first visit wakes it."""
        mind = Mind(persona, self)
        self._minds[persona.slug] = mind
        self.minds.register(mind)
        return mind

    def stop(self) -> None:
        """End every mind, and the commands it waits for; what was under way is in the journal."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self.thoughts.stop()
        self.conversation.stop()
        for slug, mind in self._minds.items():
            mind.stop()
            self.minds.unregister(slug)
        self.sandbox.stop()

    # -- keeping -----------------------------------------------------------------------------------
    @property
    def at_rest(self) -> bool:
        """Whether no mind is in the midst of something."""
        return all(mind.at_rest for mind in self._minds.values())

    def snapshot(self) -> HouseKept:
        """What its parts know besides the tables, while it is at rest."""
        return HouseKept(
            self._tasks_changed, self._approvals_changed, self._claim_at, self._limits_at, self._due, self._due_at,
            self.records.snapshot(), self.repertoire.snapshot(), self.bugs.snapshot(), self.thoughts.snapshot(), self.minds.snapshot(),
            {slug: mind.snapshot() for slug, mind in self._minds.items()},
        )  # fmt: skip

    def restore(self, kept: HouseKept) -> None:
        """Know what was known, after `start` and with the tables as they were. Raises KeyError for an agent that is not
        kept, ValueError where its plans mean nothing here.
        """
        self._tasks_changed, self._approvals_changed = kept.tasks_changed, kept.approvals_changed
        self._due, self._due_at = kept.due, kept.due_at
        self._claim_at, self._limits_at = kept.claim_at, kept.limits_at
        self._read_board()
        self.thoughts.restore(kept.thoughts)
        self.records.restore(kept.records)
        self.bugs.restore(kept.bugs)
        self.repertoire.restore(sensors.view("", "", "", self.world, self.records.machine()), kept.repertoire)
        for slug, mind in self._minds.items():
            mind.restore(kept.minds[slug])
        self.minds.restore(kept.seats)

    # -- asking ------------------------------------------------------------------------------------
    def mind(self, slug: str) -> Mind | None:
        """The mind of an agent, if it has one."""
        return self._minds.get(slug)

    def returns(self, slug: str) -> bool:
        """Whether what `slug` holds will be laid back of itself: agents that are awake do, people may not."""
        mind = self._minds.get(slug)
        return mind is not None and mind.awake

    def why_not(self, slug: str, text: str) -> WhyNot:
        """Why the agent does not do the action, or pursue the goal, fact or aim called `text`. Raises NotFound."""
        mind = self._minds.get(slug)
        if mind is None:
            raise NotFound(f"There is no mind called {slug} here.", next="agents")
        return whynot.why_not(mind, text)

    def said(self, view: View) -> Said:
        """Ground actions in words; the same object until a name of `view` changes."""
        if self._said is None or self._said.names is not view.names:
            self._said = Said(view, self.kinds)
        return self._said

    def toolbox(self, persona: Persona) -> Toolbox:
        """The tools of an agent, over its own home."""
        home = self._home(self.runtime.settings, persona.slug)
        return Toolbox(self.runtime, persona.slug, persona.having, self.sandbox, self.offload, home, self.events)

    # -- forty times a second ------------------------------------------------------------------------
    def slot(self, budget_ms: float) -> int:
        """Visit the minds that are due, and let one of them think whose thought tick has come, all in one unit of work; returns
        the number of visits.
        """
        if self.next_slot > self.runtime.clock.monotonic():
            return 0
        try:
            with self.events.unit():
                visits = self.minds.run_slot(budget_ms)
                self.thoughts.one()
                return visits
        except Exception:  # told on by whoever calls; nothing of this slot was written
            for mind in self.visited:
                mind.lose()
            self.thoughts.lose()
            raise
        finally:
            self.visited.clear()

    @property
    def next_slot(self) -> float:
        """Clock reading before which a slot would find nothing to do."""
        deadline = self.minds.next_deadline()
        return self.thoughts.next if deadline is None else min(deadline, self.thoughts.next)

    # -- once a second -----------------------------------------------------------------------------
    def heartbeat(self) -> None:
        """Let due seals take effect, give approved tasks to free agents, stop what stands still.

        The tables are asked only after a task or an approval was changed, or when its time has come.
        """
        if jump := self.jumps.pending():
            self._jumped(jump)
        self._look()
        if self._due is not None and self.runtime.clock.now() >= self._due:
            self.work.settle()
            self._approvals_changed = True
            self._look()
        instant = self.runtime.clock.monotonic()
        if self._offered and instant >= self._claim_at:
            self._claim_at = instant + self._claim()
        if self._working and instant >= self._limits_at:
            self._limits_at = instant + self._check_limits()
    @property
    def next_beat(self) -> float:
        """Clock reading before which a heartbeat would find nothing to do (for simulation)."""
        instant = self.runtime.clock.monotonic()
        if self._tasks_changed or self._approvals_changed:
            return instant
        beats = [self._claim_at] * bool(self._offered) + [self._limits_at] * bool(self._working)
        if self._due is not None:
            beats.append(self._due_at if instant < self._due_at else self._clock_at(self._due))
        return max(min(beats, default=float("inf")), instant)

    def _jumped(self, jump: timedelta) -> None:
        """The machine's clock was set, or it slept: what runs by the wall goes on where it was (docs/adr/0010)."""
        with durable(), self.events.unit():
            moved = self.governance.move(jump)
            self.work.move()
            self.events.append("log.jumped", SYSTEM, via="system", data={"seconds": round(jump.total_seconds()), "approvals": moved})
        for mind in self._minds.values():
            mind.recall.move(jump)
        self.jumps.taken(jump)
        self._tasks_changed = self._approvals_changed = True
        _log.warning("the machine's clock jumped %s; what was to come keeps the time it had left", in_words(jump))

    def _look(self) -> None:
        if self._approvals_changed:
            self._approvals_changed = False
            self._due = self.governance.next_due()
            self._due_at = self._clock_at(self._due) if self._due is not None else 0.0
        if self._tasks_changed:
            self._tasks_changed, self._claim_at, self._limits_at = False, 0.0, 0.0
            self._read_board()

    def _read_board(self) -> None:
        found = list(Task.objects.filter(status__in=("APPROVED", "RUNNING")).order_by("id"))
        self._offered = [task for task in found if task.status == "APPROVED"]
        self._working = [task for task in found if task.status == "RUNNING"]

    def _clock_at(self, due: datetime) -> float:
        """What the clock will read then; to be asked once, since its fractions differ with the instant of asking."""
        clock = self.runtime.clock
        return clock.monotonic() + (due - clock.now()).total_seconds()

    def _claim(self) -> float:
        """Give what may be taken to those who are free; returns the seconds after which to look again."""
        now = self.runtime.clock.now()
        graces = [0.0 if task.assignee else (self.work.free_at(task) - now).total_seconds() for task in self._offered]
        offered = [task for task, grace in zip(self._offered, graces, strict=True) if grace <= 0]
        for slug, mind in self._minds.items():
            if not offered:
                break
            if not mind.awake or mind.task() is not None:
                continue
            task = self.work.next_for(slug, granted(mind.persona.having), language=False, offered=offered)
            if task is None:
                continue
            offered.remove(task)
            try:
                self.work.claim(task.pk, slug)
            except (Conflict, TimmyError) as error:
                _log.info("%s did not get task %s: %s", slug, task.pk, error)
                continue
            self.minds.wake(slug)
        return max(CLAIM_SECONDS, min(graces)) if not offered else CLAIM_SECONDS

    def _check_limits(self) -> float:
        """Stop what stands still; returns the seconds before which nothing will have stood still too long."""
        stall, now = self.runtime.settings.stall_minutes * 60, self.runtime.clock.now()
        for task in self._working:
            mind = self._minds.get(task.assignee)
            if not self.work.over_limits(task) or (mind and mind.busy):
                continue
            task.refresh_from_db()  # progress is no change that the heartbeat hears of
            if task.status == "RUNNING" and (why := self.work.over_limits(task)):
                self.work.block(task.pk, task.assignee, why)
        since = min((task.progress_at or now for task in self._working), default=now)
        return max(LIMITS_SECONDS, stall - (now - since).total_seconds())


def build(
    runtime: Runtime, world: World, bodies: Callable[[str], Body], offload: Offload, *,
    personas: Path | Mapping[str, Persona] = personas_.FOLDER, actions: Path = repertoire_.FOLDER, kinds: Path = kinds_.FOLDER,
    probe: Probe | None = None, problems: Iterable[Problem] = (), defer: Defer = at_once,
    home: Callable[[Settings, str], Path] = artifacts.ensure_home, guard: Guard = unguarded,
) -> House:
    """Put every service together over `world`. The three folders are where builders add files.

    `bodies(slug)` gives an agent's body; `offload` runs blocking functions elsewhere. A file
    that cannot be used is left out and told of; the others load. `problems` are those of files
    that are loaded elsewhere; `defer` runs a function soon on the thread that calls the house; `home` gives
    an agent's repository; `guard` is around each stretch of a mind. `personas` may be given as they are,
    instead of a folder.
    """
    runtime.settings.state_dir.mkdir(parents=True, exist_ok=True)
    bus = Bus()
    events = EventLog(runtime, bus)
    governance = Governance(runtime, events)
    found_kinds, wrong = kinds_.discover(kinds)
    work = Work(runtime, events, governance, found_kinds, world)
    taken = [act.schema.name for kind in found_kinds.values() for act in kinds_.acts_of(kind)]
    acts, broken = repertoire_.discover(actions, taken)
    people, absent = personas_.load_all(personas) if isinstance(personas, Path) else (personas, [])
    return House(
        runtime, bus, events, governance, work, Journal(runtime, events), found_kinds, acts, people, world, bodies,
        offload, sandbox.choose_or_missing(runtime.settings), BugCapture(runtime, events, work, defer),
        [*absent, *wrong, *broken, *tools.discover()[1], *problems], probe, home, guard,
    )


_current: House | None = None


def install(house: House) -> None:
    """Make `house` the one of this process, for code that has no other way to it."""
    global _current
    _current = house


def current() -> House | None:
    """The house of this process, None before the world is composed."""
    return _current

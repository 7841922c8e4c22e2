"""The composition root: creates every part of the world once and gives each what it needs.

Owns the order of start and stop, and the two clocks of the minds (40 slots a second, one heartbeat a second).
Contains no rules: whatever is not wiring belongs to a part. A part that fails to start makes the Server's start
fail, which the Portal sees and logs.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.internet import reactor, threads
from twisted.internet.task import LoopingCall
from twisted.logger import Logger, globalLogPublisher

from agents.governance.rules import SYSTEM
from agents.kernel.errors import unwritable
from agents.kernel.runtime import Runtime
from agents.kernel.settings import current
from agents.mind.settings import MindSettings
from agents.thinking.settings import ThinkingSettings
from server.settings import ServerSettings

if TYPE_CHECKING:
    from agents.house.core import Core
    from agents.house.house import House
    from agents.selfmod.capture import BugCapture
    from server.records import Records

SLOT_SECONDS, SLOT_BUDGET_MS = 0.025, 9.0
BEAT_SECONDS = 1.0
CLEARING_SECONDS = 600.0
log = Logger()


def offload[T](function: Callable[..., T], *args: Any) -> Awaitable[T]:
    """Run a blocking function on the reactor's thread pool; it may touch neither tables nor the world."""
    awaitable: Awaitable[T] = threads.deferToThread(function, *args)
    return awaitable


class Running:
    """What `start` began and `stop` has to end."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.house: House | None = None
        self.loops: list[LoopingCall] = []
        self.ports: list[Any] = []
        self.undone: list[Callable[[], object]] = []

    def every(self, seconds: float, function: Callable[[], None], name: str) -> None:
        """Call `function` repeatedly, but not while the records cannot be written; a failure is logged and does not
        stop the beat.
        """
        from typeclasses.characters import put_back

        def guarded() -> None:
            try:
                if self.records.writable():
                    function()
                    self.records.worked()
            except Exception as error:  # noqa: BLE001  the beat of every mind must outlive one part's fault
                put_back()
                if (why := unwritable(error)) is not None:
                    self.records.refused(why)
                else:
                    log.failure("{name} failed", name=name)

        loop = LoopingCall(guarded)
        loop.start(seconds, now=False)
        self.loops.append(loop)

    def watch(self, bugs: BugCapture) -> None:
        """Send every unhandled error to the capture, whichever log it was written to."""
        root, handler = logging.getLogger(), bugs.handler()
        root.addHandler(handler)
        globalLogPublisher.addObserver(bugs.observe)
        self.undone += [lambda: root.removeHandler(handler), lambda: globalLogPublisher.removeObserver(bugs.observe)]


_running: Running | None = None


def running() -> Running | None:
    """What is running now; None before the world is composed."""
    return _running


def start() -> None:
    """Create the world's parts and start them. Runs inside the Server, at every start."""
    global _running
    from agents.house import house as houses
    from agents.lineage import preference
    from agents.mind.scheduler import Scheduler
    from agents.selfmod.capture import BugCapture
    from commands import live, talking, verbs
    from server import cascading, checkpoint, control, lag
    from server.records import Records
    from server.watchdog import Watchdog
    from typeclasses.body import EngineWorld, body_for
    from typeclasses.scripts import attend
    from web import pages
    from web.standing import SessionStore
    from world import functions, scenery
    from world.builder import ensure_world

    runtime = Runtime(settings=current(), zone=None)
    running, watchdog = (
        Running(Records(runtime.clock, runtime.settings.of(ServerSettings).lock_seconds)),
        Watchdog(runtime.settings.of(MindSettings).visit_seconds),
    )
    ensure_world()
    left_out = [*functions.discover()[1], *scenery.discover()[1], *verbs.discover()[1], *pages.discover()[1]]
    language = cascading.language(runtime.settings, reactor)
    running.undone.append(language.close)
    house = houses.build(
        runtime,
        EngineWorld(),
        body_for,
        offload,
        problems=left_out,
        defer=reactor.callFromThread,
        guard=watchdog,
        language=lambda: language,
        trouble=lambda: running.records.trouble,
        outside=_outside,
    )
    running.house = house
    keep(house, running)
    house.roster.amend(preference.applied(house.roster, preference.path(runtime.settings)))
    watchdog.begin()
    house.need(Scheduler).on_aside = lambda slug, why: reactor.callLater(0, set_aside, house, slug, why)
    running.watch(house.need(BugCapture))
    houses.install(house)
    live.install(house)
    talking.install(house)
    embody(house)
    house.start()
    running.undone.append(house.bus.subscribe("roster.*", lambda event: embody(house)))
    attend(house)
    running.every(SLOT_SECONDS, lambda: house.slot(SLOT_BUDGET_MS), "a slot")
    for part in house.with_beats:
        running.every(part.every, partial(house.beat, part), f"a beat of {part.name}")
    SessionStore.clear_expired()
    running.every(CLEARING_SECONDS, SessionStore.clear_expired, "clearing the sessions of browsers")
    running.records.begin()
    running.undone.append(running.records.end)
    running.ports.append(control.listen(house, running.records))
    running.loops.append(checkpoint.begin())
    lag.begin()
    _running = running
    _settle_memory()
    log.info("The world is composed: {count} agents", count=len(house.roster))


def _outside(core: Core) -> Mapping[type[Any], object]:
    """What only the Server can offer to the house, by port."""
    from agents.events.anchoring import Anchoring
    from agents.language.part import Audience
    from agents.thinking.ports import Handbook
    from agents.work.audit import Ranks
    from commands.handbook import Book
    from world.functions._cascade import attended
    from world.ranks import Watch

    watch = Watch(core.events, reactor.callFromThread)
    return {
        Anchoring: Anchoring(core.runtime, core.events, core.bus, offload),
        Ranks: watch,
        Watch: watch,
        Audience: lambda: attended(core.world),
        Handbook: Book(),
    }


def keep(house: House, running: Running) -> None:
    """Compare the record with its anchors and with the ranks, before this start writes anything; from now on keep
    both.
    """
    from agents.events.anchoring import Anchoring
    from world.ranks import Watch

    anchoring, watch = house.need(Anchoring), house.need(Watch)
    anchoring.begin()
    house.events.cover()
    watch.begin()
    running.every(BEAT_SECONDS, anchoring.beat, "a look at the anchors")
    running.undone.append(watch.end)


def embody(house: House) -> None:
    """Give each agent of the roster, and nobody else, a body in the world; arrivals and departures are recorded."""
    from world import builder, leaving

    with house.events.unit():
        came = builder.ensure_bodies(house.roster, house.runtime.settings.of(ThinkingSettings).thought_seconds)
        gone = leaving.lay_away({*house.roster, *(p.slug for p in house.problems)})
        for slug in came:
            house.events.append(
                f"agent.{slug}.came", SYSTEM, via="system", agent=slug, data={"room": house.body_of(slug).where()}
            )
        for slug, room in gone.items():
            house.events.append(f"agent.{slug}.gone", SYSTEM, via="system", agent=slug, data={"room": room})


def set_aside(house: House, slug: str, why: str) -> None:
    """Pause a mind that blocks the world until the owner resumes it, even across restarts; recorded."""
    from typeclasses import scripts

    scripts.pause(slug)
    house.events.append(f"agent.{slug}.paused", SYSTEM, via="system", agent=slug, data={"reason": why})
    log.warn("{slug} was stopped: {why}", slug=slug, why=why)


def _settle_memory() -> None:
    """Hide everything loaded so far from the garbage collector."""
    gc.collect()
    gc.freeze()


def stop() -> None:
    """Stop what `start` began, in reverse order; a start that failed leaves nothing to stop."""
    global _running
    from commands.doors import doors

    doors().close()
    if _running is None:
        return
    from agents.events.anchoring import Anchoring
    from agents.house import house as houses

    for port in _running.ports:
        port.stopListening()
    for loop in _running.loops:
        loop.stop()
    for undo in _running.undone:
        undo()
    if house := houses.current():
        house.stop()
        if anchoring := house.find(Anchoring):
            anchoring.stop()
    _running = None

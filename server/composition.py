"""The composition root: builds every part of the world once and hands each what it needs.

Owns the order of start and end, and the two clocks of the minds (40 slots a second, one
heartbeat a second). Refuses to hold any rule: what is not wiring belongs to a part. A part
that fails to start fails the Server's start, which the Portal sees and logs.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from twisted.internet import reactor, threads
from twisted.internet.task import LoopingCall
from twisted.logger import Logger, globalLogPublisher

from agents.governance.rules import SYSTEM
from agents.kernel.errors import unwritable
from agents.kernel.runtime import Runtime
from agents.kernel.settings import current

if TYPE_CHECKING:
    from agents.mind.house import House
    from agents.selfmod.capture import BugCapture
    from server.records import Records

T = TypeVar("T")
SLOT_SECONDS, SLOT_BUDGET_MS = 0.025, 9.0
BEAT_SECONDS = 1.0
log = Logger()


def offload(function: Callable[..., T], *args: Any) -> Awaitable[T]:
    """Run a blocking function on the reactor's threads; it may touch neither tables nor the world."""
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
        """Call `function` again and again, not while the records cannot be written; one failure is logged
        and does not end the beat.
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
        """Bring every unhandled error here to the capture, whichever log it was written to."""
        root, handler = logging.getLogger(), bugs.handler()
        root.addHandler(handler)
        globalLogPublisher.addObserver(bugs.observe)
        self.undone += [lambda: root.removeHandler(handler), lambda: globalLogPublisher.removeObserver(bugs.observe)]


_running: Running | None = None


def running() -> Running | None:
    """What runs now, None before the world is composed."""
    return _running


def start() -> None:
    """Build the world's parts and set them going. Runs inside the Server, at every start."""
    global _running
    from agents.lineage import preference
    from agents.mind import house as houses
    from agents.thinking.conversation import UPDATE_SECONDS
    from commands import live, talking, verbs
    from server import cascading, checkpoint, control, lag
    from server.records import Records
    from server.watchdog import Watchdog
    from typeclasses.body import EngineWorld, body_for
    from typeclasses.scripts import attend
    from world import functions
    from world.builder import ensure_world
    from world.functions._cascade import attended

    runtime = Runtime(settings=current())
    running, watchdog = Running(Records(runtime.clock, runtime.settings.lock_seconds)), Watchdog(runtime.settings.visit_seconds)
    ensure_world()
    left_out = [*functions.discover()[1], *verbs.discover()[1]]
    house = houses.build(
        runtime, EngineWorld(), body_for, offload, problems=left_out, defer=reactor.callFromThread,
        guard=watchdog,
    )
    running.house = house
    house.personas |= preference.applied(house.personas, preference.path(runtime.settings))
    house.language = language = cascading.language(runtime.settings, reactor)
    running.undone.append(language.close)
    house.trouble = lambda: running.records.trouble
    watchdog.begin()
    house.minds.on_aside = lambda slug, why: reactor.callLater(0, set_aside, house, slug, why)
    running.watch(house.bugs)
    houses.install(house)
    live.install(house)
    talking.install(house)
    embody(house)
    house.start()
    house.conversation.take_up()
    attend(house)
    running.every(SLOT_SECONDS, lambda: house.slot(SLOT_BUDGET_MS), "a slot of the minds")
    running.every(BEAT_SECONDS, house.heartbeat, "the heartbeat")
    running.every(UPDATE_SECONDS / 2, house.conversation.beat, "a beat of the conversations")
    running.every(BEAT_SECONDS, lambda: house.cascade.beat(lambda: attended(house)), "the look at the cascade")
    running.records.begin()
    running.undone.append(running.records.end)
    running.ports.append(control.listen(house, running.records))
    running.loops.append(checkpoint.begin())
    lag.begin()
    _running = running
    _settle_memory()
    log.info("The world is composed: {count} agents", count=len(house.personas))


def embody(house: House) -> None:
    """Have a body stand in the world for each agent of the roster and for no other; who came and who went is on record."""
    from world import builder, leaving

    with house.events.unit():
        came = builder.ensure_bodies(house.personas, house.runtime.settings.thought_seconds)
        gone = leaving.lay_away({*house.personas, *(p.slug for p in house.problems)})
        for slug in came:
            house.events.append(f"agent.{slug}.came", SYSTEM, via="system", agent=slug, data={"room": house.body_of(slug).where()})
        for slug, room in gone.items():
            house.events.append(f"agent.{slug}.gone", SYSTEM, via="system", agent=slug, data={"room": room})


def set_aside(house: House, slug: str, why: str) -> None:
    """Lay a mind that holds the world up to rest until the owner resumes it, also over restarts; on record."""
    from typeclasses import scripts

    scripts.pause(slug)
    house.events.append(f"agent.{slug}.paused", SYSTEM, via="system", agent=slug, data={"reason": why})
    log.warn("{slug} was set aside: {why}", slug=slug, why=why)


def _settle_memory() -> None:
    """Take all that was loaded so far out of the collector's sight.

    It lives as long as the process, and looking through it would make every full collection a
    pause that players feel.
    """
    gc.collect()
    gc.freeze()


def stop() -> None:
    """End what `start` began, in the opposite order; a start that failed left nothing to end."""
    global _running
    from commands.doors import doors

    doors().close()
    if _running is None:
        return
    from agents.mind import house as houses

    for port in _running.ports:
        port.stopListening()
    for loop in _running.loops:
        loop.stop()
    for undo in _running.undone:
        undo()
    if house := houses.current():
        house.stop()
    _running = None

"""The house: the parts of one world, found, ordered and called in turn.

Owns their order, the unit of work that all share in a slot, and the look-up of a part by its type. Imports no part,
does no part's work, and does not let a broken one affect the others. The program around it (the Server, a test, a
simulation) calls `build` once.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

from agents.events.durable import durable
from agents.governance.rules import SYSTEM, Actor
from agents.house import ground
from agents.house.core import Core
from agents.house.find import find
from agents.house.part import NEVER, Part
from agents.house.timing import Timing
from agents.house.values import Candidate, Sentence, Wish
from agents.kernel.errors import Unavailable, unwritable
from agents.kernel.jumps import Jumps, in_words
from agents.kernel.problem import Problem, raised
from agents.kernel.runtime import Runtime
from agents.work.ports import Body, Offload, World

T = TypeVar("T")
REST_SECONDS = 10.0
"""How long a part is skipped after its slot or beat raised an error, in seconds."""
_log = logging.getLogger("timmy.house")


@dataclass(frozen=True)
class House(Core):
    """All parts of one world over its core. Not thread-safe: one thread calls everything."""

    jumps: Jumps
    parts: list[Part] = field(default_factory=list)
    timing: dict[str, Timing] = field(default_factory=dict)
    """How long the beats of each part took."""
    _ports: dict[type[Any], object] = field(default_factory=dict)
    _hooks: dict[str, list[Part]] = field(default_factory=dict)
    _rest: dict[str, float] = field(default_factory=dict)

    # -- assembly ----------------------------------------------------------------------------------
    def furnish(self, core: Core, found: Iterable[type[Part]]) -> None:
        """Create and wire the parts; all offers exist before the first part takes any."""
        for kind in found:
            with self._left_out(kind):
                part = kind(core)
                self._ports.update({kind: part, **part.offers()})
                self.parts.append(part)
        for part in list(self.parts):
            with self._left_out(type(part)):
                part.wire(self)
        self.timing.update({part.name: Timing(self.runtime.clock) for part in self.parts})

    @contextmanager
    def _left_out(self, kind: type[Part]) -> Iterator[None]:
        """An error inside leaves the part out: it becomes a problem, and the others continue without it."""
        try:
            yield
        except Exception as error:
            if unwritable(error) is not None:
                raise
            self.problems.append(raised(error, Path(inspect.getfile(kind)), f"part {kind.name}"))
            part = self._ports.pop(kind, None)
            if isinstance(part, Part) and part in self.parts:
                self.parts.remove(part)
                for port in part.offers():
                    self._ports.pop(port, None)

    def find(self, port: type[T]) -> T | None:
        """What is offered for `port`, which may be a part's own class; None if nothing is."""
        return cast("T | None", self._ports.get(port))

    def need(self, port: type[T]) -> T:
        """The same; raises Unavailable if nothing is offered."""
        found = self.find(port)
        if found is None:
            raise Unavailable(f"This house has no {port.__name__}: its part was left out.", next="timmy doctor")
        return found

    # -- start and stop -----------------------------------------------------------------------------
    def start(self) -> list[str]:
        """Resume what was left unfinished (T5) and start every part; returns a line for each thing resumed."""
        taken_up = self.work.drain()
        for line in taken_up:
            _log.info("taken up: %s", line)
        for problem in self.problems:
            self._tell(problem)
        for part in list(self.parts):
            told = len(self.problems)
            with self._left_out(type(part)):
                part.start()
            for problem in self.problems[told:]:
                self._tell(problem)
        return taken_up

    def _tell(self, problem: Problem) -> None:
        """Report once what is wrong with a builder's file; `timmy status` and `timmy doctor` keep reporting it."""
        _log.error("%s left out: %s", problem.what, problem)
        topic = f"agent.{problem.slug}.life" if problem.slug else "file.broken"
        told = {"state": "FAILED", "stage": "CONFIG_LOAD"} if problem.slug else {"what": problem.what}
        data = {**told, "reason": str(problem)}
        self.events.append(topic, "system:world", via="system", agent=problem.slug, data=data)

    def stop(self) -> None:
        """Stop every part, and the commands that are awaited; unfinished work is on record."""
        for part in reversed(self.parts):
            self._guarded(part, "the end", part.stop)
        self.sandbox.stop()

    # -- saving ------------------------------------------------------------------------------------
    @property
    def at_rest(self) -> bool:
        """Whether no part is in the middle of something."""
        return all(part.at_rest for part in self.parts)

    def snapshot(self) -> dict[str, Any]:
        """The state of its parts outside the tables, by name, while they are at rest."""
        return {part.name: part.snapshot() for part in self.parts}

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Restore that state, after `start` and with the same tables. Raises KeyError, ValueError."""
        for part in self.parts:
            part.restore(kept[part.name])

    # -- forty times a second ------------------------------------------------------------------------
    @property
    def next_slot(self) -> float:
        """Clock reading before which a slot would find nothing to do."""
        return self._first("next_slot")

    def slot(self, budget_ms: float) -> None:
        """Give a slot to each part that wants one, all in one unit of work. If it cannot be written, everything is
        rolled back.
        """
        clock = self.runtime.clock
        if self.next_slot > clock.monotonic():
            return
        took: list[Part] = []
        try:
            with self.events.unit():
                for part in self._having("next_slot"):
                    if self._at(part, "next_slot") <= clock.monotonic():
                        took.append(part)
                        self._guarded(part, "a slot", part.slot, budget_ms)
        except Exception:  # the caller reports it; nothing of this slot was written
            for part in took:
                part.lose()
            raise

    # -- beats -------------------------------------------------------------------------------------
    @property
    def with_beats(self) -> list[Part]:
        """The parts that have beats, in order."""
        return self._having("next_beat")

    @property
    def next_beat(self) -> float:
        """Clock reading before which a heartbeat would find nothing to do."""
        return self._first("next_beat")

    def heartbeat(self) -> None:
        """Follow changes of the clock, and let each part do what is due."""
        for part in self.with_beats:
            self.beat(part)

    def beat(self, part: Part) -> None:
        """Let one part do what is due, and measure how long it took."""
        if jump := self.jumps.pending():
            self._jumped(jump)
        if self._at(part, "next_beat") <= self.runtime.clock.monotonic():
            with self.timing[part.name]:
                self._guarded(part, "a beat", part.beat)

    def _jumped(self, jump: timedelta) -> None:
        """The machine's clock was changed, or it slept: wall-clock deadlines keep the time they had left
        (docs/adr/0010).
        """
        with durable(), self.events.unit():
            moved = self.governance.move(jump)
            self.work.move()
            data = {"seconds": round(jump.total_seconds()), "approvals": moved}
            self.events.append("log.jumped", SYSTEM, via="system", data=data)
        for part in self.parts:
            part.move(jump)
        self.jumps.taken(jump)
        _log.warning("the machine's clock jumped %s; deadlines keep the time they had left", in_words(jump))

    # -- what parts provide for minds ----------------------------------------------------------------
    def wishes(self, slug: str, now: datetime) -> list[Wish]:
        """What an agent could want now, from all parts."""
        return [wish for part in self._having("wishes") for wish in part.wishes(slug, now)]

    def wants_at(self, slug: str, now: datetime) -> float:
        """Seconds from now before which an idle agent can want nothing more from them."""
        return min((part.wants_at(slug, now) for part in self._having("wants_at")), default=NEVER)

    def seeds(self, slug: str) -> list[Candidate]:
        """What an agent might think about."""
        return [seed for part in self._having("seeds") for seed in part.seeds(slug)]

    def recalls(self, slug: str, words: str, asker: Actor) -> list[Sentence]:
        """What an agent may state to `asker` in reply to these words, or about the subject of a seed."""
        return [said for part in self._having("recalls") for said in part.recalls(slug, words, asker)]

    def _having(self, hook: str) -> list[Part]:
        """The parts with this hook; looked up once, because it is called at each visit of each mind."""
        if hook not in self._hooks:
            self._hooks[hook] = [one for one in self.parts if getattr(type(one), hook) is not getattr(Part, hook)]
        return self._hooks[hook]

    # -- a part that fails ---------------------------------------------------------------------------
    def _guarded(self, part: Part, what: str, turn: Callable[..., None], *given: float) -> None:
        """An error in one part is captured, and the part is skipped for a while; the others continue. If nothing can
        be written, no part is to blame: the slot or beat is rolled back and tried again.
        """
        try:
            turn(*given)
            if self._rest:
                self._rest.pop(part.name, None)
        except Exception as error:  # noqa: BLE001  it is captured, unless nothing can be written
            self._stumbled(part, error, what)

    def _stumbled(self, part: Part, error: Exception, what: str) -> None:
        if unwritable(error) is not None:
            raise error
        self._rest[part.name] = self.runtime.clock.monotonic() + REST_SECONDS
        self.faults(error, f"{what} of {part.name}")

    def _at(self, part: Part, hook: str) -> float:
        """When the part wants its next slot or beat; it is not called before its pause is over."""
        rested = self._rest.get(part.name)
        if rested is not None and rested > self.runtime.clock.monotonic():
            return rested
        try:
            at: float = getattr(part, hook)
        except Exception as error:  # noqa: BLE001  it is captured, as what its slots and beats raise is
            self._stumbled(part, error, hook)
            return self._rest[part.name]
        return at

    def _first(self, hook: str) -> float:
        """The earliest of these times. While all parts work they are called without further checks, at each slot."""
        if not self._rest:
            with suppress(Exception):
                return min([getattr(part, hook) for part in self._having(hook)], default=NEVER)
        return min([self._at(part, hook) for part in self._having(hook)], default=NEVER)


def build(
    runtime: Runtime,
    world: World,
    bodies: Callable[[str], Body],
    offload: Offload,
    *,
    outside: Callable[[Core], Mapping[type[Any], object]] = lambda core: {},
    **more: Any,
) -> House:
    """Assemble a house over `world`. `outside` holds what only the program around it can offer to its parts, by port;
    everything else is as in `ground.lay`.
    """
    core = ground.lay(runtime, world, bodies, offload, **more)
    found, wrong = find()
    core.problems.extend(wrong)
    services = {one.name: getattr(core, one.name) for one in fields(core)}
    house = House(**services, jumps=Jumps(runtime.clock), _ports=dict(outside(core)))
    house.furnish(core, found)
    return house


_current: House | None = None


def install(house: House) -> None:
    """Make `house` the one of this process, for code that has no other way to reach it."""
    global _current
    _current = house


def current() -> House | None:
    """The house of this process; None before the world is assembled."""
    return _current

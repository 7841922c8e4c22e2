"""The thought stream: at each thought tick of an agent, one thought.

Owns when one is thought and by what: by a model where one can be asked and the hour allows it, else by reflex.
Refuses to think two at once for one agent, to let an error become a thought, and to wait: an answer that comes
too late is dropped, and an agent without a tick asks nobody anything.

    tick ─▶ due ─▶ the first that waits, or a seed ─▶ asked ─▶ thought
                                      └────── reflex ──────────┘ └─▶ dropped (too late)
"""

from __future__ import annotations

import heapq
import logging
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.python.failure import Failure

from agents.cascade.ports import Answer
from agents.events.models import Event
from agents.governance.rules import SYSTEM
from agents.house.core import Core
from agents.house.house import House
from agents.house.part import Part
from agents.house.values import Candidate
from agents.kernel.errors import TimmyError, unwritable
from agents.thinking import asking, musing, reflex, seeds
from agents.thinking.candidates import Happenings, candidates
from agents.thinking.forms import Said
from agents.thinking.models import Thought
from agents.thinking.ports import Ground, Handbook, Known
from agents.thinking.rules import ASKED, REFLEX, THOUGHT
from agents.thinking.settings import ThinkingSettings
from agents.thinking.stream import Stream

if TYPE_CHECKING:
    from agents.governance.rules import Actor

log = logging.getLogger("timmy.thinking")
RETRY_SECONDS = 10.0
"""After which an agent that cannot think yet is looked at again."""
GAP_SECONDS = 20.0
"""Least time between two thoughts where some wait: what is given is thought soon, but not all at once."""
LATE_SECONDS = 300.0
"""An answer that comes later than this, or later than the agent's next thought, is not needed any more."""
BEFORE = 3
"""Thoughts before it that a model is shown."""


@dataclass
class _Asked:
    """A thought that a model was asked for. `give_up`: reading of the clock."""

    thought: Thought
    give_up: float


@dataclass(frozen=True)
class ThoughtsKept:
    """When each agent thinks next, where that is on record nowhere else, and the forms of its last musings."""

    due: dict[str, float]
    forms: dict[str, list[int]]


class Thoughts(Part):
    """The thoughts of all agents of one house. Not thread-safe: one thread calls everything."""

    name = "thoughts"
    after = ("mind",)
    Kept = ThoughtsKept

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.stream = Stream(core.runtime, core.events)
        self.happenings = Happenings()
        self._due: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []
        """When each agent thinks next, and the same in order; what is not so any more is passed over."""
        self._driven = False
        self._forms: dict[str, bytes] = {}
        """The forms of each agent's last musings, the newest first."""
        self._begun: dict[str, float] = {}
        """When an agent whose queue is not empty last began a thought."""
        self._asked: dict[str, _Asked] = {}
        self._stray: list[Thought] = []
        self._lost = False
        self._unsubscribe: list[Callable[[], None]] = []

    # -- beginning and end -----------------------------------------------------------------------
    def wire(self, house: House) -> None:
        """Find out who knows the minds."""
        self._known = house.need(Known)
        self.ground = Ground(self.core, self._known, house.seeds, house.recalls, house.find(Handbook))

    def start(self) -> None:
        """Load what the tables know."""
        self.read()
        self._stray = self.stream.stray()
        for slug in sorted(self.stream.waiting):
            self.tick(slug)
        heard = {"task.*": self.happenings.heard, "roster.added": self._added, "roster.removed": self._removed}
        self._unsubscribe = [self.core.bus.subscribe(topic, hear) for topic, hear in heard.items()]

    def read(self) -> None:
        """Discard what is cached from the tables."""
        self.stream.read()
        self.happenings.read()

    def stop(self) -> None:
        """Stop; answers that a model still owes are looked up at the next start."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._asked.clear()
        self._due.clear()

    def _added(self, event: Event) -> None:
        """An agent has come to live here. If no engine timer ticks for it, it is ticked here."""
        if self._driven:
            self._plan(event.agent, self._clock() + self._known.who(event.agent).thought_every)

    def _removed(self, event: Event) -> None:
        self._forms.pop(event.agent, None)
        self._due.pop(event.agent, None)
        self._asked.pop(event.agent, None)

    def overdue(self, slug: str) -> bool:
        """Whether the agent's last thought is longer ago than its thoughts are apart, or it had none."""
        last = next(iter(self.stream.recent(slug)), None)
        every = self._known.who(slug).thought_every
        return last is None or (self.core.runtime.clock.now() - last.at).total_seconds() >= every

    # -- keeping ---------------------------------------------------------------------------------
    def snapshot(self) -> ThoughtsKept:
        """Everything that is not in the tables."""
        return ThoughtsKept(dict(self._due), {slug: list(used) for slug, used in self._forms.items()})

    def restore(self, kept: ThoughtsKept) -> None:
        """Go on with what was kept."""
        self.read()
        self._due.clear()
        self._forms = {slug: bytes(used) for slug, used in kept.forms.items()}
        for slug, at in kept.due.items():
            self._plan(slug, at)

    # -- when ------------------------------------------------------------------------------------
    def tick(self, slug: str) -> None:
        """The agent's thought tick has come: it thinks in the next slot, or in a later one once it is able to."""
        self._plan(slug, self._clock())

    def _plan(self, slug: str, at: float) -> None:
        self._due[slug] = at
        heapq.heappush(self._heap, (at, slug))

    def drive(self) -> None:
        """Make the ticks here, one agent after the other, if no engine timer does."""
        self._driven = True
        for place, slug in enumerate(self.core.roster, 1):
            self._plan(slug, self._clock() + self._known.who(slug).thought_every * place / len(self.core.roster))

    def inject(self, slug: str, text: str, actor: Actor, via: str) -> Thought:
        """Put somebody's words before all else that waits, to be thought soon. Raises as `Stream.inject`."""
        thought = self.stream.inject(slug, text, actor, via)
        if slug not in self._due:
            self._plan(slug, self._soon(slug))
        return thought

    @property
    def next_slot(self) -> float:
        """When the next thought is due."""
        if self._stray or self._lost:
            return float("-inf")
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else float("inf")

    def slot(self, budget_ms: float) -> None:
        """Let the agent think that has been due longest."""
        if self._lost:
            self.read()
            self._lost = False
        if self._stray:
            self._take_up()
        instant = self._clock()
        if self.next_slot > instant:
            return
        at, slug = self._heap[0]
        able = self._known.able(slug)
        if able:
            self._next(slug)
        if self._driven:
            self._plan(slug, at + self._known.who(slug).thought_every)
        elif able is False:
            self._plan(slug, instant + RETRY_SECONDS)
        elif able and self.stream.waiting[slug] and slug not in self._asked:
            self._plan(slug, self._soon(slug))
        else:
            del self._due[slug]

    def _next(self, slug: str) -> None:
        """Think once. What breaks in it is captured; the agent's other thoughts and all others go on. It breaks before
        anything is written, unless nothing can be written: then the slot is undone, and tried again.
        """
        try:
            self._think(slug)
        except Exception as error:
            if unwritable(error) is not None:
                raise
            self.core.faults(error, f"a thought of {slug}")

    def lose(self) -> None:
        """The last writes may have been undone: reload from the tables."""
        self._lost = True

    def _soon(self, slug: str) -> float:
        return max(self._clock(), self._begun.get(slug, float("-inf")) + GAP_SECONDS)

    def _clock(self) -> float:
        return self.core.runtime.clock.monotonic()

    def seeds(self, slug: str) -> list[Candidate]:
        """What the records of the house give an agent to think of; there is always something."""
        return candidates(self.ground, slug, self.happenings, self.stream.recent(slug))

    # -- what --------------------------------------------------------------------------------------
    def _think(self, slug: str) -> None:
        if (asked := self._asked.get(slug)) is not None:
            if self._clock() < asked.give_up:
                return
            self._give_up(slug, asked)
        thought = self.stream.take(slug)
        if thought is None:
            recent = self.stream.recent(slug)
            found = self.ground.seeds(slug)
            thought = self.stream.begin(
                slug, seeds.choose(found, recent, self.core.runtime.clock.now(), self.core.runtime.random)
            )
        else:
            self._begun[slug] = self._clock()
        if self.core.language() is None:
            self._reflex(thought)
        elif (spent := self.stream.asked(slug)) >= (most := self._known.who(slug).thoughts_an_hour):
            self._reflex(thought, f"a model was asked {spent} times within the hour, and {most} are allowed")
        else:
            self._ask(thought)

    def _said(self, thought: Thought) -> Said:
        salt = zlib.crc32(thought.id.encode())
        if thought.injected_by:
            return reflex.given(self.ground, thought, salt)
        used = self._forms.get(thought.agent, b"")
        mused = musing.muse(self.ground, thought.agent, thought.subject, salt, used, SYSTEM)
        if mused is not None:
            self._forms[thought.agent] = (bytes([mused[0]]) + used)[: musing.WINDOW - 1]
            return mused[1]
        last = next(iter(self.stream.recent(thought.agent)), None)
        return reflex.thought(self.ground, thought.agent, thought.kind, thought.subject, salt, last)

    def _reflex(self, thought: Thought, why: str = "") -> None:
        said = self._said(thought)
        self._end(thought, said.text, REFLEX, [[one.text, list(one.records)] for one in said.sentences], why)

    def _end(self, thought: Thought, text: str, source: str, records: list[list[object]], note: str = "") -> None:
        kept = self.core.runtime.settings.of(ThinkingSettings).thoughts_kept
        self.stream.end(thought, text, source, records, note, self._known.where(thought.agent), kept)

    # -- by a model ------------------------------------------------------------------------------------
    def _ask(self, thought: Thought) -> None:
        language, slug = self.core.language(), thought.agent
        assert language is not None
        who = self._known.who(slug)
        before = self.stream.page(slug, 1, BEFORE)[0][::-1]
        given = thought.subject if thought.injected_by else ""
        asked = asking.question(
            thought.id, who, seeds.kind_of(thought.kind), self._said(thought), [one.text for one in before], given
        )
        self.stream.ask(thought)
        self.core.events.unit.then(lambda: self._await(thought, lambda: language.ask(asked, _unheard)))

    def _take_up(self) -> None:
        """Ask after what was under way when the world was last stopped, or whose end could not be written down."""
        language = self.core.language()
        while self._stray:
            thought = self._stray[-1]
            if language is None or thought.agent not in self.core.roster:
                with self.core.events.unit():
                    self.stream.drop(thought, "the world was started again, and no model service is connected")
            else:
                self._await(thought, partial(language.resume, thought.id, _unheard))
            self._stray.pop()

    def _await(self, thought: Thought, ask: Callable[[], Deferred[Answer]]) -> None:
        late = min(LATE_SECONDS, self._known.who(thought.agent).thought_every)
        asked = self._asked[thought.agent] = _Asked(thought, self._clock() + late)
        answered = maybeDeferred(ask)
        answered.addBoth(self._answered, asked)
        answered.addErrback(self._unsettled, thought)

    def _answered(self, result: Answer | Failure, asked: _Asked) -> None:
        """A model has answered, or nobody could: write down what it comes to, unless it was given up meanwhile."""
        thought = asked.thought
        slug = thought.agent
        if self._asked.get(slug) is not asked:
            return
        del self._asked[slug]
        with self.core.events.unit():
            if isinstance(result, Answer) and self._clock() > asked.give_up:
                self.stream.drop(thought, "the answer came too late")
            else:
                self._settle(thought, result)
        if self.stream.waiting[slug]:
            self._plan(slug, self._soon(slug))

    def _unsettled(self, failure: Failure, thought: Thought) -> None:
        """What came of it is not on record: it is asked after once more, where that was for want of room to write."""
        self._lost = True
        if failure.value is None or unwritable(failure.value) is None:
            self.core.faults(failure.value or RuntimeError("unknown"), f"the answer to a thought of {thought.agent}")
            return
        thought.state = ASKED
        self._stray.append(thought)

    def _settle(self, thought: Thought, result: Answer | Failure) -> None:
        try:
            if isinstance(result, Failure):
                result.raiseException()
            else:
                self._end(thought, asking.taken(result), asking.source(result), [])
        except Exception as error:  # whatever it was, it becomes no thought
            if unwritable(error) is not None:
                raise
            if not isinstance(error, TimmyError):
                self.core.faults(error, f"asking for a thought of {thought.agent}")
            log.info("no model made a thought of %s: %s", thought.agent, error)
            if thought.state != THOUGHT:
                self._reflex(thought, str(error) or type(error).__name__)

    def _give_up(self, slug: str, asked: _Asked) -> None:
        """Stop waiting for this answer."""
        del self._asked[slug]
        self.stream.drop(asked.thought, "the answer did not come in time")
        language = self.core.language()
        if language is not None:
            cancelled = maybeDeferred(language.cancel, asked.thought.id)
            cancelled.addErrback(
                lambda failure: log.info("a question could not be cancelled: %s", failure.getErrorMessage())
            )


def _unheard(text: str) -> None:
    """Nobody listens to a thought while it comes."""

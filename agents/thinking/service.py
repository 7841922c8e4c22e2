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
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, maybeDeferred
from twisted.python.failure import Failure

from agents.cascade.ports import Answer
from agents.kernel.errors import TimmyError, unwritable
from agents.thinking import asking, reflex, seeds
from agents.thinking.candidates import Happenings, candidates
from agents.thinking.forms import Said
from agents.thinking.models import Thought
from agents.thinking.rules import ASKED, REFLEX, THOUGHT
from agents.thinking.stream import Stream

if TYPE_CHECKING:
    from agents.governance.rules import Actor
    from agents.mind.house import House

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


class Thoughts:
    """The thoughts of all agents of one house. Not thread-safe: one thread calls everything."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.stream = Stream(house.runtime, house.events)
        self.happenings = Happenings(house)
        self._due: dict[str, float] = {}
        self._heap: list[tuple[float, str]] = []
        """When each agent thinks next, and the same in order; what is not so any more is passed over."""
        self._driven = False
        self._begun: dict[str, float] = {}
        """When an agent whose queue is not empty last began a thought."""
        self._asked: dict[str, _Asked] = {}
        self._stray: list[Thought] = []
        self._lost = False
        self._unsubscribe: Callable[[], None] = lambda: None

    # -- beginning and end -----------------------------------------------------------------------
    def start(self) -> None:
        """Take up what the tables know."""
        self.read()
        self._stray = self.stream.stray()
        for slug in sorted(self.stream.waiting):
            self.tick(slug)
        self._unsubscribe = self._house.bus.subscribe("task.*", self.happenings.heard)

    def read(self) -> None:
        """Forget what is held of the tables."""
        self.stream.read()
        self.happenings.read()

    def stop(self) -> None:
        """Let go; what a model was asked for is asked after at the next start."""
        self._unsubscribe()
        self._asked.clear()
        self._due.clear()

    def overdue(self, slug: str) -> bool:
        """Whether the agent's last thought is longer ago than its thoughts are apart, or it had none."""
        last = next(iter(self.stream.recent(slug)), None)
        every = self._house.known.who(slug).thought_every
        return last is None or (self._house.runtime.clock.now() - last.at).total_seconds() >= every

    # -- keeping ---------------------------------------------------------------------------------
    def snapshot(self) -> dict[str, float]:
        """When each agent thinks next, where that is on record nowhere else."""
        return dict(self._due)

    def restore(self, kept: Mapping[str, float]) -> None:
        """Go on with what was kept."""
        self.read()
        self._due.clear()
        for slug, at in kept.items():
            self._plan(slug, at)

    # -- when ------------------------------------------------------------------------------------
    def tick(self, slug: str) -> None:
        """The agent's thought tick has come: it thinks in the next slot, or in a later one once it is able to."""
        self._plan(slug, self._clock())

    def _plan(self, slug: str, at: float) -> None:
        self._due[slug] = at
        heapq.heappush(self._heap, (at, slug))

    def drive(self) -> None:
        """Make the ticks here, one agent's after the other's, where no timer of an engine does."""
        self._driven = True
        for place, slug in enumerate(self._house.personas, 1):
            self._plan(slug, self._clock() + self._house.known.who(slug).thought_every * place / len(self._house.personas))

    def inject(self, slug: str, text: str, actor: Actor, via: str) -> Thought:
        """Put somebody's words before all else that waits, to be thought soon. Raises as `Stream.inject`."""
        thought = self.stream.inject(slug, text, actor, via)
        if slug not in self._due:
            self._plan(slug, self._soon(slug))
        return thought

    @property
    def next(self) -> float:
        """Clock reading before which `one` has nothing to do."""
        if self._stray or self._lost:
            return float("-inf")
        while self._heap and self._due.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else float("inf")

    def one(self) -> None:
        """Let the agent think whose time has come first; called in each slot that comes after `next`."""
        if self._lost:
            self.read()
            self._lost = False
        if self._stray:
            self._take_up()
        instant = self._clock()
        if self.next > instant:
            return
        at, slug = self._heap[0]
        able = self._house.known.able(slug)
        if able:
            self._next(slug)
        if self._driven:
            self._plan(slug, at + self._house.known.who(slug).thought_every)
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
            self._house.bugs.capture(error, f"a thought of {slug}")

    def lose(self) -> None:
        """What was written down last may be undone: go on from the tables."""
        self._lost = True

    def _soon(self, slug: str) -> float:
        return max(self._clock(), self._begun.get(slug, float("-inf")) + GAP_SECONDS)

    def _clock(self) -> float:
        return self._house.runtime.clock.monotonic()

    # -- what --------------------------------------------------------------------------------------
    def _think(self, slug: str) -> None:
        if (asked := self._asked.get(slug)) is not None:
            if self._clock() < asked.give_up:
                return
            self._give_up(slug, asked)
        thought = self.stream.take(slug)
        if thought is None:
            house, recent = self._house, self.stream.recent(slug)
            found = candidates(house, slug, self.happenings, recent)
            thought = self.stream.begin(slug, seeds.choose(found, recent, house.runtime.clock.now(), house.runtime.random))
        else:
            self._begun[slug] = self._clock()
        if self._house.language is None:
            self._reflex(thought)
        elif (spent := self.stream.asked(slug)) >= (most := self._house.known.who(slug).thoughts_an_hour):
            self._reflex(thought, f"a model was asked {spent} times within the hour, and {most} are allowed")
        else:
            self._ask(thought)

    def _said(self, thought: Thought) -> Said:
        salt = zlib.crc32(thought.id.encode())
        if thought.injected_by:
            return reflex.given(self._house, thought, salt)
        last = next(iter(self.stream.recent(thought.agent)), None)
        return reflex.thought(self._house, thought.agent, thought.kind, thought.subject, salt, last)

    def _reflex(self, thought: Thought, why: str = "") -> None:
        said = self._said(thought)
        self._end(thought, said.text, REFLEX, [[one.text, list(one.records)] for one in said.sentences], why)

    def _end(self, thought: Thought, text: str, source: str, records: list[list[object]], note: str = "") -> None:
        kept = self._house.runtime.settings.thoughts_kept
        self.stream.end(thought, text, source, records, note, self._house.known.where(thought.agent), kept)

    # -- by a model ------------------------------------------------------------------------------------
    def _ask(self, thought: Thought) -> None:
        language, slug = self._house.language, thought.agent
        assert language is not None
        who = self._house.known.who(slug)
        before = self.stream.page(slug, 1, BEFORE)[0][::-1]
        given = thought.subject if thought.injected_by else ""
        asked = asking.question(thought.id, who, seeds.kind_of(thought.kind), self._said(thought), [one.text for one in before], given)
        self.stream.ask(thought)
        self._house.events.unit.then(lambda: self._await(thought, lambda: language.ask(asked, _unheard)))

    def _take_up(self) -> None:
        """Ask after what was under way when the world was last stopped, or whose end could not be written down."""
        language = self._house.language
        while self._stray:
            thought = self._stray[-1]
            if language is None or thought.agent not in self._house.personas:
                with self._house.events.unit():
                    self.stream.drop(thought, "the world was started anew, and no model service is connected")
            else:
                self._await(thought, partial(language.resume, thought.id, _unheard))
            self._stray.pop()

    def _await(self, thought: Thought, ask: Callable[[], Deferred[Answer]]) -> None:
        late = min(LATE_SECONDS, self._house.known.who(thought.agent).thought_every)
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
        with self._house.events.unit():
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
            self._house.bugs.capture(failure.value or RuntimeError("unknown"), f"the answer to a thought of {thought.agent}")
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
                self._house.bugs.capture(error, f"asking for a thought of {thought.agent}")
            log.info("no model made a thought of %s: %s", thought.agent, error)
            if thought.state != THOUGHT:
                self._reflex(thought, str(error) or type(error).__name__)

    def _give_up(self, slug: str, asked: _Asked) -> None:
        """Nobody waits for this answer any more."""
        del self._asked[slug]
        self.stream.drop(asked.thought, "the answer did not come in time")
        language = self._house.language
        if language is not None:
            cancelled = maybeDeferred(language.cancel, asked.thought.id)
            cancelled.addErrback(lambda failure: log.info("a question could not be cancelled: %s", failure.getErrorMessage()))


def _unheard(text: str) -> None:
    """Nobody listens to a thought while it comes."""

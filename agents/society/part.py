"""Society as a part of the house: agents whose paths cross speak with each other.

Owns when two agents speak, what the hearer makes of it (it knows more, skips an errand, goes to read the board), and
the memory of both. Refuses to choose what is said (`meeting` does), to interrupt people, to wake anybody, and to hold
more than one exchange a slot: whoever arrives meanwhile passes by in silence.

    a step is done ─▶ known ─┐
    a walk is done ─▶ pending ─▶ partner ─▶ exchange ─▶ said, learned
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from agents.events.models import Event
from agents.goap.model import Fact, Goal, fact
from agents.governance.rules import Actor
from agents.house.core import Core
from agents.house.house import House
from agents.house.part import NEVER, Part
from agents.house.values import TIDY_WEIGHT, Candidate, Sentence, Wish
from agents.kernel.errors import StepFailed
from agents.mind import steps
from agents.mind.dispatch import Dispatch
from agents.mind.goals import own
from agents.mind.mind import Mind
from agents.mind.minds import Minds
from agents.society import news, phrases, rules
from agents.society.meeting import Matters
from agents.society.memory import MOST_KNOWN, Debt, Memory, Question
from agents.society.news import News
from agents.society.rules import Line
from agents.thinking.models import Message
from agents.thinking.ports import Known
from agents.work.models import Step

GAP_SECONDS = 1.0
"""Least time between two exchanges in the whole house."""
MOST_PENDING, MOST_LOOKED_AT = 16, 24
"""Arrivals that wait to be looked at, and agents of a room among whom a partner is looked for."""
QUIET = timedelta(minutes=3)
"""How long after the last words of a person agents keep silent in the room."""
MESSAGES = 50
"""So many of the newest messages are looked through for that."""
READ_BACK = MOST_KNOWN
"""So much of what an agent was told is read when the house starts anew."""
CURIOUS_WEIGHT = 9.0
LAYING_WEIGHT = 2 * TIDY_WEIGHT
"""Enough for an agent that is already on its way to put the thing back to lay it down here."""
RECALLED = 3
"""So much of what it was told an agent states at once."""
_SUBJECT = "society:"


_TROUBLES: Mapping[str, Literal["failed", "stuck"]] = {"failed at": "failed", "asked for help with": "stuck"}
"""What one asks after the next time, by how it was told."""


@dataclass(frozen=True)
class Laying:
    """A thing that an agent is to lay down in a room, who asked for it and when."""

    item: str
    room: str
    asker: str
    at: datetime


@dataclass(frozen=True)
class SocietyKept:
    """All memories, who has just come where, what is to be laid down by whom and was laid down for whom, and when
    anybody may speak next.
    """

    memories: dict[str, Memory]
    pending: list[tuple[str, str]]
    lays: dict[str, Laying]
    laid: dict[str, tuple[str, str]]
    next: float


class Society(Part):
    """What the agents of one house have of each other. One thread calls everything."""

    name = "society"
    after = ("mind", "dispatch")
    Kept = SocietyKept

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._memories: dict[str, Memory] = {}
        self._pending: deque[tuple[str, str]] = deque(maxlen=MOST_PENDING)
        self._lays: dict[str, Laying] = {}
        """What an agent is to lay down because another asked for it."""
        self._laid: dict[str, tuple[str, str]] = {}
        """Who laid a thing down, and for whom."""
        self._next = 0.0
        self._unsubscribe: list[Callable[[], None]] = []
        self.spoken = 0
        """Exchanges since the start."""

    # -- beginning and end -----------------------------------------------------------------------
    def wire(self, house: House) -> None:
        """Learn who tells of the minds."""
        self._minds, self._known = house.need(Minds), house.need(Known)
        self._matters = Matters(
            self.core, self._minds, house.need(Dispatch), self.memory, self._lay, self._clock, self._known.name
        )

    def start(self) -> None:
        """Hear of steps, and of what becomes of tasks."""
        self._minds.witnesses.append(self._done)
        self._unsubscribe = [self.core.bus.subscribe(topic, self._ended) for topic in news.ENDS]
        self._unsubscribe.append(self.core.bus.subscribe("roster.removed", self._removed))

    def stop(self) -> None:
        """Hear no more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    def _removed(self, event: Event) -> None:
        self._memories.pop(event.agent, None)
        self._lays.pop(event.agent, None)

    # -- keeping ---------------------------------------------------------------------------------
    def snapshot(self) -> SocietyKept:
        """All that was not read from the tables, and what was."""
        return SocietyKept(dict(self._memories), list(self._pending), dict(self._lays), dict(self._laid), self._next)

    def restore(self, kept: SocietyKept) -> None:
        """Know it again."""
        self._memories, self._lays, self._laid = dict(kept.memories), dict(kept.lays), dict(kept.laid)
        self._next = kept.next
        self._pending = deque(kept.pending, MOST_PENDING)

    def memory(self, slug: str) -> Memory:
        """What an agent has in mind of the house; what it was told before this start is read from the record."""
        held = self._memories.get(slug)
        if held is None:
            held = self._memories[slug] = Memory()
            self.core.events.unit.flush()
            told = Event.objects.filter(topic=f"agent.{slug}.learned").order_by("-seq")[:READ_BACK]
            for event in reversed(told):
                held.know(_as_news(event))
                held.spoke(str(event.data["by"]), event.at)
        return held

    # -- what happens ------------------------------------------------------------------------------
    def _done(self, step: Step, room: str) -> None:
        """A step was done: it is something to tell of, or its agent has come into a room."""
        if step.action.startswith("move("):
            if self.core.runtime.clock.monotonic() >= self._next:
                self._pending.append((step.agent, room))
            return
        now = self.core.runtime.clock.now()
        found = news.of_step(step.agent, step.action, step.result, step.id, now, self._known.room_name)
        if found is not None:
            self._saw_to(found)
        elif step.action.startswith("drop("):
            lays = self._lays.pop(step.agent, None)
            if lays is not None:
                self._laid[lays.item] = (step.agent, lays.asker)
        elif self._laid and step.action.startswith("take("):
            item = Fact.parse(step.action).args[0]
            holder, asker = self._laid.pop(item, ("", ""))
            if asker == step.agent:
                name = next((one.name for one in self.core.world.items() if one.key == item), item)
                self.memory(asker).owe(holder, Debt(f"laying the {name} down for me", f"step:{step.id}"))

    def _saw_to(self, found: News) -> None:
        """Know what one saw to oneself; and if it read the board on another's word, whose that was."""
        memory = self.memory(found.first)
        if found.about == "board" and memory.curious:
            pursuit = self._minds.all[found.first].pursuit
            if memory.prompted is not None and pursuit is not None and pursuit.record.reason == memory.curious:
                found = replace(found, asked=memory.prompted)
            memory.curious, memory.prompted = "", None
        memory.know(found)

    def _ended(self, event: Event) -> None:
        """Something became of a task, which the agent knows that had it in hand."""
        if event.agent in self.core.roster and event.task is not None:
            title = str(event.data.get("title", ""))
            self.memory(event.agent).know(
                news.of_task(
                    event.topic,
                    event.task,
                    title,
                    event.agent,
                    event.seq,
                    event.at,
                    well=bool(event.data.get("well", True)),
                )
            )

    # -- turns -------------------------------------------------------------------------------------
    @property
    def next_slot(self) -> float:
        """At once where somebody has come into a room."""
        return float("-inf") if self._pending else NEVER

    def slot(self, budget_ms: float) -> None:
        """Let one who has come speak with one who stands there; the others have gone by."""
        while self._pending:
            slug, room = self._pending.popleft()
            if self._speak(slug, room):
                self._next = self.core.runtime.clock.monotonic() + GAP_SECONDS
                self._pending.clear()

    def lose(self) -> None:
        """What was said last is not on record: what is known of it is read again."""
        self._memories.clear()
        self._pending.clear()
        self._lays.clear()
        self._laid.clear()

    def _free(self, slug: str, room: str) -> Mind | None:
        """The mind of one that stands in the room, awake, and up or at work."""
        mind = self._minds.get(slug)
        if mind is None or not mind.awake or not (mind.up or mind.task() is not None):
            return None
        return mind if mind.body.where() == room else None

    def _speak(self, slug: str, room: str) -> bool:
        now, mine = self.core.runtime.clock.now(), self.memory(slug)
        mind = self._free(slug, room)
        if mind is None or not rules.rested(mine, now):
            return False
        beside = [one for one in self.core.world.agents(room) if one != slug and one in self._minds.all]
        beside = [one for one in beside[:MOST_LOOKED_AT] if rules.rested(self.memory(one), now)]
        other = rules.partner(mine, beside, now)
        with_whom = self._free(other, room) if other else None
        if with_whom is None or self._disturbs(room, now):
            return False
        with self.core.events.unit():
            lines = self._matters.between(mind, with_whom)
            for line in lines:
                hearer = other if line.speaker == slug else slug
                self._say(line, hearer, room)
                if line.thanks:
                    self.memory(line.speaker).debts.pop(hearer, None)
        if lines:
            mine.spoke(other, now)
            self.memory(other).spoke(slug, now)
            self.spoken += 1
        return bool(lines)

    def _disturbs(self, room: str, now: datetime) -> bool:
        """Whether people stand there who spoke, or were spoken to, just now."""
        if not any(where == room for _, where in self.core.world.people()):
            return False
        newest = Message.objects.order_by("-id")[:MESSAGES]
        return any(one.room == room and now - one.at < QUIET for one in newest)

    # -- what is said --------------------------------------------------------------------------------
    def _clock(self, at: datetime) -> str:
        runtime = self.core.runtime
        return news.clock(at, runtime.clock.now(), runtime.zone)

    def _lay(self, holder: str, item: str, asker: str) -> None:
        """Have an agent lay down, where the two have met, what another asked for: at once, or after its task."""
        mind = self._minds.all[holder]
        self._lays[holder] = Laying(item, mind.body.where(), asker, self.core.runtime.clock.now())
        mind.stirred()
        self._minds.scheduler.wake(holder)

    def _say(self, line: Line, to: str, room: str) -> None:
        """Say it, aloud and on record, and let the other know it."""
        told = line.news
        about, source = (told.about, told.source) if told else (line.about, line.source)
        with self.core.events.unit():
            try:
                said = {"to": to, "room": room, "about": about, "source": source, "kind": line.kind}
                steps.speak(self._minds.all[line.speaker], line.text, said)
            except StepFailed:  # it is not let speak here
                return
            if told is not None:
                self._learn(to, told, line.speaker)

    def _learn(self, slug: str, told: News, by: str) -> None:
        """Know what one was told, who told it and when, and go by it."""
        mind, memory, now = self._minds.all[slug], self.memory(slug), self.core.runtime.clock.now()
        before, effect = memory.known.get(told.about), ""
        if news.spares(told) and mind.persona.habit(told.goal) and mind.recall.sees_to(told.goal, told.happened):
            memory.owe(by, Debt(f"your word on the {told.about}; it spared me the way", told.source))
            effect = "spared"
        elif (
            told.about == "board" and mind.persona.habit(told.goal) and (before is None or before.clause != told.clause)
        ):
            memory.curious = f"{self._known.name(by)} told me at {self._clock(now)} how the board stands"
            memory.prompted = (by, now)
            effect = "reads"
            self._minds.scheduler.wake(slug)
        data = {
            "by": by,
            "about": told.about,
            "clause": told.clause,
            "state": told.state,
            "source": told.source,
            "goal": told.goal,
            "first": told.first,
            "happened": told.happened.isoformat(),
            "weight": told.weight,
            "effect": effect,
        }
        event = self.core.events.append(f"agent.{slug}.learned", f"agent:{by}", via="mind", agent=slug, data=data)
        memory.know(told.told(by, event.at, f"event:{event.seq}"))
        if by == told.first and (kind := _TROUBLES.get(told.clause.partition(" task ")[0])) is not None:
            memory.wonder(by, Question(kind, int(told.about.removeprefix("task:")), told.happened, told.source))

    # -- what minds are given ------------------------------------------------------------------------
    def wishes(self, slug: str, now: datetime) -> Iterable[Wish]:
        """To read the board that is said to have changed, and to lay down what another asked for."""
        memory = self._memories.get(slug)
        mind = self._minds.get(slug)
        if memory is not None and memory.curious and mind is not None and mind.up:
            goal = Goal(name="seen(board)", condition=(fact("seen", "board"),))
            yield own(goal, CURIOUS_WEIGHT, 1.0, memory.curious)
        lays = self._lays.get(slug)
        if lays is not None and any(one.key == lays.item and one.holder == slug for one in self.core.world.items()):
            goal = Goal(name=f"hand over {lays.item}", condition=(fact("in", lays.item, lays.room),), priority=1)
            why = f"{self._known.name(lays.asker)} asked me for it at {self._clock(lays.at)}"
            yield Wish(goal, LAYING_WEIGHT, why)

    def seeds(self, slug: str) -> Iterable[Candidate]:
        """What it was told last."""
        for told in list(reversed(self.memory(slug).known.values()))[:RECALLED]:
            if told.by:
                yield Candidate("swarm", f"{_SUBJECT}{_matter(told)}", at=told.at)

    def recalls(self, slug: str, words: str, asker: Actor) -> Iterable[Sentence]:
        """What it was told by others, of what the words name; the newest first."""
        asked = words.lower()
        told = [one for one in reversed(self.memory(slug).known.values()) if one.by and _bears_on(one, asked)]
        for one in told[:RECALLED]:
            yield Sentence(f"{phrases.as_told(one, self._clock, self._known.name)}.", (one.record, one.source))

    def status(self) -> Mapping[str, Any]:
        """How many exchanges there were since the start."""
        return {"exchanges": self.spoken, "remembered": len(self._memories)}


_WORDS: Mapping[str, tuple[str, ...]] = {
    "shrine": ("shrine", "candle", "awake", "heartbeat"),
    "disk": ("disk", "gauge", "machine"),
    "board": ("board", "tasks"),
    "journal": ("journal", "diary"),
    "any": (
        "told you",
        "have you heard",
        "did you hear",
        "did you learn",
        "what is new",
        "what's new",
        "any news",
        "gossip",
    ),
}


def _matter(told: News) -> str:
    """What it is of, in words: `room forge`, `task 5`, `shrine`."""
    return told.about.replace(":", " ").replace("_", " ")


def _bears_on(told: News, asked: str) -> bool:
    """Whether words, or the subject of a seed, ask for it."""
    if asked.startswith(_SUBJECT):
        return asked == f"{_SUBJECT}{_matter(told)}"
    sort, _, key = told.about.partition(":")
    named = (key.replace("_", " "),) if sort == "room" else (f"task {key}",) if sort == "task" else _WORDS.get(sort, ())
    return any(word in asked for word in (*named, *_WORDS["any"]))


def _as_news(event: Event) -> News:
    data = event.data
    return News(
        data["about"],
        data["goal"],
        data["clause"],
        data["state"],
        data["source"],
        data["first"],
        datetime.fromisoformat(data["happened"]),
        int(data.get("weight", 1)),
        data["by"],
        event.at,
        f"event:{event.seq}",
    )


PARTS = (Society,)

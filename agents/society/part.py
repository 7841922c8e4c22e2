"""Society as a part of the house: agents that cross each other's way tell each other what is new.

Owns when two speak, what follows for the hearer (what it knows, a turn it is spared, a look at the board), and the
memory of both. Refuses to compose (that is `rules`), to speak where people talk and while anybody sleeps, and to do
more than one exchange a slot: who comes while another speaks goes by in silence.

    a step is done ─▶ known ─┐
    a walk is done ─▶ pending ─▶ partner ─▶ exchange ─▶ said, learned
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from agents.events.models import Event
from agents.goap.model import Goal, fact
from agents.governance.rules import Actor
from agents.house.core import Core
from agents.house.house import House
from agents.house.part import NEVER, Part
from agents.house.values import TIDY_WEIGHT, Candidate, Sentence, Wish
from agents.kernel.errors import StepFailed
from agents.mind import steps
from agents.mind.goals import own
from agents.mind.mind import Mind
from agents.mind.minds import Minds
from agents.society import news, rules
from agents.society.memory import Memory
from agents.society.news import News
from agents.society.rules import Line, Party, Standing
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
READ_BACK = 32
"""So much of what an agent was told is read when the house starts anew."""
CURIOUS_WEIGHT = 9.0
RECALLED = 3
"""So much of what it was told an agent states at once."""
_SUBJECT = "society:"


@dataclass(frozen=True)
class SocietyKept:
    """All memories, who has just come where, what each holds out a hand for, and when anybody may speak next."""

    memories: dict[str, Memory]
    pending: list[tuple[str, str]]
    lays: dict[str, tuple[str, str]]
    next: float


class Society(Part):
    """What the agents of one house have of each other. One thread calls everything."""

    name = "society"
    after = ("mind",)
    Kept = SocietyKept

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self._memories: dict[str, Memory] = {}
        self._pending: deque[tuple[str, str]] = deque(maxlen=MOST_PENDING)
        self._lays: dict[str, tuple[str, str]] = {}
        """What an agent lays down because another asked for it, and where."""
        self._next = 0.0
        self._unsubscribe: list[Callable[[], None]] = []
        self.spoken = 0
        """Exchanges since the start."""

    # -- beginning and end -----------------------------------------------------------------------
    def wire(self, house: House) -> None:
        """Learn who tells of the minds."""
        self._minds, self._known = house.need(Minds), house.need(Known)

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
        return SocietyKept(dict(self._memories), list(self._pending), dict(self._lays), self._next)

    def restore(self, kept: SocietyKept) -> None:
        """Know it again."""
        self._memories, self._lays, self._next = dict(kept.memories), dict(kept.lays), kept.next
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
            memory = self.memory(step.agent)
            memory.know(found)
            if found.about == "board":
                memory.curious = ""
        elif step.action.startswith("drop("):
            self._lays.pop(step.agent, None)

    def _ended(self, event: Event) -> None:
        """Something became of a task, which the agent knows that had it in hand."""
        if event.agent in self.core.roster and event.task is not None:
            title = str(event.data.get("title", ""))
            self.memory(event.agent).know(
                news.of_task(event.topic, event.task, title, event.agent, event.seq, event.at)
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

    def _free(self, slug: str, room: str) -> Mind | None:
        """The mind of one that is up, awake and stands in the room."""
        mind = self._minds.get(slug)
        return mind if mind is not None and mind.awake and mind.up and mind.body.where() == room else None

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
        lines = self._lines(mind, with_whom, now)
        for line in lines:
            self._say(line, other if line.speaker == slug else slug, room)
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
    def _lines(self, mind: Mind, other: Mind, now: datetime) -> list[Line]:
        a, b = self._party(mind), self._party(other)
        for one, two, asker, holder in ((a, b, mind, other), (b, a, other, mind)):
            if (item := self._held(asker, holder)) is not None:
                key, name = item
                task = holder.task()
                if task is None:
                    self._lays[holder.slug] = (key, holder.body.where())
                    self._minds.scheduler.wake(holder.slug)
                return rules.need(one, two, name, key, task.pk if task else None)
        here, last = self.core.runtime.local(), a.memory.met.get(b.slug)
        met_today = last is not None and last.astimezone(here.tzinfo).date() == here.date()
        for child, elder, mine in ((a, b, mind), (b, a, other)):
            asked = child.memory.asked
            if (
                met_today
                and mine.persona.parent == elder.slug
                and (asked is None or now - asked >= rules.ASKS)
                and (standing := self._standing(mine, now)) is not None
            ):
                child.memory.asked = now
                return rules.counsel(child, elder, standing)
        lines = rules.exchange(a, b, now, self._clock, self._known.name, here.hour, met_today)
        if lines:
            first, second = (a, b) if lines[0].speaker == a.slug else (b, a)
            first.memory.thanks.pop(second.slug, None)
        return lines

    def _party(self, mind: Mind) -> Party:
        return Party(mind.slug, mind.persona.name, self.memory(mind.slug), partial(_due, mind))

    def _clock(self, at: datetime) -> str:
        runtime = self.core.runtime
        return news.clock(at, runtime.clock.now(), runtime.zone)

    def _held(self, asker: Mind, holder: Mind) -> tuple[str, str] | None:
        """Key and name of a thing that one waits for and the other has."""
        waited = {thing for goal in asker.waits if (wait := asker.waiting(goal)) for thing in wait.things}
        return (
            next(
                ((i.key, i.name) for i in self.core.world.items() if i.key in waited and i.holder == holder.slug), None
            )
            if waited
            else None
        )

    def _standing(self, mind: Mind, now: datetime) -> Standing | None:
        """How its aim of the week stands, beside even steps."""
        for at in mind.recall.standings():
            if at.aim.phase == "short-term":
                since = now - (at.due - at.share * at.done)
                return Standing(at.aim.name, at.done, at.of, min(max(int(since / at.share), 0), at.of))
        return None

    def _say(self, line: Line, to: str, room: str) -> None:
        """Say it, aloud and on record, and let the other know it."""
        told = line.news
        about, source = (told.about, told.source) if told else (line.about, line.source)
        with self.core.events.unit():
            try:
                said = {"to": to, "room": room, "about": about, "source": source}
                steps.speak(self._minds.all[line.speaker], line.text, said)
            except StepFailed:  # it is not let speak here
                return
            if told is not None:
                self._learn(to, told, line.speaker)

    def _learn(self, slug: str, told: News, by: str) -> None:
        """Know what one was told, who told it and when, and go by it."""
        mind, memory, now = self._minds.all[slug], self.memory(slug), self.core.runtime.clock.now()
        before, effect = memory.known.get(told.about), ""
        if rules.spares(told) and mind.persona.habit(told.goal) and mind.recall.sees_to(told.goal, told.happened):
            memory.thanks[by], effect = told, "spared"
        elif (
            told.about == "board" and mind.persona.habit(told.goal) and (before is None or before.clause != told.clause)
        ):
            memory.curious = f"{self._known.name(by)} told me at {self._clock(now)} how the board stands"
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
            "effect": effect,
        }
        event = self.core.events.append(f"agent.{slug}.learned", f"agent:{by}", via="mind", agent=slug, data=data)
        memory.know(told.told(by, event.at, f"event:{event.seq}"))

    # -- what minds are given ------------------------------------------------------------------------
    def wishes(self, slug: str, now: datetime) -> Iterable[Wish]:
        """To read the board that is said to have changed, and to lay down what another asked for."""
        memory = self._memories.get(slug)
        mind = self._minds.get(slug)
        if memory is not None and memory.curious and mind is not None and mind.up:
            goal = Goal(name="seen(board)", condition=(fact("seen", "board"),))
            yield own(goal, CURIOUS_WEIGHT, 1.0, memory.curious)
        if slug in self._lays:
            item, room = self._lays[slug]
            if any(one.key == item and one.holder == slug for one in self.core.world.items()):
                goal = Goal(name=f"hand over {item}", condition=(fact("in", item, room),), priority=1)
                yield Wish(goal, TIDY_WEIGHT + 1, "somebody waits for it")

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
            yield Sentence(f"{rules.as_told(one, self._clock, self._known.name)}.", (one.record, one.source))

    def status(self) -> Mapping[str, Any]:
        """How many exchanges there were since the start."""
        return {"exchanges": self.spoken, "remembered": len(self._memories)}


def _due(mind: Mind, goal: str, at: datetime) -> datetime | None:
    habit = mind.persona.habit(goal)
    last = mind.recall.last.get(goal)
    return at + habit.period if habit is not None and last is not None and last < at else None


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
    sort = str(data["about"]).partition(":")[0]
    return News(
        data["about"],
        data["goal"],
        data["clause"],
        data["state"],
        data["source"],
        data["first"],
        datetime.fromisoformat(data["happened"]),
        news.WEIGHTS.get(sort, 1),
        data["by"],
        event.at,
        f"event:{event.seq}",
    )


PARTS = (Society,)

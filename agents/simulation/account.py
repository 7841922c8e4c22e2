"""A simulated run hour by hour, counted from its tables for the report.

Owns the counting. Refuses to remember or to guess: every figure is read from events, steps, plans and tasks when it is
asked for. Only the hours of sleep come from the personas.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from agents.events.models import Event
from agents.goap.model import Fact
from agents.lineage.persona import Persona
from agents.mind.models import PlanRecord
from agents.mind.pursuit import TELL
from agents.work.models import Step, Task

SPANS = (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080)
"""Minutes that one column may stand for."""
MOST_COLUMNS = 36
OPEN = {
    "PENDING_APPROVAL": "proposed",
    "APPROVED": "waiting for an agent",
    "RUNNING": "running",
    "PAUSED": "paused",
    "FAILED": "failed",
}
"""Statuses of tasks that somebody still has to see to, and what they are called here."""
ENDED = {"COMPLETED": "done", "BACKLOGGED": "put aside", "VETOED": "vetoed"}
SEARCHED, KNOWN, RESUMED = "searched", "known", "resumed"
MOST_REASONS = 12
OF_ITSELF, TO_OTHERS, AT_WORK, SHOWN, THOUGHT = SPEECH = (
    "said of itself",
    "said to others",
    "of a task",
    "gestures",
    "thoughts",
)
"""The kinds of utterance."""

Rows = dict[str, list[int]]
"""For each name one number a column."""


@dataclass(frozen=True)
class GoalTold:
    """How often a goal was pursued with a plan, and how that ended. `hopeless`: times that nothing could be done."""

    name: str
    reached: int
    left: int
    failed: int
    running: int
    hopeless: int

    @property
    def pursued(self) -> int:
        """Plans made for it."""
        return self.reached + self.left + self.failed + self.running


@dataclass
class Account:
    """The figures of a run from `start` to `end`; each column stands for `span`."""

    start: datetime
    end: datetime
    span: timedelta
    columns: int
    acts: Rows = field(default_factory=dict)
    """Steps done, by kind of act; the most frequent first."""
    acted: list[int] = field(default_factory=list)
    """Agents that did a step."""
    awake: list[int] = field(default_factory=list)
    """Agents whose hours had them up at the column's middle."""
    open: Rows = field(default_factory=dict)
    """Tasks by what they were at the column's end."""
    ended: Rows = field(default_factory=dict)
    """Tasks that came to an end."""
    troubles: Rows = field(default_factory=dict)
    """Steps that failed, plans that were made anew, goals that were out of reach."""
    tasks: dict[str, int] = field(default_factory=dict)
    """Tasks by what they are at the end."""
    goals: list[GoalTold] = field(default_factory=list)
    lengths: dict[str, Counter[int]] = field(default_factory=dict)
    """For plans searched, known and resumed: how many have so many steps."""
    errors: list[tuple[str, int]] = field(default_factory=list)
    """What went wrong most often with a step."""
    reasons: list[tuple[str, int]] = field(default_factory=list)
    """Why plans were made again most often."""
    given_up: list[tuple[str, int]] = field(default_factory=list)
    """Why goals were given up most often."""
    rooms: list[tuple[str, int, int]] = field(default_factory=list)
    """Each room by name, how often one walked in and how many other steps were done there; the busiest first."""

    words: dict[str, dict[str, int]] = field(default_factory=dict)
    """What each agent said of itself, to others, of tasks, showed and thought."""
    repeated: int = 0
    """Sentences said of themselves or to others that the same agent had said before."""
    pairs: list[tuple[str, str, int]] = field(default_factory=list)
    """Exchanges by pair, the most frequent first."""

    def at(self, column: int) -> datetime:
        """The column's beginning."""
        return self.start + column * self.span

    def _column(self, at: datetime) -> int:
        return min(max(int((at - self.start) / self.span), 0), self.columns - 1)

    def _row(self) -> list[int]:
        return [0] * self.columns


def read(start: datetime, end: datetime, personas: Mapping[str, Persona], names: Mapping[str, str]) -> Account:
    """The account of the run in the tables. `names` are those of the rooms."""
    span = _span(end - start)
    told = Account(start, end, span, max(1, -((start - end) // span)))
    _steps(told, {slug: one.home for slug, one in personas.items()}, names)
    told.awake = [
        sum(one.awake_at(min(told.at(i) + span / 2, end)) for one in personas.values()) for i in range(told.columns)
    ]
    _tasks(told)
    _plans(told)
    _words(told, personas)
    return told


def _words(told: Account, personas: Mapping[str, Persona]) -> None:
    exchanged = dict(
        Step.objects.filter(action=TELL, result__has_key="to").order_by("id").values_list("id", "result__to")
    )
    spoken = Event.objects.filter(topic__startswith="agent.")
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    pairs, said = Counter[tuple[str, str]](), set[tuple[str, str]]()
    for deed in ("say", "emote", "thought"):
        rows = spoken.filter(topic__endswith=f".{deed}").order_by("seq").values_list("agent", "task", "step", "data")
        for agent, task, step, data in rows.iterator(10_000):
            name = personas[agent].name if agent in personas else agent
            kind = THOUGHT if deed == "thought" else AT_WORK if task else SHOWN if deed == "emote" else OF_ITSELF
            if deed == "say" and (to := exchanged.get(step)):
                kind, other = TO_OTHERS, personas[to].name if to in personas else to
                pairs[min(name, other), max(name, other)] += 1
            counts[name][kind] += 1
            if kind in (OF_ITSELF, TO_OTHERS):
                told.repeated += (agent, data["text"]) in said
                said.add((agent, data["text"]))
    told.words = {name: dict(counts[name]) for name in sorted(counts)}
    told.pairs = sorted(((a, b, n // 2) for (a, b), n in pairs.items()), key=lambda row: (-row[2], row))


def _span(length: timedelta) -> timedelta:
    return next(
        (s for minutes in SPANS if (s := timedelta(minutes=minutes)) * MOST_COLUMNS >= length), length / MOST_COLUMNS
    )


def _steps(told: Account, homes: Mapping[str, str], names: Mapping[str, str]) -> None:
    acts: defaultdict[str, list[int]] = defaultdict(told._row)
    who: list[set[str]] = [set() for _ in range(told.columns)]
    where, entered, done_in = dict(homes), Counter[str](), Counter[str]()
    done = Step.objects.filter(state="done").exclude(action=TELL).order_by("finished_at", "id")
    for agent, action, at in done.values_list("agent", "action", "finished_at").iterator(10_000):
        column, act = told._column(at or told.end), action.partition("(")[0]
        acts[act][column] += 1
        who[column].add(agent)
        if act == "move":
            where[agent] = Fact.parse(action).args[1]
            entered[where[agent]] += 1
        else:
            done_in[where.get(agent, "")] += 1
    told.acts = dict(sorted(acts.items(), key=lambda row: (-sum(row[1]), row[0])))
    told.acted = [len(agents) for agents in who]
    busiest = sorted(entered.keys() | done_in.keys(), key=lambda room: (-entered[room] - done_in[room], room))
    told.rooms = [(names.get(room, room), entered[room], done_in[room]) for room in busiest]
    failed = Step.objects.filter(state__in=("failed", "review"))
    told.troubles["steps failed"] = _counted(told, failed.values_list("finished_at", flat=True))
    told.errors = _frequent(failed.values_list("error", flat=True).iterator())


def _tasks(told: Account) -> None:
    told.open = {name: told._row() for name in OPEN.values()}
    told.ended = {name: told._row() for name in ENDED.values()}
    status: dict[int, str] = {}
    column = 0

    def close(upto: int) -> None:
        nonlocal column
        if column < upto:
            standing = Counter(status.values())
            for key, name in OPEN.items():
                told.open[name][column:upto] = [standing[key]] * (upto - column)
            column = upto

    for number, at, data in (
        Event.objects.filter(topic__startswith="task.").order_by("seq").values_list("task", "at", "data").iterator()
    ):
        if number is not None and "to" in data:
            close(told._column(at))
            status[number] = data["to"]
            if data["to"] in ENDED and data.get("from") != data["to"]:
                told.ended[ENDED[data["to"]]][told._column(at)] += 1
    close(told.columns)
    words = OPEN | ENDED
    rows = Task.objects.order_by("status").values_list("status").annotate(Count("id"))
    told.tasks = {words.get(str(name), str(name)): int(count) for name, count in rows}


def _plans(told: Account) -> None:
    kinds = dict(Task.objects.values_list("id", "kind"))
    ends: defaultdict[str, Counter[str]] = defaultdict(Counter)
    told.lengths = {SEARCHED: Counter(), KNOWN: Counter(), RESUMED: Counter()}
    for goal, task, state, origin, steps in PlanRecord.objects.values_list(
        "goal", "task", "state", "origin", "steps"
    ).iterator(2000):
        name = goal if task is None else f"a task to {kinds.get(task, 'do')}"
        if not origin:  # only told of: nothing could be done
            ends[name]["hopeless"] += 1
            continue
        ends[name][state] += 1
        told.lengths[_origin(origin)][len(steps)] += 1
    told.goals = [
        GoalTold(name, n["done"], n["dropped"], n["failed"], n["running"], n["hopeless"])
        for name, n in sorted(ends.items(), key=lambda row: (-sum(row[1].values()), row[0]))
    ]
    anew = Event.objects.filter(topic__startswith="agent.").filter(topic__endswith=".replan")
    told.reasons = _told(told, "plans made again", anew)
    left = Event.objects.filter(Q(topic="task.escalated") | Q(topic__startswith="agent.", topic__endswith=".stuck"))
    told.given_up = _told(told, "goals given up", left)


def _told(told: Account, name: str, events: QuerySet[Event]) -> list[tuple[str, int]]:
    """Count these events among the troubles; returns their reasons, the most frequent first."""
    rows = list(events.values_list("at", "data"))
    told.troubles[name] = _counted(told, (at for at, _ in rows))
    return _frequent(str(data.get("reason", "")) for _, data in rows)


def _origin(text: str) -> str:
    return next((word for word in (SEARCHED, KNOWN) if text.startswith(word)), RESUMED)


def _counted(told: Account, instants: Iterable[datetime | None]) -> list[int]:
    row = told._row()
    for at in instants:
        row[told._column(at or told.end)] += 1
    return row


def _frequent(texts: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(texts).items(), key=lambda found: (-found[1], found[0]))[:MOST_REASONS]

"""What an agent might want now, and what it wants most: pure functions over plain values.

Owns the weights, the urgency, the discount for a plan's cost, and the hysteresis. Refuses tables and the world: the
caller passes in what is known. A wish is a goal with a score and a reason; its worth is the score after the discount.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from agents.goap.model import Fact, Goal, fact
from agents.house.values import TIDY_WEIGHT, Wish
from agents.lineage.persona import Errand, Persona

TASK_WEIGHT: Mapping[str, int] = {"LOW": 200, "NORMAL": 300, "HIGH": 400, "URGENT": 500}
"""Any task goes before tidying up, and that before any errand."""
HYSTERESIS = 1.5
"""A new wish must be worth this much more than the rest of what is under way, so that nobody dithers."""
COST_SCALE = 50.0
"""A plan of this cost halves what its wish is worth."""
MOST_WEIGHED = 3
"""Wishes that are planned for before one is chosen."""


@dataclass(frozen=True)
class Wait:
    """A goal is left alone until an instant of the clock, and why. One of `things` that is laid down ends it sooner."""

    until: float
    why: str
    things: tuple[str, ...] = ()


def worth(score: float, cost: int) -> float:
    """What a score is worth after a plan of this cost."""
    return score / (1 + cost / COST_SCALE)


@dataclass(frozen=True)
class Weighed:
    """A wish and the cost of the plan for it; None when no plan was made, and then `why` says why not."""

    wish: Wish
    cost: int | None = None
    why: str = ""

    @property
    def worth(self) -> float:
        """The score less what the plan takes; without a plan the score."""
        return worth(self.wish.score, self.cost or 0)

    @property
    def words(self) -> str:
        """`score 12.0 = weight 4 x urgency 3.0; 9.1 after a plan of cost 16`."""
        if self.cost is None:
            return f"{self.wish.words}; {self.why}" if self.why else self.wish.words
        return f"{self.wish.words}; {self.worth:.1f} after a plan of cost {self.cost}"


def pick(weighed: Iterable[Weighed]) -> Weighed | None:
    """The one worth most of those with a plan; of equal ones the first."""
    return max((w for w in weighed if w.cost is not None), key=lambda w: w.worth, default=None)


def next_to_weigh(wishes: Iterable[Wish], weighed: Iterable[Weighed]) -> Wish | None:
    """The wish to plan for next, of `wishes` in their order; None when the choice can be made: none of
    those left could win even if it cost nothing, or `MOST_WEIGHED` have plans.
    """
    wishes, weighed = list(wishes), list(weighed)
    best, asked = pick(weighed), {w.wish.name for w in weighed}
    if not wishes or sum(w.cost is not None for w in weighed) >= MOST_WEIGHED:
        return None
    tier = best.wish.tier if best else max((w.tier for w in wishes if w.name not in asked), default=0)
    return next(
        (w for w in wishes if w.name not in asked and w.tier == tier and (best is None or w.score > best.worth)), None
    )


def of_task(number: int, title: str, priority: str, condition: tuple[Fact, ...]) -> Wish:
    """The wish to finish a task that was given."""
    goal = Goal(name=f"task {number}", condition=condition, priority=TASK_WEIGHT[priority])
    return Wish(goal, float(TASK_WEIGHT[priority]), f"task {number} was given to me: {title}", number)


def putting_back(item: str) -> str:
    """What the wish to lay a borrowed thing back is called."""
    return f"put back {item}"


def of_borrowed(origins: Mapping[str, str]) -> list[Wish]:
    """One wish for each thing that is held without work, to lay it where it was taken ({item: room})."""
    return [
        Wish(
            Goal(name=putting_back(item), condition=(fact("in", item, room),), priority=1),
            TIDY_WEIGHT,
            "others may need it",
        )
        for item, room in sorted(origins.items())
    ]


def turn_before(slug: str, errand: Errand, now: datetime) -> datetime:
    """The latest instant up to `now` at which it was this agent's turn for an errand never done yet.

    Turns come once a period, at a place in it that agent and errand give, the same in every
    process and at every start: so a house that opens does not do everything at once, and what
    comes once in six hours comes although the world was restarted in between.
    """
    draw = sha256(f"{slug} {errand.name}".encode()).digest()
    place = int.from_bytes(draw[:8]) / 2**64 * errand.every
    return now - timedelta(seconds=(now.timestamp() - place) % errand.every)


def taken_up(persona: Persona, done: Mapping[str, datetime], now: datetime) -> dict[str, datetime]:
    """When each errand was last done, or for those never done the turn before `now`, to wait for the next.
    What lies in the future (the clock was set back) counts as done now.
    """
    return {e.name: min(done.get(e.name) or turn_before(persona.slug, e, now), now) for e in persona.habits}


def urgency(errand: Errand, last: datetime | None, now: datetime) -> float:
    """How due it is: 1 at its period and growing with every period more, so that nothing is put off for
    ever; below 1 it is not due. Without a time it counts 1.
    """
    if last is None:
        return 1.0
    return (now - last) / errand.period


def due_at(errand: Errand, last: datetime | None, now: datetime) -> datetime:
    """When the errand falls due, or fell."""
    return now if last is None else last + errand.period


def due(persona: Persona, last: Mapping[str, datetime], now: datetime) -> tuple[tuple[Errand, ...], float]:
    """The errands that are due at this hour, and the seconds until that may change: one falls due that is not yet,
    or a season or schedule begins or ends (hours are what these are counted in); an hour when nothing will.
    """
    found, wait = [], 3600.0 - (now.minute * 60 + now.second + now.microsecond / 1e6 if persona.seasonal else 0.0)
    for errand in persona.habits:
        left = (due_at(errand, last.get(errand.name), now) - now).total_seconds()
        if left > 0:
            wait = min(wait, left)
        elif errand.in_season(now):
            found.append(errand)
    return tuple(found), wait


def of_errands(errands: Iterable[Errand], last: Mapping[str, datetime], now: datetime) -> list[Wish]:
    """The wishes of errands that are due."""
    return [own(e.goal, e.weight, urgency(e, last.get(e.name), now), e.why or "it is due") for e in errands]


def own(goal: Goal, weight: float, due: float, why: str, aim: str = "") -> Wish:
    """A wish of the agent's own, which stays below tidying up. `due`: its urgency; `aim`: what it serves."""
    return Wish(goal, min(weight * due, TIDY_WEIGHT - 1), why, weight=weight, urgency=due, aim=aim)


@dataclass(frozen=True)
class Drive:
    """What the machine's state makes an agent want that heeds it: while the fact `felt` holds, `achieve`."""

    felt: str
    achieve: Fact
    weight: float
    why: str


DRIVES = (
    Drive("disk_low", fact("checked", "disk"), 20.0, "the disk is nearly full"),
    Drive("swap_high", fact("checked", "disk"), 15.0, "the machine is short of memory"),
)
DRIVE_SECONDS = 600.0
"""How long a drive is quiet after it was served."""


def of_machine(persona: Persona, felt: Iterable[Fact], last: Mapping[str, datetime], now: datetime) -> list[Wish]:
    """The wishes of the drives that are felt now and were not served a while ago, one for each goal."""
    names = {f.predicate for f in felt}
    wishes: dict[str, Wish] = {}
    for drive in DRIVES:
        before = last.get(str(drive.achieve))
        due = 1.0 if before is None else (now - before).total_seconds() / DRIVE_SECONDS
        if drive.felt in persona.heeds and drive.felt in names and due >= 1 and str(drive.achieve) not in wishes:
            goal = Goal(name=str(drive.achieve), condition=(drive.achieve,))
            wishes[goal.name] = own(goal, drive.weight, due, drive.why)
    return list(wishes.values())


def to_sleep(persona: Persona) -> Wish:
    """Out of hours there is one wish: to be at home."""
    return Wish(
        Goal(name="be at home", condition=(fact("at", "me", persona.home),), priority=1), 1.0, "my hours are over"
    )


def ranked(wishes: Iterable[Wish]) -> list[Wish]:
    """Strongest first, each goal once; of equal ones the longest due, then in the order of their names,
    so that the choice is the same anywhere.
    """
    found: dict[str, Wish] = {}
    for wish in sorted(wishes, key=lambda wish: (-wish.score, -wish.urgency, wish.name)):
        found.setdefault(wish.name, wish)
    return list(found.values())


def leaves(current: Wish, remaining: int, rival: Wish, cost: int = 0) -> bool:
    """Whether `rival`, with a plan of `cost`, is worth leaving `current` for, whose plan has `remaining`
    cost to go: it is of a higher tier, or worth `HYSTERESIS` times as much.
    """
    if rival.tier != current.tier:
        return rival.tier > current.tier
    return worth(rival.score, cost) > worth(current.score, remaining) * HYSTERESIS


def rivals(current: Wish, remaining: int, wishes: Iterable[Wish]) -> list[Wish]:
    """Those that would be worth leaving `current` for if they cost nothing, strongest first."""
    return [w for w in ranked(wishes) if w.name != current.name and leaves(current, remaining, w)]

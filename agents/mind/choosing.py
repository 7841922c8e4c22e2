"""Choosing: out of many wishes, one with a plan.

Owns which wishes are planned for and in what order (the strongest first, a learned policy before a search), and what is
said if a goal is out of reach. Refuses to follow a plan (the cycle does) and to hold the thread: each `next()` is one
slice.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agents.goap import Domain, GaveUp, Plan, Solved, Unsolvable, explain, search
from agents.goap.model import Fact
from agents.house.values import Wish
from agents.kernel.errors import NotFound, StepFailed
from agents.mind import goals, pursuit, words
from agents.mind.goals import Weighed
from agents.mind.sensors import View

if TYPE_CHECKING:
    from agents.mind.mind import Mind

SEARCHED, KNOWN = "searched", "known from an earlier plan"
"""Where a plan comes from."""


@dataclass
class Choice:
    """A wish with the plan for it. `known`: remembered facts it builds on; `over`: what it was
    weighed against; `reason`: a clause that ends a sentence.
    """

    wish: Wish
    plan: Plan
    origin: str
    known: set[Fact]
    view: View
    reason: str = ""
    over: tuple[Weighed, ...] = field(default=())


@dataclass(frozen=True)
class OutOfReach:
    """No plan leads to the wish, and why."""

    wish: Wish
    why: str


@dataclass(frozen=True)
class InUse:
    """Other agents work with the `things` that the wish needs, and will lay them back: why it has to wait."""

    wish: Wish
    why: str
    things: tuple[str, ...]


Thinking = Generator[OutOfReach | InUse | None, None, Choice | None]
"""A choice in the making: it yields None at the end of a slice, and at once what wishes it finds no plan for; it
returns None when nothing can be had.
"""


def choose(mind: Mind, wishes: list[Wish]) -> Thinking:
    """What is worth most of `wishes`, which come strongest first, after the cost of its plan."""
    plans: dict[str, Choice] = {}
    weighed: list[Weighed] = []
    while (wish := goals.next_to_weigh(wishes, weighed)) is not None:
        weighed.append((yield from _weigh(mind, wish, plans)))
    best = goals.pick(weighed)
    if best is None:
        return None
    choice = plans[best.wish.name]
    choice.reason, choice.over = best.wish.why, _others(best, wishes, weighed)
    return choice


def reconsider(mind: Mind, current: Wish, remaining: int, rivals: list[Wish]) -> Thinking:
    """The first of `rivals` that is worth leaving `current` for, of which `remaining` is to go, None
    when none is.
    """
    plans: dict[str, Choice] = {}
    for wish in rivals[: goals.MOST_WEIGHED]:
        found = yield from _weigh(mind, wish, plans)
        if found.cost is not None and goals.leaves(current, remaining, wish, found.cost):
            choice = plans[wish.name]
            choice.reason, choice.over = wish.why, (Weighed(current, remaining),)
            return choice
    return None


def _weigh(mind: Mind, wish: Wish, plans: dict[str, Choice]) -> Generator[OutOfReach | InUse | None, None, Weighed]:
    choice = yield from plan_for(mind, wish, set())
    if choice is None:
        return Weighed(wish, None, "no plan leads to it now")
    plans[wish.name] = choice
    return Weighed(wish, choice.plan.cost)


def _others(best: Weighed, wishes: Iterable[Wish], weighed: Iterable[Weighed]) -> tuple[Weighed, ...]:
    """Everything but the best: those that were weighed, and why the others were not."""
    by_name = {w.wish.name: w for w in weighed}
    others = []
    for wish in wishes:
        if wish.name != best.wish.name:
            behind = "too little to win" if wish.tier == best.wish.tier else "it comes after"
            others.append(by_name.get(wish.name) or Weighed(wish, None, behind))
    return tuple(others)


def anew(mind: Mind, wish: Wish, over: tuple[Weighed, ...], reason: str, known: Iterable[Fact] = ()) -> Thinking:
    """A plan for `wish` and no other."""
    choice = yield from plan_for(mind, wish, set(known))
    if choice is not None:
        choice.over, choice.reason = over, reason
    return choice


def plan_for(mind: Mind, wish: Wish, known: set[Fact]) -> Thinking:
    """A plan for `wish` from here. When there is none it yields why: as things stand then, not as they stood when the
    search began.
    """
    world = mind.core.world
    while True:
        things = world.items()
        found = yield from _sought(mind, wish, known)
        if isinstance(found, Choice):
            return found
        if world.items() == things:
            yield found
            return None


def _sought(mind: Mind, wish: Wish, known: set[Fact]) -> Generator[None, None, Choice | OutOfReach | InUse]:
    """A plan that was learned and works without what failed of late, else a new one."""
    minds = mind.minds
    view, task = mind.look(), mind.given(wish.task) if wish.task else None
    domain = minds.repertoire.domain(view)
    try:
        if task is not None:
            known = pursuit.known_from(domain, mind.recall.attempt(task).finished())
        state = mind.state(view, task, known)
    except (NotFound, StepFailed) as error:
        return OutOfReach(wish, error.message)
    penalties = mind.penalties()
    dearer = penalties.keys() & minds.repertoire.extra.keys()  # then what was learned may be dear now
    policy = None if dearer else minds.repertoire.policy(domain, wish.goal, state)
    if policy is not None and not domain.holds(state, wish.goal):
        plan = policy.advise(state, avoid=mask(domain, penalties))
        if plan is not None:
            return Choice(wish, plan, KNOWN, known, view)
    slices = search(domain, state, wish.goal, penalties=penalties)
    while True:
        try:
            next(slices)
        except StopIteration as end:
            outcome = end.value
            break
        yield
    if isinstance(outcome, Solved):
        if policy is not None and not penalties:  # a way around what failed is no way to recommend
            policy.learn(outcome.plan)
        return Choice(wish, outcome.plan, SEARCHED, known, view)
    if isinstance(outcome, GaveUp):
        return OutOfReach(wish, f"no plan was found within {outcome.nodes} states")
    return _cannot(mind, wish, view, domain, state, outcome)


def mask(domain: Domain, actions: Iterable[str]) -> int:
    """The actions called so, as a mask; those the domain no longer has are left out."""
    names = set(actions)
    return sum(1 << i for i, text in enumerate(domain.texts) if text in names) if names else 0


def _cannot(mind: Mind, wish: Wish, view: View, domain: Domain, state: int, outcome: Unsolvable) -> OutOfReach | InUse:
    """The goal is out of reach: name what stands in the way, as it stands in the world."""
    minds = mind.minds
    unreachable = explain.unreachable(
        domain,
        state,
        wish.goal,
        outcome=outcome,
        words=words.of_fact(view),
        deeds=words.of_deed(view, minds.core.kinds),
    )
    names = {p.slug: p.name for p in minds.core.roster.values()}
    found = [words.obstacle(view, root, names, mind.readiness()) for root in unreachable.roots]
    why = words.joined(dict.fromkeys(o.words for o in found)) if found else unreachable.sentences[0]
    holders = [o.holder for o in found if o.holder]
    if wish.task and found and len(holders) == len(found) and all(map(minds.returns, holders)):
        return InUse(wish, why, tuple(dict.fromkeys(o.thing for o in found)))
    return OutOfReach(wish, why)

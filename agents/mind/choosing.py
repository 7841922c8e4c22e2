"""From a wish to a plan: what was learned before, else a search in slices.

Owns the order of asking (the shared policy, then the search) and what is said when a goal is
out of reach. Refuses to follow a plan, which is the cycle's, and to hold the thread: each
`next()` is one slice.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agents.goap import Domain, GaveUp, Plan, Solved, Unsolvable, explain, search
from agents.goap.model import Fact
from agents.kernel.errors import NotFound, StepFailed
from agents.mind import pursuit, words
from agents.mind.goals import Wish
from agents.mind.sensors import View

if TYPE_CHECKING:
    from agents.mind.cycle import Mind

SEARCHED, KNOWN = "searched", "known from an earlier plan"
"""Where a plan comes from."""


@dataclass
class Choice:
    """A wish with the plan for it. `known`: remembered facts it builds on; `over`: what it was
    chosen over; `reason`: a clause that ends a sentence.
    """

    wish: Wish
    plan: Plan
    origin: str
    known: set[Fact]
    view: View
    reason: str = ""
    over: tuple[Wish, ...] = field(default=())


Thinking = Generator[None, None, "Choice | None"]
"""A choice in the making; it returns None when nothing can be had."""


def choose(mind: Mind, wishes: list[Wish]) -> Thinking:
    """The strongest of `wishes`, with its plan."""
    return (yield from anew(mind, wishes[0], tuple(wishes[1:]), wishes[0].why))


def anew(mind: Mind, wish: Wish, over: tuple[Wish, ...], reason: str, known: Iterable[Fact] = ()) -> Thinking:
    """A plan for `wish` and no other."""
    choice = yield from plan_for(mind, wish, set(known))
    if choice is not None:
        choice.over, choice.reason = over, reason
    return choice


def plan_for(mind: Mind, wish: Wish, known: set[Fact]) -> Thinking:
    """A plan for `wish` from here: one that was learned and works without what failed of late, else a new
    one. When there is none the mind gives the wish up, or waits with it.
    """
    house = mind.house
    view, task = mind.look(), house.work.get(wish.task) if wish.task else None
    domain = house.repertoire.domain(view)
    try:
        if task is not None:
            known = pursuit.known_from(domain, house.journal.finished(task, task.attempt))
        state = domain.state(mind.sense(view, task) | known)
    except (NotFound, StepFailed) as error:
        mind.let_go(wish, error.message)
        return None
    penalties = mind.penalties()
    policy = house.repertoire.policy(domain, wish.goal, state)
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
        mind.let_go(wish, f"no plan was found within {outcome.nodes} states")
    else:
        _cannot(mind, wish, view, domain, state, outcome)
    return None


def mask(domain: Domain, actions: Iterable[str]) -> int:
    """The actions called so, as a mask; those the domain no longer has are left out."""
    names = set(actions)
    return sum(1 << i for i, text in enumerate(domain.texts) if text in names) if names else 0


def _cannot(mind: Mind, wish: Wish, view: View, domain: Domain, state: int, outcome: Unsolvable) -> None:
    """The goal is out of reach: name what stands in the way, as it stands in the world."""
    house = mind.house
    unreachable = explain.unreachable(
        domain, state, wish.goal, outcome=outcome, words=words.of_fact(view), deeds=words.of_deed(view, house.kinds)
    )
    names = {p.slug: p.name for p in house.personas.values()}
    found = [words.obstacle(view, root, names, mind.readiness()) for root in unreachable.roots]
    why = words.joined(dict.fromkeys(o.words for o in found)) if found else unreachable.sentences[0]
    holders = [o.holder for o in found if o.holder]
    if wish.task and found and len(holders) == len(found) and all(map(house.returns, holders)):
        mind.wait(wish, why)
    else:
        mind.let_go(wish, why)

"""Why a plan is as it is, why not otherwise, and why a goal is out of reach.

Owns the reasons, as data with sentences; every one is read off the domain, the plan or
a search, none is guessed. Refuses to know the world's names: `words` turns a fact into a
phrase and `deeds` an action's text; without them the written forms are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from agents.goap.compile import NOT, Domain, bits
from agents.goap.heuristic import Operator, Relaxation
from agents.goap.model import Fact, Goal
from agents.goap.plan import GOAL, Link, Plan
from agents.goap.search import Progress, Solved, Unsolvable, search
from agents.kernel.errors import NotFound

Words = Callable[[Fact], str]
Deeds = Callable[[str], str]
WISH = 1000
"""Price of a fact that is assumed while looking for what blocks a goal: dearer than most plans,
so that as few as possible are assumed."""


@dataclass(frozen=True)
class Explanation:
    """Reasons in full sentences, the most telling first."""

    sentences: tuple[str, ...]

    def __str__(self) -> str:
        """One sentence a line."""
        return "\n".join(self.sentences)


@dataclass(frozen=True)
class Why(Explanation):
    """`chain`: from the step asked for to the goal, (position, the link it serves)."""

    chain: tuple[tuple[int, Link], ...]


Verdict = Literal["planned", "unneeded", "impossible", "dearer", "equal", "cheaper", "unknown"]


@dataclass(frozen=True)
class WhyNot(Explanation):
    """Why an action is not next, or not in the plan at all.

    `missing`: its preconditions that do not hold now. `extra`: what the plan found with it
    costs more than the plan without, None where no such plan was found.
    """

    verdict: Verdict
    missing: tuple[Fact, ...]
    extra: int | None = None


@dataclass(frozen=True)
class Blame:
    """`fact` cannot be had: `action`, its nearest achiever, wants `needs`, which cannot be had
    either. At a root `action` is empty: nothing brings it about, or only what itself needs it;
    then `needs` are what its achievers want in vain.
    """

    fact: Fact
    action: str
    needs: tuple[Fact, ...]


@dataclass(frozen=True)
class Unreachable(Explanation):
    """`missing`: the goal's literals out of reach. `roots`: the fewest facts which, if they held,
    would put them in reach. `chain`: how the one follows from the other, goal first.
    """

    missing: tuple[Fact, ...] = ()
    roots: tuple[Fact, ...] = ()
    chain: tuple[Blame, ...] = field(default=())


def phrase(fact: Fact, words: Words = str) -> str:
    """A literal in words: `not` stands before the words of a fact that should be false."""
    if fact.predicate.startswith(NOT):
        return "not " + words(Fact(predicate=fact.predicate[len(NOT) :], args=fact.args))
    return words(fact)


def describe(plan: Plan, position: int = 0, *, words: Words = str, deeds: Deeds = str) -> list[str]:
    """The plan, one line a step: what is done, what is next (`position`), what is to come, and what for."""
    wanted = [phrase(f, words) for f in _condition(plan.goal)]
    done = min(max(position, 0), len(plan))
    lines = [f"Goal {plan.goal.name}: {_list(wanted)}. {done} of {_count(len(plan), 'step')} done, cost {plan.cost}."]
    for step in plan.steps:
        mark = "done" if step.index < position else "next" if step.index == position else "then"
        uses = [f"{phrase(s.fact, words)} for {_consumer(s.consumer)}" for s in step.serves]
        lines.append(f"{step.index + 1}. {mark}: {deeds(step.action)}" + (f" ({_list(uses)})" if uses else ""))
    return lines


def why(domain: Domain, plan: Plan, index: int, *, words: Words = str, deeds: Deeds = str) -> Why:
    """What step `index` (from 0) is for: causal links from it up to the goal.

    Of several links the one to the goal is followed, else the one to the earliest step.
    Raises NotFound when the plan has no such step.
    """
    if not 0 <= index < len(plan):
        raise NotFound(f"The plan has no step {index + 1}; it has {_count(len(plan), 'step')}.")
    chain: list[tuple[int, Link]] = []
    sentences: list[str] = []
    here = index
    while here != GOAL:
        step = plan.steps[here]
        if not step.serves:
            sentences.append(f"Step {here + 1}, {deeds(step.action)}, serves nothing that comes after it.")
            break
        link = min(step.serves, key=lambda s: s.consumer)
        chain.append((here, link))
        other = "" if link.consumer == GOAL else f", {deeds(plan.steps[link.consumer].action)}"
        sentences.append(
            f"Step {here + 1}, {deeds(step.action)}, brings about {phrase(link.fact, words)}, "
            + (f"which is the goal {plan.goal.name}." if not other else f"which step {link.consumer + 1}{other}, needs.")
        )
        here = link.consumer
    return Why(tuple(sentences), tuple(chain))


def why_not(
    domain: Domain,
    state: int,
    goal: Goal,
    action: int | str,
    *,
    plan: Plan | None = None,
    penalties: Mapping[str, int] | None = None,
    words: Words = str,
    deeds: Deeds = str,
) -> WhyNot:
    """Why `action` is not done for `goal` in `state`; the searches are run to their end.

    `plan`: the plan in force from `state`, if there is one; it spares a search. Raises
    NotFound for an unknown action. `why_not_slices` does the same in slices.
    """
    slices = why_not_slices(domain, state, goal, action, plan=plan, penalties=penalties, words=words, deeds=deeds)
    while True:
        try:
            next(slices)
        except StopIteration as end:
            answer: WhyNot = end.value
            return answer


def why_not_slices(
    domain: Domain,
    state: int,
    goal: Goal,
    action: int | str,
    *,
    plan: Plan | None = None,
    penalties: Mapping[str, int] | None = None,
    words: Words = str,
    deeds: Deeds = str,
) -> Generator[Progress, None, WhyNot]:
    """`why_not` as a generator with the slices of `search`."""
    i = domain.index(action)
    name = deeds(domain.texts[i])
    missing = domain.literals(domain.pre[i] & ~state)
    now = f"It cannot be done now: {_list([phrase(f, words) for f in missing])} does not hold." if missing else ""

    def answer(verdict: Verdict, *sentences: str, extra: int | None = None) -> WhyNot:
        return WhyNot(tuple(s for s in (*sentences, now) if s), verdict, missing, extra)

    if plan is None:
        outcome = yield from search(domain, state, goal, penalties=penalties)
        if not isinstance(outcome, Solved):
            return answer("unknown", f"There is no plan for {goal.name} to compare {name} with.")
        plan, cost = outcome.plan, outcome.spent
    else:
        cost = sum(_price(domain, domain.index(s.action), penalties) for s in plan.steps)
    at = next((s.index for s in plan.steps if s.action == domain.texts[i]), None)
    if at is not None:
        return answer("planned", f"{name} is in the plan: step {at + 1}.")
    if not domain.relevant(domain.goal(goal))[0] >> i & 1:
        gains = [phrase(f, words) for f in domain.literals(domain.add[i] & ((1 << domain.count) - 1))]
        brings = f" It brings about {_list(gains)}, which nothing on the way needs." if gains else ""
        return answer("unneeded", f"{name} is not needed for {goal.name}.{brings}")
    other = yield from search(domain, state, goal, penalties=penalties, through=i)
    if isinstance(other, Unsolvable):
        return answer("impossible", f"No plan for {goal.name} can contain {name}.")
    if not isinstance(other, Solved):
        return answer("unknown", f"No plan with {name} was found within {other.nodes} states.")
    extra = other.spent - cost
    if extra > 0:
        return answer("dearer", f"{name} costs {extra} more: {other.spent} with it, {cost} without.", extra=extra)
    if extra == 0:
        return answer("equal", f"{name} would do as well: both plans cost {cost}.", extra=0)
    return answer("cheaper", f"{name} would be cheaper: {other.spent} with it, {cost} as planned.", extra=extra)


def unreachable(
    domain: Domain,
    state: int,
    goal: Goal,
    *,
    outcome: Unsolvable | None = None,
    words: Words = str,
    deeds: Deeds = str,
) -> Unreachable:
    """Why `goal` cannot be reached from `state`, blamed down to the roots.

    Facts count as reachable when they are so while nothing becomes false. Where all are,
    `missing` is empty, and `outcome`, what the search said, names what cannot hold together.
    """
    unknown = domain.unknown(goal)
    if unknown:
        chain = tuple(Blame(f, "", ()) for f in unknown)
        return Unreachable(tuple(f"{phrase(f, words)}: no action knows of it." for f in unknown), unknown, unknown, chain)
    target = domain.goal(goal)
    mask, _ = domain.relevant(target)
    relaxation = Relaxation(
        [
            Operator(i, domain.needs[i], domain.gains[i], domain.pre[i], domain.add[i], domain.keep[i], domain.costs[i])
            for i in bits(mask)
        ],
        domain.size,
    )
    _, reached = relaxation.reachable(state)
    missing = target & ~reached
    if not missing:
        return Unreachable(_together(goal, outcome, words))
    wishes = _wishes(domain, relaxation, state, target, mask)
    _, support = relaxation.explore(state, wishes=dict.fromkeys(bits(wishes), WISH))
    chain_: list[Blame] = []
    roots = 0
    queue = list(bits(missing))
    blamed = missing
    for literal in queue:
        if support[literal] < 0:
            roots |= 1 << literal
            wants = 0
            for i in bits(domain.achievers[literal] & mask):
                wants |= domain.pre[i] & ~reached & ~(1 << literal)
            chain_.append(Blame(domain.literal(literal), "", domain.literals(wants)))
            continue
        o = relaxation.operators[support[literal]]
        needs = o.pre & ~reached
        chain_.append(Blame(domain.literal(literal), domain.texts[o.index], domain.literals(needs)))
        queue += bits(needs & ~blamed)
        blamed |= needs
    facts = domain.literals(roots)
    sentences = (
        _headline(domain.literals(missing), facts, words),
        *(_blame(b, words, deeds) for b in chain_),
    )
    return Unreachable(sentences, domain.literals(missing), facts, tuple(chain_))


def _wishes(domain: Domain, relaxation: Relaxation, state: int, target: int, mask: int) -> int:
    """Literals to assume so that `target` comes into reach: those at the bottom of what is missing.

    Among unreachable literals, p rests on q when an action that brings about p needs q. At
    the bottom are those that rest on none but such as rest on them (a closed door; a thing
    that only who has it can put down). Assume these, see what follows, and go on with the rest.
    """
    wishes = 0
    while True:
        _, reached = relaxation.reachable(state | wishes)
        if not target & ~reached:
            return wishes
        rests: dict[int, int] = {}
        todo = list(bits(target & ~reached))
        for literal in todo:
            if literal not in rests:
                rests[literal] = 0
                for i in bits(domain.achievers[literal] & mask):
                    rests[literal] |= domain.pre[i] & ~reached
                todo += bits(rests[literal])
        for literal in rests:
            below = _below(rests, literal)
            if all(_below(rests, other) >> literal & 1 for other in bits(below)):
                wishes |= 1 << literal | below


def _below(rests: Mapping[int, int], literal: int) -> int:
    """All that `literal` rests on, directly or not."""
    found, todo = 0, rests[literal]
    while todo:
        low = todo & -todo
        found |= low
        todo = (todo | rests[low.bit_length() - 1]) & ~found
    return found


def _price(domain: Domain, i: int, penalties: Mapping[str, int] | None) -> int:
    """Cost of action i with its penalties."""
    return domain.costs[i] + sum((penalties or {}).get(key, 0) for key in {domain.texts[i], domain.names[i]})


def _together(goal: Goal, outcome: Unsolvable | None, words: Words) -> tuple[str, ...]:
    if outcome is not None and outcome.conflict:
        return (f"{_list([phrase(f, words) for f in outcome.conflict])} cannot hold together.",)
    if outcome is not None and outcome.missing:
        return (f"{_list([phrase(f, words) for f in outcome.missing])} is in none of the states that can be reached.",)
    if outcome is not None:
        return (f"Each part of {goal.name} can be reached, but not all of them together.",)
    return (f"Each part of {goal.name} can be reached by itself.",)


def _headline(missing: Iterable[Fact], roots: Iterable[Fact], words: Words) -> str:
    top, bottom = [phrase(f, words) for f in missing], [phrase(f, words) for f in roots]
    if top == bottom:
        return f"{_list(top)} cannot be reached."
    return f"{_list(top)} cannot be reached because {_list(bottom)} does not hold and cannot be brought about."


def _blame(blame: Blame, words: Words, deeds: Deeds) -> str:
    fact, needs = phrase(blame.fact, words), [phrase(f, words) for f in blame.needs]
    if blame.action:
        return f"{fact}: {deeds(blame.action)} would bring it about, but needs {_list(needs)}."
    if needs:
        more = f" and {len(needs) - 3} others" if len(needs) > 3 else ""
        return f"{fact}: what brings it about needs {', '.join(needs[:3])}{more}, and in the end {fact} itself."
    return f"{fact}: it does not hold, and nothing brings it about."


def _condition(goal: Goal) -> tuple[Fact, ...]:
    return goal.condition + tuple(Fact(predicate=NOT + f.predicate, args=f.args) for f in goal.negative)


def _consumer(consumer: int) -> str:
    return "the goal" if consumer == GOAL else f"step {consumer + 1}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _list(parts: Iterable[str]) -> str:
    *head, last = list(parts) or ["nothing"]
    return f"{', '.join(head)} and {last}" if head else last

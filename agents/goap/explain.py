"""Why a plan is as it is, why it is not different, and why a goal is unreachable.

Owns the reasons, as data with sentences. All of them are derived from the domain, the plan or a search; none is
guessed. Does not know the world's names: `words` turns a fact into a phrase and `deeds` an action's text. Without
them, the written forms are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agents.goap.blame import Blame, Excuse, blame, relaxed
from agents.goap.clash import Clash, clash
from agents.goap.domain import NOT, Domain, bits, negated
from agents.goap.model import Fact, Goal
from agents.goap.outcome import Solved, Unsolvable, run
from agents.goap.plan import GOAL, Link, Plan, PlanStep
from agents.goap.regression import Refuted, regress
from agents.goap.search import MAX_NODES, search
from agents.goap.task import prices
from agents.kernel.errors import NotFound

Words = Callable[[Fact], str]
Deeds = Callable[[str], str]


@dataclass(frozen=True)
class Explanation:
    """Reasons in full sentences, the most important first."""

    sentences: tuple[str, ...]

    def __str__(self) -> str:
        """One sentence a line."""
        return "\n".join(self.sentences)


@dataclass(frozen=True)
class Why(Explanation):
    """`chain`: from the given step to the goal, (position, the link it serves)."""

    chain: tuple[tuple[int, Link], ...]


Verdict = Literal[
    "planned", "unneeded", "impossible", "dearer", "equal", "cheaper", "unknown", "weaker", "waits", "later", "holds"
]


@dataclass(frozen=True)
class WhyNot(Explanation):
    """Why an action is not next, or not in the plan at all.

    `missing`: its preconditions that do not hold now. `extra`: how much more the plan found with it costs than the
    plan without; None if no such plan was found.
    """

    verdict: Verdict
    missing: tuple[Fact, ...]
    extra: int | None = None


@dataclass(frozen=True)
class Unreachable(Explanation):
    """`missing`: unreachable goal literals. `roots`: a few facts which, if they held, would make them reachable.
    `chain`: how one follows from the other, goal first. If nothing is missing, `conflict` holds the goal literals
    that cannot hold together (or one whose needs cannot), and `clash` is the pair at the bottom of it, if there is
    one.
    """

    missing: tuple[Fact, ...] = ()
    roots: tuple[Fact, ...] = ()
    chain: tuple[Blame, ...] = ()
    conflict: tuple[Fact, ...] = ()
    clash: Clash | None = None


def phrase(fact: Fact, words: Words = str) -> str:
    """A literal in words: `not` precedes the words of a fact that should be false."""
    if fact.predicate.startswith(NOT):
        return "not " + words(Fact(predicate=fact.predicate[len(NOT) :], args=fact.args))
    return words(fact)


def describe(plan: Plan, position: int = 0, *, words: Words = str, deeds: Deeds = str) -> list[str]:
    """The plan, one line for each step: what is done, what is next (`position`), what is to come, and what for."""
    done = min(max(position, 0), len(plan))
    wanted = _list(_condition(plan.goal), words)
    lines = [f"Goal {plan.goal.name}: {wanted}. {done} of {_count(len(plan), 'step')} done, cost {plan.cost}."]
    for step in plan.steps:
        mark = "done" if step.index < done else "next" if step.index == done else "then"
        uses = _uses(step, words)
        lines.append(f"{step.index + 1}. {mark}: {deeds(step.action)}" + (f" ({uses})" if uses else ""))
    return lines


def why(domain: Domain, plan: Plan, index: int, *, words: Words = str, deeds: Deeds = str) -> Why:
    """What step `index` (from 0) is for: causal links from it to the goal.

    Of several links, the one to the goal is followed, or else the one to the earliest step. Raises NotFound if the
    plan has no such step.
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
            + (
                f"which is the goal {plan.goal.name}."
                if not other
                else f"which step {link.consumer + 1}{other}, needs."
            )
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
    max_nodes: int = MAX_NODES,
    words: Words = str,
    deeds: Deeds = str,
) -> WhyNot:
    """Why `action` is not done for `goal` in `state`; runs the searches to their end.

    `plan`: the current plan from `state`, if there is one; it saves a search. `max_nodes`: limit of states for each
    search. Raises NotFound for an unknown action.
    """
    i = domain.index(action)
    name = deeds(domain.texts[i])
    missing = domain.literals(domain.pre[i] & ~state)
    now = f"It cannot be done now: {_hold(missing, words)}." if missing else ""

    def answer(verdict: Verdict, *sentences: str, extra: int | None = None) -> WhyNot:
        return WhyNot(tuple(s for s in (*sentences, now) if s), verdict, missing, extra)

    if plan is None:
        outcome = run(search(domain, state, goal, penalties=penalties, max_nodes=max_nodes))
        if not isinstance(outcome, Solved):
            return answer("unknown", f"There is no plan for {goal.name} to compare {name} with.")
        plan, cost = outcome.plan, outcome.spent
    else:
        costs = prices(domain, penalties)[0]
        cost = sum(costs[domain.index(text)] for text in plan.texts)
    at = next((s.index for s in plan.steps if s.action == domain.texts[i]), None)
    if at is not None:
        return answer("planned", f"{name} is in the plan: step {at + 1}.")
    if not domain.relevant(domain.goal(goal))[0] >> i & 1:
        gains = domain.literals(domain.add[i] & ((1 << domain.count) - 1))
        brings = f" It brings about {_list(gains, words)}, which nothing on the way needs." if gains else ""
        return answer("unneeded", f"{name} is not needed for {goal.name}.{brings}")
    other = run(search(domain, state, goal, penalties=penalties, through=i, max_nodes=max_nodes))
    if isinstance(other, Unsolvable):
        never = domain.literals(domain.pre[i] & ~relaxed(domain, domain.pre[i]).reachable(state)[1])
        needs = f": it needs {_list(never, words)}, which cannot be reached" if never else ""
        return answer("impossible", f"No plan for {goal.name} can contain {name}{needs}.")
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
    """Why `goal` cannot be reached from `state`, traced down to the roots.

    First come literals that are unreachable even in the delete relaxation. If there are none, the reason is
    literals that cannot hold together, traced down to two that exclude each other. This is proven here, for the
    part of the goal named by `outcome` (the result of the search), or otherwise for the whole goal.
    """
    unknown = domain.unknown(goal)
    if unknown:
        chain = tuple(Blame(f, "", ()) for f in unknown)
        return Unreachable(
            tuple(f"{phrase(f, words)}: no action mentions it." for f in unknown), unknown, unknown, chain
        )
    target = domain.goal(goal)
    excuse = blame(domain, state, target)
    if excuse.missing:
        sentences = (_headline(excuse, words), *(_blame(b, words, deeds) for b in excuse.chain))
        return Unreachable(sentences, excuse.missing, excuse.roots, excuse.chain)
    named = set() if outcome is None else {*outcome.missing, *outcome.conflict}
    wanted = sum(1 << i for i in bits(target) if domain.literal(i) in named) or target
    proof = run(regress(domain, state, wanted))
    missing, conflict = (proof.missing, proof.conflict) if isinstance(proof, Refuted) else (0, 0)
    if outcome is not None and not missing and not conflict and named:
        missing, conflict = (wanted, 0) if outcome.missing else (0, wanted)
    reason = clash(domain, state, missing or conflict) if (missing or conflict).bit_count() <= 2 else None
    return Unreachable(
        _together(domain, goal, missing, conflict, reason, outcome is not None, words, deeds),
        conflict=domain.literals(missing or conflict),
        clash=reason,
    )


def _together(
    domain: Domain,
    goal: Goal,
    missing: int,
    conflict: int,
    reason: Clash | None,
    proven: bool,
    words: Words,
    deeds: Deeds,
) -> tuple[str, ...]:
    """What excludes what, and why; `proven`: a search has shown that there is no plan."""
    if not missing and not conflict:
        if proven:
            return (f"Each part of {goal.name} can be reached, but not all of them together.",)
        return (f"Each part of {goal.name} can be reached by itself.",)
    said = domain.literals(missing or conflict)
    first = f"{_list(said, words)} can never hold" if missing else _apart(said, words)
    if reason is None:
        return (first + (": what it needs cannot hold together." if missing else "."),)
    rule = _rule(reason, words)
    chain = tuple(_blame(link, words, deeds) for link in reason.chain)
    if reason.pair == said:
        return (f"{first}: {rule}.",)
    below = _apart(reason.pair, words) if missing else f"{_list(reason.pair, words)} cannot"
    return (f"{first}, because {below}.", *chain, f"{_apart(reason.pair, words)}: {rule}.")


def _apart(facts: Sequence[Fact], words: Words) -> str:
    return f"{_list(facts, words)} cannot {'all ' if len(facts) > 2 else ''}hold together"


def _rule(reason: Clash, words: Words) -> str:
    """Why the pair at the bottom exclude each other."""
    if reason.pair[1] == negated(reason.pair[0]):
        return "the one denies the other"
    others = [f for f in reason.group if f not in reason.pair]
    if not reason.group:
        return "whatever brings about one of them undoes the other"
    if not others:
        return "whatever brings about one of them takes away the other"
    if len(others) > 2 and len({(f.predicate, len(f.args)) for f in reason.group}) == 1:
        return f"of the {len(reason.group)} facts of their kind only one holds at a time"
    more = _list(others, words) if len(others) <= 2 else f"{len(others)} others"
    return f"of these two and {more} only one holds at a time"


def _headline(excuse: Excuse, words: Words) -> str:
    if excuse.missing == excuse.roots:
        return f"{_list(excuse.missing, words)} cannot be reached."
    return (
        f"{_list(excuse.missing, words)} cannot be reached, because {_hold(excuse.roots, words)} "
        "and cannot be brought about."
    )


def _blame(blame: Blame, words: Words, deeds: Deeds) -> str:
    fact = phrase(blame.fact, words)
    if blame.action:
        return f"{fact}: {deeds(blame.action)} would bring it about, but needs {_list(blame.needs, words)}."
    if blame.needs:
        first = [phrase(f, words) for f in blame.needs[:3]]
        more = f" or {_count(len(blame.needs) - 3, 'other')}" if len(blame.needs) > 3 else ""
        return f"{fact}: what would bring it about needs {', '.join(first)}{more}, and in the end {fact} itself."
    return f"{fact}: it does not hold, and nothing brings it about."


def _condition(goal: Goal) -> tuple[Fact, ...]:
    return goal.condition + tuple(negated(f) for f in goal.negative)


def _uses(step: PlanStep, words: Words) -> str:
    """What the step achieves and for whom, each fact once."""
    users: dict[Fact, list[int]] = {}
    for link in step.serves:
        users.setdefault(link.fact, []).append(link.consumer)
    parts = []
    for fact, consumers in users.items():
        numbers = [str(c + 1) for c in consumers if c != GOAL]
        who = [f"step{'s' if len(numbers) > 1 else ''} {_and(numbers)}"] if numbers else []
        parts.append(f"{phrase(fact, words)} for {_and(who + ['the goal'] * (GOAL in consumers))}")
    return "; ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _hold(facts: Sequence[Fact], words: Words) -> str:
    return f"{_list(facts, words)} {'does' if len(facts) == 1 else 'do'} not hold"


def _list(facts: Iterable[Fact], words: Words) -> str:
    return _and([phrase(f, words) for f in facts])


def _and(parts: Sequence[str]) -> str:
    *head, last = parts or ["nothing"]
    return f"{', '.join(head)} and {last}" if head else last

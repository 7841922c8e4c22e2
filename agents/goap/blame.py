"""What blocks a goal: few facts which, if they held, would put it in reach.

Owns excuses (Göbelbecker et al. 2010) on the relaxation in which nothing becomes
false: what is out of reach there is so in truth. Refuses to word them: `explain` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agents.goap.domain import Domain, bits
from agents.goap.model import Fact
from agents.goap.relaxation import Operator, Relaxation

WISH = 1000
"""Price of a fact that is assumed: dearer than most plans, so that few are."""


@dataclass(frozen=True)
class Blame:
    """`fact` cannot be had: `action`, its nearest achiever, wants `needs`, which cannot be had
    either. At a root `action` is empty: nothing brings the fact about (`needs` is empty), or
    only what wants, besides `needs`, in the end the fact itself.
    """

    fact: Fact
    action: str
    needs: tuple[Fact, ...]


@dataclass(frozen=True)
class Excuse:
    """`missing`: goal literals out of reach; `roots`: what to blame; `chain`: from each root up to
    the goal, goal first.
    """

    missing: tuple[Fact, ...]
    roots: tuple[Fact, ...] = ()
    chain: tuple[Blame, ...] = ()


def relaxed(domain: Domain, target: int) -> Relaxation:
    """The relaxation of all that bears on the literals `target`."""
    mask, literals = domain.relevant(target)
    return Relaxation([Operator.of(domain, i, domain.costs[i], literals) for i in bits(mask)], domain.size)


def blame(domain: Domain, state: int, target: int) -> Excuse:
    """Why the literals `target` cannot be reached from `state`; nothing is missing when they can."""
    relaxation = relaxed(domain, target)
    _, reached = relaxation.reachable(state)
    missing = target & ~reached
    if not missing:
        return Excuse(())
    wishes = dict.fromkeys(bits(_bottoms(domain, relaxation, state, target)), WISH)
    _, support = relaxation.explore(state, wishes=wishes)
    # Breadth first from the goal, so that each root gets a shortest chain.
    above: dict[int, int] = dict.fromkeys(bits(missing), -1)
    queue = list(above)
    needs: dict[int, int] = {}
    for literal in queue:
        if support[literal] >= 0:
            needs[literal] = relaxation.operators[support[literal]].pre & ~reached
            for need in bits(needs[literal]):
                if need not in above:
                    above[need] = literal
                    queue.append(need)
    roots = [literal for literal in queue if support[literal] < 0]
    told: set[int] = set()
    for literal in roots:
        while literal >= 0:
            told.add(literal)
            literal = above[literal]
    chain = []
    for literal in queue:
        if literal in told and support[literal] >= 0:
            action = domain.texts[relaxation.operators[support[literal]].index]
            chain.append(Blame(domain.literal(literal), action, domain.literals(needs[literal])))
        elif literal in told:
            others = sum(1 << root for root in roots if root != literal)
            wants = _wants(domain, relaxation, literal) & ~relaxation.reachable(state | others)[1]
            chain.append(Blame(domain.literal(literal), "", domain.literals(wants & ~(1 << literal))))
    return Excuse(domain.literals(missing), tuple(domain.literal(r) for r in roots), tuple(chain))


def _wants(domain: Domain, relaxation: Relaxation, literal: int) -> int:
    """All that the achievers of `literal` need."""
    wants = 0
    for i in bits(domain.achievers[literal]):
        wants |= domain.pre[i]
    return wants & relaxation.read


def _bottoms(domain: Domain, relaxation: Relaxation, state: int, target: int) -> int:
    """Literals to choose assumptions from: those at the bottom of what is missing.

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
                rests[literal] = _wants(domain, relaxation, literal) & ~reached
                todo += bits(rests[literal])
        below = {literal: _closure(rests, literal) for literal in rests}
        wishes |= _join(
            1 << literal for literal in rests if all(below[other] >> literal & 1 for other in bits(below[literal]))
        )


def _closure(rests: Mapping[int, int], literal: int) -> int:
    """All that `literal` rests on, directly or not."""
    found, todo = 0, rests[literal]
    while todo:
        low = todo & -todo
        found |= low
        todo = (todo | rests[low.bit_length() - 1]) & ~found
    return found


def _join(masks: Iterable[int]) -> int:
    joined = 0
    for mask in masks:
        joined |= mask
    return joined

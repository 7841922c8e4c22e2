"""What blocks a goal: a few facts which, if they held, would make it reachable.

Owns excuses (Göbelbecker et al. 2010) on the delete relaxation: what is unreachable there really is unreachable.
Leaves the wording to `explain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agents.goap.domain import Domain, bits
from agents.goap.model import Fact
from agents.goap.relaxation import Operator, Relaxation

WISH = 1000
"""Price of an assumed fact: higher than the cost of most plans, so that few are assumed."""


@dataclass(frozen=True)
class Blame:
    """`fact` is unreachable: `action`, its nearest achiever, needs `needs`, which are unreachable too. At a root
    `action` is empty: either nothing achieves the fact (`needs` is empty), or all achievers need `needs` and, in
    the end, the fact itself.
    """

    fact: Fact
    action: str
    needs: tuple[Fact, ...]


@dataclass(frozen=True)
class Excuse:
    """`missing`: unreachable goal literals; `roots`: what to blame; `chain`: from each root up to the goal, goal
    first.
    """

    missing: tuple[Fact, ...]
    roots: tuple[Fact, ...] = ()
    chain: tuple[Blame, ...] = ()


def relaxed(domain: Domain, target: int) -> Relaxation:
    """The relaxation of everything relevant to the literals `target`."""
    mask, literals = domain.relevant(target)
    return Relaxation([Operator.of(domain, i, domain.costs[i], literals) for i in bits(mask)], domain.size)


def blame(domain: Domain, state: int, target: int) -> Excuse:
    """Why the literals `target` cannot be reached from `state`; `missing` is empty if they can."""
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
    """Everything that the achievers of `literal` need."""
    wants = 0
    for i in bits(domain.achievers[literal]):
        wants |= domain.pre[i]
    return wants & relaxation.read


def _bottoms(domain: Domain, relaxation: Relaxation, state: int, target: int) -> int:
    """Candidates for assumptions: the literals at the bottom of what is missing.

    An unreachable literal p depends on q if an action that achieves p needs q. At the bottom are those that depend
    only on literals that depend on them (a closed door; a thing that only its holder can put down). Assume these,
    see what follows, and continue with the rest.
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
    """Everything that `literal` depends on, directly or indirectly."""
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

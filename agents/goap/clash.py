"""Why literals exclude one another: from the goal down to a pair that a rule separates.

Owns the chain of reasons behind a proof based on mutexes; each link is an action and what it needs. Leaves the
proof to `regression.py` and the wording to `explain.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agents.goap.blame import Blame
from agents.goap.domain import Domain, bits
from agents.goap.invariants import standing
from agents.goap.model import Fact
from agents.goap.outcome import run
from agents.goap.pairs import Pairs, stages


@dataclass(frozen=True)
class Clash:
    """The two literals of `pair` exclude each other: either both are in `group`, whose facts hold only one at a time,
    or (if `group` is empty) each action that achieves one undoes the other. `chain`: how the goal leads to the
    pair.
    """

    pair: tuple[Fact, Fact]
    group: tuple[Fact, ...]
    chain: tuple[Blame, ...]


def clash(domain: Domain, state: int, wanted: int) -> Clash | None:
    """The nearest reason why `wanted`, one literal or two, cannot hold in any state reachable from `state`; None if no
    such pair is the cause.
    """
    pairs = Pairs(domain, state, run(stages(domain, wanted)))
    run(pairs.complete())
    groups = standing(domain.groups, state)
    above: dict[int, tuple[int, Blame | None]] = {_first(pairs, wanted): (0, None)}
    queue = [node for node in above if node]
    for node in queue:  # breadth first; a node is one literal or two
        if node & node - 1:
            group = next((g for g in groups if not node & ~g), 0)
            below = list(_pair(domain, pairs, node))
            if group or not below:
                first, second = domain.literals(node)
                return Clash((first, second), domain.literals(group), _chain(above, node))
        else:
            below = list(_single(domain, pairs, node.bit_length() - 1))
        for child, link in below:
            if child not in above:
                above[child] = (node, link)
                queue.append(child)
    return None


def _single(domain: Domain, pairs: Pairs, literal: int) -> Iterator[tuple[int, Blame]]:
    """What is wrong with each way to achieve a literal."""
    for i in bits(domain.achievers[literal]):
        flaw = _first(pairs, domain.pre[i])
        if flaw:
            yield flaw, Blame(domain.literal(literal), domain.texts[i], domain.literals(flaw))


def _pair(domain: Domain, pairs: Pairs, pair: int) -> Iterator[tuple[int, Blame]]:
    """What is wrong with each way to achieve one of two literals and keep the other."""
    for x in bits(pair):
        other = pair & ~(1 << x)
        for i in bits(domain.achievers[x]):
            flaw = 0 if other & ~domain.keep[i] else _first(pairs, domain.pre[i] | other)
            if flaw:
                needs = flaw & domain.pre[i]
                yield flaw, Blame(domain.literal(x), domain.texts[i], domain.literals(needs))


def _first(pairs: Pairs, condition: int) -> int:
    """The flaw of a condition; of several literals that can never hold, the first."""
    flaw = pairs.flaw(condition)
    return flaw & -flaw if flaw and not pairs.beside[flaw.bit_length() - 1] else flaw


def _chain(above: dict[int, tuple[int, Blame | None]], node: int) -> tuple[Blame, ...]:
    links: list[Blame] = []
    while node:
        node, link = above[node]
        if link:
            links.append(link)
    return tuple(reversed(links))

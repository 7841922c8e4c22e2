"""The cheapest plan, with proof.

Owns the request: the problem is reduced, a first plan gives an upper bound, and then several searches take turns
until one proves that nothing is cheaper. Deterministic: turns are measured in work, not in seconds. Does not block
the thread: each `next()` is one slice, and `close()` cancels. (The first slices prepare the request, which takes
some tenths of a second for ten thousand actions, so run it in a separate process, as `worker` does.)
"""

from __future__ import annotations

from collections.abc import Generator, Mapping

from agents.goap.domain import Domain
from agents.goap.model import Goal
from agents.goap.optimal.astar import Race, astar
from agents.goap.optimal.compact import arranged, reduce
from agents.goap.optimal.lmcut import INFINITE, lmcut
from agents.goap.outcome import GaveUp, Outcome, Progress, Solved, Unsolvable
from agents.goap.plan import Plan
from agents.goap.search import search
from agents.goap.task import prices
from agents.kernel.errors import BadInput

__all__ = ["MAX_NODES", "optimal"]

MAX_NODES = 1_000_000
"""States evaluated before the search gives up."""

FIRST_NODES, BETTER = 2_000, 50
"""States that may be evaluated for the first plan, and additional ones to improve it."""

BLIND = 20
"""The uninformed search gets one part in so many of the work. It can be the fastest if there are few states and the
estimate is weak.
"""


def optimal(
    domain: Domain,
    state: int,
    goal: Goal,
    *,
    max_nodes: int = MAX_NODES,
    slice_work: int = 1,
    penalties: Mapping[str, int] | None = None,
) -> Generator[Progress, None, Outcome]:
    """Look for the cheapest plan from `state` to `goal`; each `next()` does one slice.

    Solved means that no plan costs less (with `penalties`, as in `search`), Unsolvable that there is none, GaveUp
    that `max_nodes` states were evaluated. `Progress.plan` is the best plan so far, which may be the cheapest long
    before that is proven. `slice_work`: evaluations in a slice. Raises BadInput for numbers out of range.
    """
    if max_nodes < 1 or slice_work < 1:
        raise BadInput(f"max_nodes {max_nodes}, slice_work {slice_work}: need at least 1, 1.")
    first = yield from search(
        domain, state, goal, max_nodes=min(FIRST_NODES, max_nodes), improve=BETTER, penalties=penalties
    )
    if not isinstance(first, Solved | GaveUp):
        return first
    plan = first.plan if isinstance(first, Solved) else None
    costs, _ = prices(domain, penalties)
    target = domain.goal(goal)
    reduced = reduce(domain, state, target, costs)
    assert reduced is not None  # otherwise search would have said so
    yield Progress(first.nodes, 0, plan)
    task, exchanges = arranged(domain, *reduced)
    yield Progress(first.nodes, 0, plan)
    race = Race(first.spent if isinstance(first, Solved) else INFINITE)
    race.nodes = first.nodes
    members = [astar(task, exchanges, race, lmcut(task)), astar(task, exchanges, race, None)]
    spent = [0] * len(members)
    shares = [1, BLIND]
    best = None
    while race.proven < race.bound:
        turn = min(range(len(members)), key=lambda m: spent[m] * shares[m])
        work = 0
        for part in members[turn]:
            spent[turn] += part
            work += part
            if work > slice_work * 20:
                break
        if race.plan is not best:
            best = race.plan
            plan = Plan.without_idle(domain, state, goal, target, [task.actions[o] for o in best or ()])
        if race.proven < race.bound and race.nodes >= max_nodes:
            return GaveUp(max_nodes, race.nodes)
        yield Progress(race.nodes, max(0, race.bound - race.proven), plan)
    if plan is None:
        return Unsolvable(())
    return Solved(plan, race.nodes, race.bound, optimal=True)

"""Goal-oriented action planning: facts, action schemas, search, plans, explanation.

Usable alone, standard library and pydantic only; imports neither Django nor Twisted.

    go = Action(name="go", parameters={"?a": "room", "?b": "room"},
                preconditions=["at(me, ?a)", "open(?a, ?b)"], add=["at(me, ?b)"], delete=["at(me, ?a)"])
    domain = Domain.compile([go], {"room": ["hall", "forge"]})
    outcome = run(search(domain, domain.state(["at(me, hall)", "open(hall, forge)"]),
                         Goal(name="visit", condition=["at(me, forge)"])))
    # outcome.plan.steps[0].action == "go(hall, forge)"; explain.why(domain, outcome.plan, 0) says what it is for

A mind drives `search(...)` itself, one `next()` a slice, and `close()` cancels it; `run` is for
where waiting is fine. `Plan.resume` says where to go on after the world has changed.
"""

from agents.goap import explain
from agents.goap.domain import Domain, GroundAction
from agents.goap.model import Action, Fact, Goal, WorldState
from agents.goap.outcome import GaveUp, Outcome, Progress, Solved, Unsolvable, run
from agents.goap.plan import GOAL, Link, Plan, PlanStep
from agents.goap.search import search

__all__ = [
    "GOAL",
    "Action",
    "Domain",
    "Fact",
    "GaveUp",
    "Goal",
    "GroundAction",
    "Link",
    "Outcome",
    "Plan",
    "PlanStep",
    "Progress",
    "Solved",
    "Unsolvable",
    "WorldState",
    "explain",
    "run",
    "search",
]

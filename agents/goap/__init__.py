"""Goal-oriented action planning: facts, action schemas, search, plans, explanations.

Works alone, with only the standard library and pydantic; imports neither Django nor Twisted.

    go = Action(name="go", parameters={"?a": "room", "?b": "room"},
                preconditions=["at(me, ?a)", "open(?a, ?b)"], add=["at(me, ?b)"], delete=["at(me, ?a)"])
    domain = Domain.compile([go], {"room": ["hall", "forge"]})
    outcome = run(search(domain, domain.state(["at(me, hall)", "open(hall, forge)"]),
                         Goal(name="visit", condition=["at(me, forge)"])))
    # outcome.plan.steps[0].action == "go(hall, forge)"; explain.why(domain, outcome.plan, 0) says what it is for

A mind drives `search(...)` itself, one `next()` for each slice, and cancels it with `close()`; `run` is for code
that may block. `Plan.resume` says where to continue after the world has changed.
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

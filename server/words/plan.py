"""`timmy plan`: an agent's plan, or a plan for a problem in two files."""

from __future__ import annotations

from argparse import ArgumentParser

from server.verbs import forward
from server.word import Args, Word

EPILOG = (
    "For PDDL (STRIPS with typing, negative preconditions, equality, action costs) no world is needed: one action a "
    "line is printed, then '; cost = N'. Exit codes then: 0 plan found, 2 usage, or a file that cannot be read, 5 "
    "proven that there is no plan, 6 limit reached."
)


def _options(made: ArgumentParser) -> None:
    made.add_argument("--optimal", action="store_true", help="for PDDL: the cheapest plan, proven")
    made.add_argument("--timeout", metavar="SECONDS", help="for PDDL: give up after so long")


def _plan(args: Args) -> int:
    from server import planning

    if planning.wanted(args.rest) or args.optimal or args.timeout is not None:
        return planning.plan(args.rest, optimal=args.optimal, timeout=args.timeout, as_json=args.json)
    return forward("plan")(args)


WORD = Word(
    "plan",
    "an agent's plan: timmy plan timmy; or of any problem: timmy plan DOMAIN.pddl PROBLEM.pddl",
    _plan,
    place=120,
    rest="AGENT | DOMAIN.pddl PROBLEM.pddl",
    options=_options,
    epilog=EPILOG,
)

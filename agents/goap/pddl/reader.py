"""From PDDL text to a `Problem`.

Owns the combination of a domain and a problem, with costs scaled to integers by a common denominator. Errors name
file, line, column and what was expected (McDermott et al., "PDDL: the planning domain definition language", 1998;
Helmert, "Changes in PDDL 3.1", 2008, for action costs).
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import lcm

from agents.goap.model import Action, Fact, Goal
from agents.goap.pddl.domains import DomainPart, Lifted
from agents.goap.pddl.formulas import MAX_COST
from agents.goap.pddl.problem import Problem, joined
from agents.goap.pddl.problems import ProblemPart
from agents.goap.pddl.tokens import Node, Source


def read(
    domain_text: bytes | str, problem_text: bytes | str, *, domain_name: str = "domain", problem_name: str = "problem"
) -> Problem:
    """The problem that the two texts describe; the names are the files', for messages.

    Raises PddlError with the position of whatever cannot be parsed.
    """
    warnings: list[str] = []
    domain = DomainPart(Source(domain_text, domain_name), warnings)
    problem = ProblemPart(Source(problem_text, problem_name), domain, warnings)
    lifted = list(domain.actions.values())
    used = {cost.term.predicate for a in lifted for cost in a.costs if cost.term} if problem.metric else set()
    given = {term: value for term, value in problem.values.items() if term.predicate in used}
    numbers: list[tuple[Source, Fraction, Node]] = []
    if problem.metric:
        numbers += [(domain.source, cost.number, cost.where) for a in lifted for cost in a.costs]
        numbers += [(problem.source, value, where) for value, where in given.values()]
    scale = _scale(numbers)
    return Problem(
        domain=domain.name,
        name=problem.name,
        types=domain.kinds.parents,
        predicates=domain.predicates,
        functions=domain.functions,
        constants=domain.constants,
        objects=problem.objects,
        actions=tuple(_action(a, scale, problem.metric) for a in lifted),
        init=frozenset(problem.init),
        goal=Goal(
            name="goal",
            condition=_each(x.fact for x in problem.goal if x.holds),
            negative=_each(x.fact for x in problem.goal if not x.holds),
        ),
        values={term: int(value * scale) for term, (value, _) in given.items()},
        scale=scale,
        metric=problem.metric,
        warnings=tuple(warnings),
        file=domain_name,
        places={a.name: domain.source.place(a.where.at) for a in lifted},
    )


def _scale(numbers: list[tuple[Source, Fraction, Node]]) -> int:
    """The smallest factor that makes all numbers integers."""
    scale = 1
    for source, value, where in numbers:
        scale = lcm(scale, value.denominator)
        if scale > MAX_COST:
            raise source.error(
                where, f"costs with so many decimals are not read; scaled to whole numbers, {MAX_COST:,} is the most"
            )
    for source, value, where in numbers:
        if value < 0:
            raise source.error(where, "a cost must not be negative")
        if value * scale > MAX_COST:
            raise source.error(where, f"this cost is too large; scaled to a whole number, {MAX_COST:,} is the most")
    return scale


def _action(lifted: Lifted, scale: int, metric: bool) -> Action:
    costs = lifted.costs if metric else []
    return Action(
        name=lifted.name,
        parameters={name: joined(kinds) for name, kinds in lifted.parameters.items()},
        preconditions=_each(lifted.preconditions),
        negative=_each(lifted.negative),
        add=_each(lifted.add),
        delete=_each(lifted.delete),
        distinct=tuple(dict.fromkeys(lifted.distinct)),
        cost=int(sum((c.number for c in costs), Fraction(0)) * scale) if metric else 1,
        cost_of=next((c.term for c in costs if c.term), None),
    )


def _each(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(dict.fromkeys(facts))

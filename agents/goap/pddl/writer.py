"""A `Problem` as PDDL text, for any planner or validator.

Owns the order and layout of the text; parsing it gives an equal `Problem`. Writes everything that `reader.py`
accepts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from agents.goap.model import EQUAL, Action, Fact
from agents.goap.pddl.formulas import Signature
from agents.goap.pddl.lists import OBJECT, Kinds
from agents.goap.pddl.problem import Problem, decimal, split


def write_domain(problem: Problem) -> str:
    """The domain part; without a metric no costs are written."""
    lines = [f"(define (domain {problem.domain})", f"  (:requirements {' '.join(_requirements(problem))})"]
    if problem.types:
        lines += [
            "  (:types",
            *(f"    {kind} - {_kinds(up or (OBJECT,))}" for kind, up in problem.types.items()),
            "  )",
        ]
    if problem.constants:
        lines += ["  (:constants", *_objects(problem.constants), "  )"]
    lines += ["  (:predicates", *_signatures(problem.predicates), "  )"]
    if problem.functions or problem.metric:
        total = ["    (total-cost) - number"] if problem.metric else []
        lines += ["  (:functions", *total, *(f"{line} - number" for line in _signatures(problem.functions)), "  )"]
    for action in problem.actions:
        lines += _action(action, problem)
    return "\n".join([*lines, ")"]) + "\n"


def write_problem(problem: Problem) -> str:
    """The problem part."""
    lines = [f"(define (problem {problem.name})", f"  (:domain {problem.domain})"]
    if problem.objects:
        lines += ["  (:objects", *_objects(problem.objects), "  )"]
    lines += ["  (:init", *(f"    {written(fact)}" for fact in sorted(problem.init))]
    if problem.metric:
        lines.append("    (= (total-cost) 0)")
    lines += [f"    (= {written(t)} {decimal(problem.cost(v))})" for t, v in sorted(problem.values.items())]
    goal = [*map(written, problem.goal.condition), *(f"(not {written(f)})" for f in problem.goal.negative)]
    lines += ["  )", f"  (:goal (and {' '.join(goal)}))"]
    if problem.metric:
        lines.append("  (:metric minimize (total-cost))")
    return "\n".join([*lines, ")"]) + "\n"


def written(fact: Fact) -> str:
    """`(at truck1 depot)`."""
    return f"({' '.join((fact.predicate, *fact.args))})"


def _requirements(problem: Problem) -> Iterable[str]:
    yield ":strips"
    if problem.types:
        yield ":typing"
    if problem.goal.negative or any(a.negative for a in problem.actions):
        yield ":negative-preconditions"
    if any(a.distinct or any(f.predicate == EQUAL for f in a.preconditions) for a in problem.actions):
        yield ":equality"
    if problem.metric:
        yield ":action-costs"


def _kinds(kinds: Kinds) -> str:
    return kinds[0] if len(kinds) == 1 else f"(either {' '.join(kinds)})"


def _objects(objects: Mapping[str, Kinds]) -> Iterable[str]:
    return (f"    {name} - {_kinds(kinds)}" for name, kinds in objects.items())


def _signatures(named: Mapping[str, Signature]) -> Iterable[str]:
    for name, signature in named.items():
        yield f"    ({' '.join((name, *(f'?x{i} - {_kinds(kinds)}' for i, kinds in enumerate(signature))))})"


def _action(action: Action, problem: Problem) -> list[str]:
    need = [*map(written, action.preconditions), *(f"(not {written(f)})" for f in action.negative)]
    need += [f"(not (= {a} {b}))" for a, b in action.distinct]
    effect = [*map(written, action.add), *(f"(not {written(f)})" for f in action.delete)]
    if problem.metric:
        if action.cost or action.cost_of is None:
            effect.append(f"(increase (total-cost) {decimal(Fraction(action.cost, problem.scale))})")
        if action.cost_of is not None:
            effect.append(f"(increase (total-cost) {written(action.cost_of)})")
    parameters = " ".join(f"{name} - {_kinds(split(kinds))}" for name, kinds in action.parameters.items())
    return [
        f"  (:action {action.name}",
        f"    :parameters ({parameters})",
        f"    :precondition (and {' '.join(need)})",
        f"    :effect (and {' '.join(effect)}))",
    ]

"""Whether a plan is one, said by programs that are not ours.

Owns the way to unified-planning's validator (from PDDL texts) and to pyperplan's operators (from a ground
domain). Refuses to decide by our own simulation; both are development dependencies, and their
absence is an ImportError.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from agents.goap import Domain, Goal
from agents.goap.domain import bits

VALIDATOR = "unified-planning SequentialPlanValidator"
OPERATORS = "pyperplan operators"


def plain(text: str) -> str:
    """`go(hall, forge)` as plans are written in PDDL, `(go hall forge)`."""
    return "(" + " ".join(re.findall(r"[^(),\s]+", text)) + ")"


def flaw(domain_text: str, problem_text: str, texts: Iterable[str]) -> str:
    """What unified-planning finds wrong with a plan for the PDDL problem, '' when it is valid."""
    from unified_planning.engines.plan_validator import SequentialPlanValidator

    reader, problem = _parsed(domain_text, problem_text)
    try:
        plan = reader.parse_plan_string(problem, "\n".join(map(plain, texts)))
    except Exception as error:  # the reader has no class of its own for plans that name nothing
        return f"The plan cannot be read: {error}"
    found = SequentialPlanValidator().validate(problem, plan)
    if found.status.name == "VALID":
        return ""
    return f"{found.reason.name if found.reason else found.status.name} {found.inapplicable_action or ''}".strip()


@lru_cache(maxsize=4)
def _parsed(domain_text: str, problem_text: str) -> tuple[Any, Any]:
    """Reading takes seconds, so the last few problems are kept."""
    from unified_planning.io import PDDLReader
    from unified_planning.shortcuts import get_environment

    get_environment().credits_stream = None
    reader = PDDLReader()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the reader's own libraries
        return reader, reader.parse_problem_string(domain_text, problem_text)


class Ground:
    """A ground domain as pyperplan has it: facts and negated facts by name, unit costs.

    pyperplan knows no negative preconditions, so a fact's negation is a fact of its own where an action
    or the goal asks for it.
    """

    def __init__(self, domain: Domain, goal: Goal) -> None:
        from pyperplan.task import Operator

        logging.getLogger().setLevel(logging.ERROR)  # it tells each state that it looks at
        self.domain = domain
        n, target = domain.count, domain.goal(goal)
        asked = target
        for need in domain.pre:
            asked |= need
        self._read = asked | (1 << n) - 1
        self.names = [str(domain.literal(i)) if asked >> i & 1 or i < n else "" for i in range(domain.size)]
        self.facts = frozenset(filter(None, self.names))
        self.goal = self._named(target)
        self.operators = [
            Operator(text, self._named(domain.pre[i]), self._named(domain.add[i]), self._named(~domain.keep[i]))
            for i, text in enumerate(domain.texts)
        ]
        self._by_name = {o.name: o for o in self.operators}

    def _named(self, mask: int) -> frozenset[str]:
        return frozenset(self.names[i] for i in bits(mask & self._read))

    def task(self, state: int) -> Any:
        """pyperplan's task from a state of ours."""
        from pyperplan.task import Task

        return Task("made", self.facts, self._named(state), self.goal, self.operators)

    def flaw(self, state: int, texts: Sequence[str]) -> str:
        """What is wrong with a plan when its operators are applied one by one, '' when it is valid."""
        now = self._named(state)
        for number, text in enumerate(texts, 1):
            operator = self._by_name.get(text)
            if operator is None or not operator.applicable(now):
                return f"Step {number}, {text}, cannot be done."
            now = operator.apply(now)
        return "" if self.goal <= now else "The goal does not hold at the end."

"""PDDL, the language of planning competitions: parsed into a `Problem`, and written back as text.

    problem = read(domain_text, problem_text, domain_name="blocks.pddl", problem_name="four.pddl")
    domain, state, goal = problem.compile()
    outcome = run(search(domain, state, goal))

Supported: STRIPS with typing (including `either`), negative preconditions and goals, equality, constants and action
costs. Everything else is refused with its position (`PddlError`).
"""

from agents.goap.pddl.problem import Problem, decimal
from agents.goap.pddl.reader import read
from agents.goap.pddl.tokens import PddlError
from agents.goap.pddl.writer import write_domain, write_problem, written

__all__ = ["PddlError", "Problem", "decimal", "read", "write_domain", "write_problem", "written"]

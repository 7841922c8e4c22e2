"""Why a question was not answered.

Owns the one error with which the cascade refuses, in its own process and in the world alike. A caller's mistake is
a BadInput instead.
"""

from __future__ import annotations

from agents.cascade.ports import Step
from agents.kernel.errors import Unavailable


class NoAnswer(Unavailable):
    """Nobody could answer, or the answer was cut short. `way`: who was considered, and what was said about each."""

    def __init__(self, message: str, way: tuple[Step, ...] = (), *, status: int = 503, fault: str = "") -> None:
        """`status`: of HTTP; `fault`: the kind in one word."""
        super().__init__(message, next="timmy cascade status")
        self.way, self.status, self.fault = way, status, fault

    def __str__(self) -> str:
        """The message alone: what to try concerns whoever runs the providers, not the asker."""
        return self.message

"""How the world asks the cascade: the port by which minds and surfaces reach the model service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.defer import Deferred

from agents.cascade.ports import Answer, Question


class Language(Protocol):
    """A model service that can be asked. Each failure is an `Unavailable` whose text may be shown."""

    def ask(self, question: Question, heard: Callable[[str], None]) -> Deferred[Answer]:
        """The answer; `heard` gets its text as it comes."""
        ...

    def resume(self, id: str, heard: Callable[[str], None]) -> Deferred[Answer]:
        """The running or finished answer with this id; NotFound when the cascade knows none."""
        ...

    def cancel(self, id: str) -> Deferred[None]:
        """Have it stop."""
        ...

    def status(self) -> Deferred[dict[str, Any]]:
        """What the service tells of itself."""
        ...

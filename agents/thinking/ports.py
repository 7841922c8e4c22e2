"""What thinking needs of the cascade, as a Protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from twisted.internet.defer import Deferred

from agents.cascade.ports import Answer, Question


class Language(Protocol):
    """Where the world asks for language: the cascade, by its client."""

    def ask(self, question: Question, heard: Callable[[str], None]) -> Deferred[Answer]:
        """The answer; `heard` gets the text as it comes. Fails with Unavailable when nobody can answer."""
        ...

    def resume(self, id: str, heard: Callable[[str], None]) -> Deferred[Answer]:
        """The running or finished answer with this id; fails with NotFound when the cascade knows none."""
        ...

    def cancel(self, id: str) -> Deferred[None]:
        """Let nobody go on with it."""
        ...

    def status(self) -> Deferred[Mapping[str, Any]]:
        """How the providers stand."""
        ...

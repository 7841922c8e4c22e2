"""What a worker needs from a library that runs a model in its own process.

Owns only the port: each library has its own file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from agents.cascade.ports import Call


@dataclass(frozen=True)
class Ended:
    """How an answer ended."""

    tokens_in: int
    tokens_out: int
    cut: bool


class Engine(Protocol):
    """A loaded model. `give` is called with text and thinking as they arrive, either of which may be empty; when it
    returns True, generation stops.
    """

    context: int

    def chat(self, call: Call, give: Callable[[str, str], bool]) -> Ended:
        """Generate an answer. Raises ProviderFault if it cannot."""
        ...

    def embed(self, texts: list[str]) -> Iterator[tuple[list[float], int]]:
        """A vector of length 1, and the tokens it took, for each text."""
        ...

"""What a worker needs of a library that runs a model in its own process.

Owns the port, and nothing else: each library has a file of its own.
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
    """A model that is loaded. `give` is called with text and thinking as they come, both may be empty; when it returns
    True no more is made.
    """

    context: int

    def chat(self, call: Call, give: Callable[[str, str], bool]) -> Ended:
        """Answer. Raises ProviderFault for what it cannot."""
        ...

    def embed(self, texts: list[str]) -> Iterator[tuple[list[float], int]]:
        """A vector of length 1, and the tokens it took, for each text."""
        ...

"""What an agent can take in hand: the shape of a tool, and how tools are found.

A tool is declared in a file of this package that holds `TOOLS`; adding the file is enough.
This module owns what a tool must state (models of input and output, risk, effects, time) and
the way from toolsets to tools. It runs nothing: that is the toolbox.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from agents.kernel import parts
from agents.kernel.problem import Problem
from agents.work.act import Effect

if TYPE_CHECKING:
    from agents.work.toolbox import Call

Risk = Literal["read", "execute", "write", "world"]


class ToolInput(BaseModel):
    """What a tool is given. Unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ToolOutput(BaseModel):
    """What a tool gives back.

    `untrusted`: the text in it came from outside (a file, a program, a message): it is data, to
    be marked so in every prompt, and never an instruction.
    """

    model_config = ConfigDict(frozen=True)

    untrusted: bool = True


@dataclass(frozen=True)
class Tool:
    """One tool. `name` is how it is called and what `may(actor, "tool:<name>")` is asked.

    `toolset`: enabling it gives the tool to an agent. `effects(input)`: what it reaches outside
    the agent's home. `timeout`: seconds after which it is ended. `sandboxed`: it is refused where
    there is no sandbox. `run` may await only what `Call` offers for blocking work.
    """

    name: str
    purpose: str
    toolset: str
    takes: type[ToolInput]
    gives: type[ToolOutput]
    risk: Risk
    run: Callable[[Call, Any], Awaitable[ToolOutput]]
    effects: Callable[[Any], tuple[Effect, ...]] = lambda given: ()
    timeout: float = 120
    sandboxed: bool = False

    def __post_init__(self) -> None:
        """Raises ValueError for models that are none."""
        for name, model, base in (("takes", self.takes, ToolInput), ("gives", self.gives, ToolOutput)):
            if not (isinstance(model, type) and issubclass(model, base)):
                raise ValueError(f"{name} is no {base.__name__}")


@lru_cache(maxsize=1)
def discover() -> tuple[Mapping[str, Tool], list[Problem]]:
    """All tools by name, and what is wrong with the files that are left out."""
    return parts.load("tool", __name__, __path__, _held)


def _held(module: ModuleType) -> Iterable[tuple[str, Tool]]:
    tools = getattr(module, "TOOLS", None)
    if not isinstance(tools, tuple) or not all(isinstance(tool, Tool) for tool in tools):
        raise TypeError("it holds no TOOLS = (Tool(…), …)")
    return [(tool.name, tool) for tool in tools]


def find() -> Mapping[str, Tool]:
    """All tools by name."""
    return discover()[0]


_granted: dict[frozenset[str], tuple[Mapping[str, Tool], frozenset[str]]] = {}


def granted(toolsets: Iterable[str]) -> frozenset[str]:
    """The toolsets themselves and the names of all tools in them: what a kind of task may ask for. Agents with
    the same toolsets share it.
    """
    having, tools = frozenset(toolsets), find()
    kept = _granted.get(having)
    if kept is None or kept[0] is not tools:
        kept = _granted[having] = (tools, having | {tool.name for tool in tools.values() if tool.toolset in having})
    return kept[1]

"""How tools are found: a file in this package that defines `TOOLS` is enough.

Owns the mapping from toolsets to tools. The toolbox runs them; `agents/work/tool.py` says what they must declare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import ModuleType

from agents.kernel import parts
from agents.kernel.problem import Problem
from agents.work.tool import Tool

__path__.extend(map(str, parts.folders("tools")))  # those that parts provide


@lru_cache(maxsize=1)
def discover() -> tuple[Mapping[str, Tool], list[Problem]]:
    """All tools by name, and what is wrong with the files that were left out."""
    return parts.load("tool", __name__, __path__, _held)


def _held(module: ModuleType) -> Iterable[tuple[str, Tool]]:
    tools = getattr(module, "TOOLS", None)
    if not isinstance(tools, tuple) or not all(isinstance(tool, Tool) for tool in tools):
        raise TypeError("it has no TOOLS = (Tool(…), …)")
    return [(tool.name, tool) for tool in tools]


def find() -> Mapping[str, Tool]:
    """All tools by name."""
    return discover()[0]


_granted: dict[frozenset[str], tuple[Mapping[str, Tool], frozenset[str]]] = {}


def granted(toolsets: Iterable[str]) -> frozenset[str]:
    """The toolsets and the names of all tools in them: what a kind of task may require. Agents with the same toolsets
    share it.
    """
    having, tools = frozenset(toolsets), find()
    kept = _granted.get(having)
    if kept is None or kept[0] is not tools:
        kept = _granted[having] = (tools, having | {tool.name for tool in tools.values() if tool.toolset in having})
    return kept[1]

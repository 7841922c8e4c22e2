"""The shape of a tool: what it declares, its input and output, and what it may use while it runs.

Owns what a tool must declare (input and output models, risk, effects, time). `agents/work/tools` finds tools, and
the toolbox runs them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from agents.kernel.runtime import Runtime
from agents.work.effect import Effect
from agents.work.ports import Body
from agents.work.sandbox import Result

T = TypeVar("T")
Risk = Literal["read", "execute", "write", "world"]


class ToolInput(BaseModel):
    """A tool's input. Unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ToolOutput(BaseModel):
    """A tool's output.

    `untrusted`: the text in it came from outside (a file, a program, a message). It is data, to be marked as such
    in every prompt, and never an instruction.
    """

    model_config = ConfigDict(frozen=True)

    untrusted: bool = True


class Box(Protocol):
    """Whose call it is, and where that agent may read and write."""

    runtime: Runtime
    agent: str
    home: Path
    step: str
    """Journal id of the step that calls it; '' outside a step."""

    def readable(self, path: Path | str) -> Path:
        """`path` resolved, if the agent may read it. Raises NotAllowed, NotFound, BadInput."""
        ...

    def writable(self, path: Path | str) -> Path:
        """`path` resolved, if it is in the agent's own home. Raises NotAllowed, BadInput."""
        ...


class Call(Protocol):
    """One call of a tool while it runs: what `Tool.run` may use."""

    @property
    def box(self) -> Box:
        """Whose call it is."""
        ...

    @property
    def tool(self) -> Tool:
        """The called tool."""
        ...

    @property
    def left(self) -> float:
        """Seconds left."""
        ...

    def check(self) -> None:
        """For long loops: raises StepFailed when the time is up."""
        ...

    async def away(self, function: Callable[..., T], *args: Any) -> T:
        """`function(*args)` on another thread."""
        ...

    async def sandboxed(self, argv: Iterable[str], **job: Any) -> Result:
        """Run `argv` in the sandbox, on another thread, within the remaining time."""
        ...

    def body(self) -> Body:
        """The agent's body; raises StepFailed if it has none now."""
        ...


@dataclass(frozen=True)
class Tool:
    """One tool. `name` is what it is called by; permission is `may(actor, "tool:<name>")`.

    `toolset`: enabling it gives the tool to an agent. `effects(input)`: what it reaches outside the agent's home.
    `timeout`: seconds until it is stopped. `sandboxed`: it is refused if there is no sandbox. `run` may await only
    what `Call` offers for blocking work.
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
        """Raises ValueError for things that are not models."""
        for name, model, base in (("takes", self.takes, ToolInput), ("gives", self.gives, ToolOutput)):
            if not (isinstance(model, type) and issubclass(model, base)):
                raise ValueError(f"{name} is no {base.__name__}")

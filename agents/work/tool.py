"""The shape of a tool: what it states, what it is given and gives back, and what it may use while it runs.

Owns what a tool must state (models of input and output, risk, effects, time). Refuses to find tools (that is
`agents/work/tools`) and to run them (that is the toolbox).
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
    """What a tool is given. Unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ToolOutput(BaseModel):
    """What a tool gives back.

    `untrusted`: the text in it came from outside (a file, a program, a message): it is data, to
    be marked so in every prompt, and never an instruction.
    """

    model_config = ConfigDict(frozen=True)

    untrusted: bool = True


class Box(Protocol):
    """Whose call it is, and where that agent may read and write."""

    runtime: Runtime
    agent: str
    home: Path
    step: str
    """Journal id of the step within which it is called; '' outside of one."""

    def readable(self, path: Path | str) -> Path:
        """`path` resolved, if the agent may read it. Raises NotAllowed, NotFound, BadInput."""
        ...

    def writable(self, path: Path | str) -> Path:
        """`path` resolved, if it lies in the agent's own home. Raises NotAllowed, BadInput."""
        ...


class Call(Protocol):
    """One call of a tool while it runs: what `Tool.run` may use."""

    @property
    def box(self) -> Box:
        """Whose call it is."""
        ...

    @property
    def tool(self) -> Tool:
        """The tool that is called."""
        ...

    @property
    def left(self) -> float:
        """Seconds left."""
        ...

    def check(self) -> None:
        """For long loops: raises StepFailed when the time is spent."""
        ...

    async def away(self, function: Callable[..., T], *args: Any) -> T:
        """`function(*args)` on another thread."""
        ...

    async def sandboxed(self, argv: Iterable[str], **job: Any) -> Result:
        """Run `argv` in the sandbox, on another thread, within what is left of the time."""
        ...

    def body(self) -> Body:
        """The agent's body; raises StepFailed when it has none now."""
        ...


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

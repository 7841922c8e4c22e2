"""Run a program in the sandbox.

Owns the tool `terminal`. A shell line is passed to `sh -c` unchanged and parsed by nobody else, so what is shown
for approval is what runs.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from pydantic import Field, model_validator

from agents.work.effect import Effect
from agents.work.tool import Call, Tool, ToolInput, ToolOutput


class TerminalInput(ToolInput):
    """Either `argv` or a `shell` line. `read`: folders it sees; `cwd` is in one of them.

    `write_home`: it may change the agent's own home, which it otherwise does not see.
    """

    argv: tuple[str, ...] = ()
    shell: str = Field("", max_length=100_000)
    read: tuple[Path, ...] = ()
    cwd: Path | None = None
    write_home: bool = False
    stdin: str = ""
    env: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one(self) -> TerminalInput:
        if bool(self.argv) == bool(self.shell):
            raise ValueError("give either argv or shell")
        if any("\0" in word for word in (*self.argv, self.shell, *self.env, *self.env.values())):
            raise ValueError("a command cannot contain a null character")
        return self

    @property
    def command(self) -> tuple[str, ...]:
        """What is executed."""
        return self.argv or ("sh", "-c", self.shell)


class TerminalOutput(ToolOutput):
    """How it ended: `ended` is '' or the limit that stopped it; `cut` says that output was left out."""

    code: int
    out: str
    err: str
    seconds: float
    ended: str = ""
    cut: bool = False

    @property
    def ok(self) -> bool:
        """Whether it ended normally with code 0."""
        return self.code == 0 and not self.ended


async def _run(call: Call, given: TerminalInput) -> TerminalOutput:
    box = call.box
    result = await call.sandboxed(
        given.command,
        read=tuple(box.readable(path) for path in given.read),
        write=box.home if given.write_home else None,
        cwd=box.readable(given.cwd) if given.cwd else None,
        stdin=given.stdin.encode(),
        env=given.env,
    )
    return TerminalOutput(
        code=result.code,
        out=result.out.decode(errors="replace"),
        err=result.err.decode(errors="replace"),
        seconds=result.seconds,
        ended=result.ended,
        cut=result.cut,
    )


def _effects(given: TerminalInput) -> tuple[Effect, ...]:
    return (
        Effect("execute", given.shell or shlex.join(given.argv)),
        *(Effect("read", str(path)) for path in given.read),
    )


TOOLS = (
    Tool(
        name="terminal",
        purpose="Run a program or a shell line in the sandbox: no network, a read-only system, an empty home.",
        toolset="hands",
        takes=TerminalInput,
        gives=TerminalOutput,
        risk="execute",
        run=_run,
        effects=_effects,
        timeout=86400,
        sandboxed=True,
    ),
)

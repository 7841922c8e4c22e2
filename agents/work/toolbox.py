"""An agent's tools in use: permission, input, records, and never on the reactor's thread.

Owns the one way to call a tool: permission, sandbox, time and the event for each call. Also decides what may be
read: the agent's own home and the owner's TIMMY_READ_PATHS, with links resolved, except hidden entries and the
world's own state. Logs no contents, only names, sizes and durations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from agents.governance.rules import Actor, may, require
from agents.kernel.errors import BadInput, NotAllowed, NotFound, StepFailed, Unavailable
from agents.kernel.runtime import Runtime
from agents.kernel.text import visible
from agents.work import paths
from agents.work import sandbox as sandboxes
from agents.work.places import place_of
from agents.work.ports import Body, Offload
from agents.work.sandbox import Job, Limits, Result, Sandbox
from agents.work.tool import Tool, ToolInput, ToolOutput
from agents.work.tools import find, granted

if TYPE_CHECKING:
    from agents.events.log import EventLog

T = TypeVar("T")
_CHANGED = "{} may not be used: it was moved, replaced or recreated in the meantime."


class Toolbox:
    """The tools of one agent."""

    def __init__(
        self,
        runtime: Runtime,
        agent: str,
        toolsets: Iterable[str],
        sandbox: Sandbox,
        offload: Offload,
        home: Path,
        events: EventLog,
        *,
        body: Body | None = None,
        step: str = "",
        task: int | None = None,
    ) -> None:
        """`home`: the agent's own folder. `body`, `step` and `task`: see `at`."""
        self.runtime, self.agent, self.sandbox, self.offload = runtime, agent, sandbox, offload
        self.home, self.body = home.resolve(), body
        self._toolsets, self._events = frozenset(toolsets), events
        self.step, self._task, self._places = step, task, dict[str, str]()
        self._actor = Actor("agent", agent, granted(self._toolsets))

    def at(
        self, step: str, body: Body, task: int | None = None, places: Mapping[str, str] = MappingProxyType({})
    ) -> Toolbox:
        """The same tools, used by the journal step `step`: calls are recorded under it. `places`: what the paths
        approved for it refer to (see `Lifecycle.authorise`).
        """
        tools = object.__new__(Toolbox)  # at each step: `copy` takes ten times as long
        tools.__dict__.update(self.__dict__, body=body, step=step, _task=task, _places=places)
        return tools

    def available(self) -> dict[str, str]:
        """Every existing tool: '' if it can be used now, otherwise why not."""
        return {name: self._why_not(tool) for name, tool in sorted(find().items())}

    def _why_not(self, tool: Tool) -> str:
        permit = may(self._actor, f"tool:{tool.name}")
        if not permit:
            return permit.reason
        if tool.sandboxed and isinstance(self.sandbox, sandboxes.Missing):
            return self.sandbox.reason
        return ""

    async def call(self, name: str, given: ToolInput) -> Any:
        """Use the tool `name`; returns its own output model.

        Raises NotFound for an unknown tool, NotAllowed if the agent does not have it or its request is refused,
        Unavailable without a sandbox, BadInput for the wrong input, StepFailed if it could not be done. Each call
        of a known tool leaves one event.
        """
        tool = find().get(name)
        if tool is None:
            raise NotFound(f"There is no tool {visible(name)[:40]}; there are {', '.join(sorted(find()))}.")
        start = self.runtime.clock.monotonic()
        error, size = "", 0
        try:
            output = await self._run(tool, given, start)
            size = len(output.model_dump_json())
            return output
        except Exception as failure:
            error = type(failure).__name__
            raise
        finally:
            self._record(tool, given, start, size, error)

    async def _run(self, tool: Tool, given: ToolInput, start: float) -> ToolOutput:
        require(may(self._actor, f"tool:{tool.name}"))
        if not isinstance(given, tool.takes):
            raise BadInput(f"The tool {tool.name} takes {tool.takes.__name__}, not {type(given).__name__}.")
        if why := self._why_not(tool):
            raise Unavailable(f"The tool {tool.name} cannot be used: {why}", next="timmy doctor")
        try:
            return await tool.run(Use(self, tool, start + tool.timeout), given)
        except OSError as failure:
            raise StepFailed(f"{tool.name}: {failure.strerror or failure}.") from failure

    def _record(self, tool: Tool, given: ToolInput, start: float, size: int, error: str) -> None:
        self._events.append(
            f"agent.{self.agent}.tool",
            self._actor,
            via="mind",
            agent=self.agent,
            task=self._task,
            step=self.step,
            data={
                "tool": tool.name,
                "in": len(given.model_dump_json()) if isinstance(given, ToolInput) else 0,
                "out": size,
                "ms": round((self.runtime.clock.monotonic() - start) * 1000),
                "error": error,
            },
        )

    def readable(self, path: Path | str) -> Path:
        """`path` with links resolved, if this agent may read it; a relative one starts at its home.

        Raises like `paths.readable`, and NotAllowed if it was approved and has become a link.
        """
        text = str(path)
        where = path if text.startswith("~") else self.home / text
        real = paths.readable(where, self.runtime.settings, also=(self.home,))
        if str(where) in self._places and str(where) != str(real):
            raise NotAllowed(_CHANGED.format(visible(str(where))))
        return real

    def writable(self, path: Path | str) -> Path:
        """`path` resolved, if it is in the agent's own home and not in its `.git`.

        Raises NotAllowed, BadInput. The file need not exist.
        """
        if "\0" in str(path):
            raise BadInput(f"{visible(str(path))} is not a path.")
        real = (self.home / path).resolve()
        if not real.is_relative_to(self.home) or real == self.home:
            raise NotAllowed(f"{visible(str(path))} may not be written: {self.agent} writes in its own home only.")
        if ".git" in (part.lower() for part in real.relative_to(self.home).parts):
            raise NotAllowed(f"{visible(str(path))} may not be written: the history is changed by commits only.")
        return real

    def place(self, path: Path) -> str:
        """What the resolved `path` is now, so that exactly that is shown. Raises NotAllowed if it is not what was
        approved, or was exchanged since it was resolved.
        """
        place = place_of(path)
        if not place or self._places.get(str(path), place) != place:
            raise NotAllowed(_CHANGED.format(visible(str(path))))
        return place

    def limits(self, seconds: float) -> Limits:
        """The settings' limits, with at most `seconds` of time."""
        limits = sandboxes.limits(self.runtime.settings)
        return replace(limits, seconds=max(0.1, min(limits.seconds, seconds)))


@dataclass(frozen=True)
class Use:
    """One call of a tool while it runs (the `Call` of `agents/work/tool.py`). `deadline` is in monotonic seconds."""

    box: Toolbox
    tool: Tool
    deadline: float

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.deadline - self.box.runtime.clock.monotonic()

    def check(self) -> None:
        """For long loops: raises StepFailed when the time is up."""
        if self.left <= 0:
            raise StepFailed(f"{self.tool.name} was ended after {self.tool.timeout:g} seconds.")

    async def away(self, function: Callable[..., T], *args: Any) -> T:
        """`function(*args)` on another thread."""
        return await self.box.offload(function, *args)

    async def sandboxed(self, argv: Iterable[str], **job: Any) -> Result:
        """Run `argv` in the sandbox, on another thread, within the remaining time.

        `job`: fields of Job; its folders must have passed `readable` or `writable`. They are shown as what they are
        now, or not at all. Raises NotAllowed if one is not what was approved.
        """
        if (write := job.get("write")) and (history := write / ".git").is_dir():
            job["read"] = (*job.get("read", ()), history)  # only commits change it
        folders = (*job.get("read", ()), *filter(None, (write,)))
        job["places"] = {folder: self.box.place(folder) for folder in folders}
        return await self.away(self.box.sandbox.run, Job(tuple(argv), limits=self.box.limits(self.left), **job))

    def body(self) -> Body:
        """The agent's body; raises StepFailed if it has none now."""
        if self.box.body is None:
            raise StepFailed(f"{self.box.agent} has no body now, so {self.tool.name} cannot be used.")
        return self.box.body

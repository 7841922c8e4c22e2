"""Does tasks of a kind without a mind: real tools in the real sandbox, a light world, a simulated clock."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agents.events.bus import Bus
from agents.events.log import EventLog
from agents.kernel import randomness
from agents.kernel.clock import SimulatedClock
from agents.kernel.runtime import Runtime
from agents.kernel.settings import Settings
from agents.work import artifacts, sandbox
from agents.work.act import StepContext
from agents.work.kind import Kind, acts_of, discover
from agents.work.models import Task
from agents.work.ports import RoomSpec, inline
from agents.work.toolbox import Toolbox
from tests.support.light_world import LightBody, LightWorld

NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


def finish[T](coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing (its offload is inline)."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits for something")


class ApprovedBody(LightBody):
    """A body that builds under the effects of an approved task, as the mind's wrapper does."""

    effects: frozenset[tuple[str, str]] = frozenset()

    def build_room(self, spec: RoomSpec, effects_approved: frozenset[tuple[str, str]] = frozenset()) -> None:
        super().build_room(spec, effects_approved | self.effects)


class Bench:
    """One agent at work, with everything a step may touch."""

    def __init__(self, folder: Path, *, read: tuple[Path, ...] = (), slug: str = "timmy", **more: Any) -> None:
        given = {"state_dir": folder / "state", "read_paths": read or (folder,), **more}
        self.settings = Settings(**given)
        self.settings.state_dir.mkdir(exist_ok=True)
        self.runtime = Runtime(self.settings, SimulatedClock(NOW), randomness.seeded(7, "bench"))
        self.slug, self.world = slug, LightWorld.founding()
        self.events = EventLog(self.runtime, Bus())
        self.home = artifacts.ensure_home(self.settings, slug)
        self.box = Toolbox(
            self.runtime, slug, ("core", "hands"), sandbox.choose(self.settings), inline, self.home, self.events
        )

    def task(self, kind: Kind, subject: str, description: str = "", **more: Any) -> Task:
        params = kind.parse(subject, description, self.settings)
        return Task.objects.create(
            title=f"{kind.name.title()} {subject}"[:400],
            description=description,
            kind=kind.name,
            assignee=self.slug,
            params=params.model_dump(mode="json"),
            proposer="owner:owner",
            status="RUNNING",
            created_at=NOW,
            updated_at=NOW,
            **more,
        )

    def context(self, task: Task, results: dict[str, Any], args: tuple[str, ...] = ()) -> StepContext:
        self.world.body(self.slug)
        body = ApprovedBody(self.slug, self.world)
        if (kind := discover()[0].get(task.kind)) and task.params:
            body.effects = frozenset((e.kind, e.target) for act in acts_of(kind)[:1] for e in act.declared(task))
        return StepContext(
            runtime=self.runtime,
            agent=self.slug,
            step="S",
            args=args,
            body=body,
            world=self.world,
            tools=self.box.at("S", body, task.pk),
            offload=inline,
            task=task,
            results=results,
        )

    def perform(self, kind: Kind, task: Task, args: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
        """Every act of the kind, in order; gives back the results of its steps."""
        results: dict[str, dict[str, Any]] = {}
        for act in acts_of(kind):
            done = finish(act.perform(self.context(task, results, args)))
            fact = act.schema.add[0]
            if fact.predicate == "done":
                results[fact.args[-1]] = done.result
        return results

    def read(self, task: Task, name: str) -> str:
        """An artifact's text, from the commit."""
        return artifacts.read_artifact(self.settings, task.artifacts.get(name=name))

"""What a kind of task is: how it is requested, what exactly it will do, and its steps.

A kind is one file in `work/kinds` that defines a `KIND`; `discover` finds it automatically. `acts_of` turns a kind
into planner acts: the order of steps, the walking and the fetching of equipment are the planner's work, never the
kind's. Refuses a kind that no plan could finish (a step after one that does not exist, or steps that wait for each
other).
"""

from __future__ import annotations

import graphlib
import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

from agents.goap.model import Action, Fact
from agents.kernel import parts, text
from agents.kernel.errors import NotFound, StepFailed
from agents.kernel.problem import Problem
from agents.kernel.settings import Settings
from agents.work import artifacts
from agents.work.act import Act, Outcome, Repeat, StepContext
from agents.work.effect import Effect
from agents.work.ports import RoomInfo, World
from agents.work.reversal import Reversal

if TYPE_CHECKING:
    from agents.work.models import Task

Category = Literal["read", "execute", "write", "world", "network", "money", "permission"]
Results = Mapping[str, dict[str, Any]]
"""Results of a task's finished steps, by step name."""

FOLDER = Path(__file__).with_name("kinds")
HALL = "hall"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class WorkStep:
    """One step, done at the kind's place. `run` returns a JSON-able result.

    `after` names steps that must be finished first; `telling` is the emote shown. A text under `said` in the result
    is one true line about the outcome, for people who watch.
    """

    name: str
    run: Callable[[StepContext], Awaitable[dict[str, Any]]]
    telling: str
    after: tuple[str, ...] = ()
    repeat: Repeat = "pure"
    cost: int = 2


@dataclass(frozen=True)
class Upshot:
    """The outcome of a task, in one self-contained line: `1 of 2 tests fails in ~/broken`.

    `well`: whether that is good news. `done`: False if it could not be tried; then its task has failed, with the
    line as the reason, however good its report.
    """

    line: str
    well: bool = True
    done: bool = True


@dataclass(frozen=True)
class Kind:
    """A kind of task.

    `parse(subject, description, settings)` reads `task add <Name> <subject> = <description>` and raises BadInput.
    The description is the reason, in free text; parts of it that are to be carried out follow their own mark, such
    as `$` for a command. `action(params)` is the exact action shown for approval. `report(params, results)` writes
    the Markdown report from the steps' results; `summary(params, results)` is the one line spoken in the Hall.
    """

    name: str
    purpose: str
    usage: str
    example: str
    params: type[BaseModel]
    parse: Callable[[str, str, Settings], BaseModel]
    action: Callable[[Any], str]
    steps: tuple[WorkStep, ...]
    report: Callable[[Any, Results], str]
    summary: Callable[[Any, Results], str]
    upshot: Callable[[Any, Results], Upshot] | None = None
    """The outcome in one line, shown wherever tasks are counted."""
    place: str = "workshop"
    site: Callable[[Any], str] | None = None
    """Where it is done, if that depends on the task: the room as the owner wrote it, by name or key; replaces `place`.
    `site_of` turns it into a key.
    """
    check: Callable[[Any, World], None] | None = None
    """Raises Conflict, with the objection, for work that the current state of the world rules out."""
    equipment: str = ""
    category: Category = "read"
    effects: Callable[[Any], tuple[Effect, ...]] = field(default=lambda params: ())
    undo: Literal["yes", "no", "n/a"] = "n/a"
    """Shown with the approval: yes, if `reversal` undoes it; no, if nothing does; n/a, if it changes nothing."""
    reversal: Reversal | None = None
    confirm: Callable[[Any], str] = field(default=lambda params: "")
    tools: tuple[str, ...] = ()
    not_yet: str = ""
    """Why no agent can do such work yet, of a kind that has no steps."""
    told: tuple[str, str] | None = None
    """What was done in several of them, and to what, as in `I surveyed three folders`: ("surveyed", "folder")."""

    def __post_init__(self) -> None:
        """Raises ValueError for a kind that no plan could finish or no person could request."""
        names = [step.name for step in self.steps]
        for name in (self.name, *names):
            if not _NAME.fullmatch(name):
                raise ValueError(
                    f"{name!r} is not a valid name: only lower-case letters, digits and _, beginning with a letter"
                )
        if (self.undo == "yes") != (self.reversal is not None):
            raise ValueError("undo is yes for a kind with a reversal, and for no other")
        if len(set(names)) < len(names):
            raise ValueError("two steps have the same name")
        if not self.steps and not self.not_yet:
            raise ValueError("it has no steps, and does not say why")
        for step in self.steps:
            if missing := sorted(set(step.after) - set(names)):
                raise ValueError(f"step {step.name} comes after {missing[0]}, which is not one of its steps")
        try:
            graphlib.TopologicalSorter({s.name: s.after for s in self.steps}).prepare()
        except graphlib.CycleError as error:
            raise ValueError(f"steps wait for each other: {', '.join(error.args[1])}") from None

    def params_of(self, task: Task) -> Any:
        """The task's parameters as this kind's model; raises StepFailed if they do not fit it."""
        try:
            return self.params.model_validate(task.params)
        except ValueError as error:
            raise StepFailed(f"The parameters of task {task.id} are not those of {self.name}: {error}") from error

    def asked(self, ctx: StepContext) -> tuple[Task, Any]:
        """The current task and its parameters; raises StepFailed if there is none."""
        if ctx.task is None:
            raise StepFailed(f"A step of {self.name} was started without a task.")
        return ctx.task, self.params_of(ctx.task)

    def goal(self) -> tuple[Fact, ...]:
        """The fact that holds once a task of this kind has been done and reported."""
        return (Fact(predicate="reported", args=(self.name,)),)


def discover(*folders: Path) -> tuple[Mapping[str, Kind], list[Problem]]:
    """Every kind in `folders` (by default the standard one) by name, one from each file whose name does not begin with
    `_`, and what is wrong with the files that were left out.
    """
    found, problems = parts.load("kind of task", f"{__package__}.kinds", folders or (FOLDER,), _held)
    return MappingProxyType({kind.name: kind for kind in found.values()}), problems


def _held(module: ModuleType) -> Iterator[tuple[str, Kind]]:
    """The module's kind, under every name that only it may have."""
    kind = getattr(module, "KIND", None)
    if not isinstance(kind, Kind):
        raise TypeError("it has no KIND = Kind(…)")
    yield f"the kind {kind.name}", kind
    for act in acts_of(kind):
        yield f"the act {act.schema.name}", kind


def site_of(kind: Kind, params: Any, world: World) -> str:
    """Key of the room where such a task is done: `place`, or the room that `site` names.

    Raises NotFound, naming the nearest rooms, if `site` names none.
    """
    if kind.site is None:
        return kind.place
    rooms = _labels(world.rooms())
    wanted = kind.site(params)
    if key := rooms.get(_plain(wanted)):
        return key
    near = get_close_matches(_plain(wanted), rooms, 3)
    hint = f" Nearest: {', '.join(near)}." if near else ""
    raise NotFound(f"There is no room called {text.visible(wanted)}.{hint}", next="map")


_labelled: list[tuple[tuple[RoomInfo, ...], Mapping[str, str]]] = [((), {})]


def _labels(rooms: tuple[RoomInfo, ...]) -> Mapping[str, str]:
    """Keys of rooms by their possible names. The last answer is cached, because worlds return the same rooms until one
    changes.
    """
    if _labelled[0][0] is not rooms:
        _labelled[0] = (rooms, {_plain(label): room.key for room in rooms for label in (room.name, room.key)})
    return _labelled[0][1]


def _plain(name: str) -> str:
    return re.sub(r"[\s_]+", " ", name.casefold()).strip().removeprefix("the ")


def step_words(kinds: Mapping[str, Kind], act: str) -> str:
    """What an act that does a step of a kind is called, according to its telling, in a form for any subject:
    `do_test_run` is `run the tests`. '' for other acts.
    """
    for kind in kinds.values():
        for step in kind.steps:
            if act == f"do_{kind.name}_{step.name}":
                # Only the first clause: what follows "and" may or may not be another verb.
                verb, space, rest = _SECOND_VERB.split(step.telling.rstrip("."))[0].partition(" ")
                return _base(verb) + space + rest
    return ""


_SECOND_VERB = re.compile(r" and (?=\w+s\b)")


def _base(verb: str) -> str:
    """`tries` as `try`, `watches` as `watch`, `runs` as `run`; other words are unchanged."""
    if len(verb) > 4 and verb.endswith("ies"):
        return f"{verb[:-3]}y"
    if verb.endswith(("ches", "shes", "sses", "xes", "zes", "oes")):
        return verb[:-2]
    return verb[:-1] if verb.endswith("s") and not verb.endswith("ss") else verb


def acts_of(kind: Kind) -> tuple[Act, ...]:
    """The planner acts of a kind: one for each step, one that writes the report, one that announces it.

    None when the kind has no steps.
    """
    if not kind.steps:
        return ()
    return (*(_step(kind, step) for step in kind.steps), _write(kind), _tell(kind))


def _fact(predicate: str, *args: str) -> Fact:
    return Fact(predicate=predicate, args=args)


def _schema(name: str, needs: list[Fact], adds: Fact, **more: Any) -> Action:
    return Action.model_validate({"name": name, "preconditions": needs, "add": [adds], **more})


def _effects(kind: Kind) -> Callable[[Task], tuple[Effect, ...]]:
    return lambda task: kind.effects(kind.params_of(task))


def _step(kind: Kind, step: WorkStep) -> Act:
    room = "?p" if kind.site else kind.place
    needs = [_fact("at", "me", room), _fact("working", kind.name)]
    if kind.site:
        needs.append(_fact("site", room))
    if kind.equipment:
        needs.append(_fact("has", "me", kind.equipment))
    needs += [_fact("done", kind.name, earlier) for earlier in step.after]

    async def perform(ctx: StepContext) -> Outcome:
        result = await step.run(ctx)
        return Outcome(result, text.clean(str(result.get("said", "")), keep_lines=False))

    return Act(
        schema=_schema(
            f"do_{kind.name}_{step.name}",
            needs,
            _fact("done", kind.name, step.name),
            parameters={room: "room"} if kind.site else {},
            cost=step.cost,
        ),
        perform=perform,
        repeat=step.repeat,
        telling=step.telling,
        effects_of=_effects(kind),
    )


def _write(kind: Kind) -> Act:
    async def perform(ctx: StepContext) -> Outcome:
        task, params = kind.asked(ctx)
        wanted = {step.name: ctx.results[step.name] for step in kind.steps}
        data = {"kind": kind.name, "params": params.model_dump(mode="json"), "results": wanted}
        files = {
            "results.json": json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n",
            "report.md": kind.report(params, wanted),
        }
        made: dict[str, dict[str, Any]] = {}
        for file, content in files.items():
            name, _, suffix = file.partition(".")
            artifact = await artifacts.commit_artifact(
                ctx.runtime, ctx.offload, task, ctx.agent, name, content, suffix, ctx.unit
            )
            made[name] = {"path": artifact.path, "commit": artifact.commit, "bytes": artifact.size}
        return Outcome({"artifacts": made}, f"The report is committed as {made['report']['commit'][:8]}.")

    return Act(
        schema=_schema(
            f"write_{kind.name}",
            [_fact("working", kind.name), *(_fact("done", kind.name, step.name) for step in kind.steps)],
            _fact("written", kind.name),
        ),
        perform=perform,
        repeat="keyed",
        telling="writes the report and commits it",
    )


def _tell(kind: Kind) -> Act:
    async def perform(ctx: StepContext) -> Outcome:
        params = kind.asked(ctx)[1]
        said = text.clean(kind.summary(params, ctx.results), keep_lines=False)
        ctx.body.say(said)
        came = {"upshot": asdict(kind.upshot(params, ctx.results))} if kind.upshot else {}
        return Outcome({"said": said, **came}, said)

    return Act(
        schema=_schema(
            f"tell_{kind.name}",
            [_fact("at", "me", HALL), _fact("written", kind.name)],
            _fact("reported", kind.name),
        ),
        perform=perform,
        repeat="keyed",
    )

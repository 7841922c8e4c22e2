"""One plan step, done: journalled before and after, authorised, recorded.

Owns the order around an act's `perform`, what can come of it, and the one-step plans by which a mind says why it
cannot go on. Refuses to do a finished step again (a key that is done in the journal counts as done, with the result it
had), and to say what follows from an outcome: that is the cycle's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError

from agents.goap import Domain, Fact
from agents.goap.domain import GroundAction
from agents.house.values import Wish
from agents.kernel.errors import NotAllowed, StepFailed, TimmyError, unwritable
from agents.kernel.guard import Overran
from agents.kernel.text import clean
from agents.mind import pursuit, words
from agents.mind.lately import Mark
from agents.mind.pursuit import Pursuit
from agents.mind.recorded import RecordedBody, mark_of
from agents.mind.sensors import View
from agents.work.act import Act, Outcome, StepContext
from agents.work.models import Step, Task

if TYPE_CHECKING:
    from agents.mind.mind import Mind


@dataclass(frozen=True)
class Done:
    """The step is done. `added` and `deleted`: the facts that are known by that alone. `unwritten`: writes down what
    could not be written, since it must not be done again for want of a line in the journal.
    """

    added: frozenset[Fact]
    deleted: frozenset[Fact]
    said: str = ""
    unwritten: Callable[[], None] | None = None


@dataclass(frozen=True)
class Failed:
    """It was tried in vain, which is on record: the action, what it is in words, and why."""

    action: str
    deed: str
    why: str


@dataclass(frozen=True)
class Refused:
    """It may not be done, and was not begun."""

    why: str


type Came = Done | Failed | Refused


def key_of(ground: GroundAction, task: Task | None) -> str:
    """What makes a repetition of this step recognisable: a step of a task whose effect is known only by
    having done it is done once an attempt. '' for all others, each of which is a step of its own.
    """
    if task is not None and any(pursuit.remembered(ground)):
        return f"task:{task.id}:{task.attempt}:{ground.text}"
    return ""


async def perform(mind: Mind, now: Pursuit, ground: GroundAction, view: View, task: Task | None) -> Came:
    """Do the next step of `now`, which is `ground`; what comes of it is in the journal and in the events, too."""
    minds = mind.minds
    act = minds.repertoire.of(ground)
    try:
        places = minds.core.work.authorise(task, act.declared(task)) if task else {}
        row = minds.core.journal.begin(
            mind.slug,
            now.id,
            now.position,
            ground.text,
            task=task,
            key=key_of(ground, task),
            repeat=act.repeat,
            attempt=mind.recall.attempt(task) if task else None,
        )
    except (NotAllowed, StepFailed) as error:
        return Refused(error.message)
    if row.state == "done":
        return Done(*pursuit.remembered(ground))
    return await _do(mind, now, act, ground, row, view, task, places)


def over_limits(mind: Mind, task: Task) -> str:
    """Why the task must be looked at by a person, or ''."""
    fresh = mind.given(task.id)
    most = mind.persona.most_steps
    if most is not None and fresh.steps_taken >= most:
        return f"the {most} steps that {mind.persona.name} may take for a task are spent"
    return mind.core.work.over_limits(fresh, mind.recall.attempt(fresh).steps)


async def _do(
    mind: Mind,
    now: Pursuit,
    act: Act,
    ground: GroundAction,
    row: Step,
    view: View,
    task: Task | None,
    places: Mapping[str, str],
) -> Done | Failed:
    """Perform the act under the journal's row, on the approved `places`."""
    minds = mind.minds
    effects = frozenset((e.kind, e.target) for e in act.declared(task)) if task else frozenset()
    body = RecordedBody(
        mind.body,
        minds.core.events,
        row.id,
        task.id if task else None,
        effects,
        partial(_earlier, mind, row, task),
        mind.said if task is None else _never,
        mind.heard,
        {"index": row.index + 1, "of": len(now.plan)},
    )
    deed = minds.said(view)[ground.text]
    try:
        if seen := _seen(mind, now, row) or act.telling.format(*(view.named(a) for a in ground.args)):
            body.emote(seen)
        outcome = await act.perform(_context(mind, ground, row, body, view, task, places))
    except CancelledError:
        raise
    except TimmyError as error:
        return _failed(mind, row, deed, error.message)
    except (Exception, Overran) as error:  # noqa: BLE001  (an act is anybody's code; the bug is filed and the mind goes on)
        minds.core.faults(error, f"{ground.text} of {mind.slug}")
        return _failed(mind, row, deed, str(error) or type(error).__name__)
    done = Done(*pursuit.remembered(ground), outcome.said)

    def written() -> None:
        row.state = "started"  # as the table has it, also when this is tried again
        with minds.core.events.unit():
            minds.core.journal.finish(row, outcome.result)
            mind.recall.did(row)
            if task is not None and (running := mind.task()) is not None and running.id == task.id:
                minds.core.work.note_progress(running)
            minds.plans.advance(now.record, row.index + 1)
            if not body.told or outcome.said:
                _note(mind, now, row, deed, outcome)
            for hear in minds.witnesses:
                hear(row, body.where())

    try:
        written()
    except Exception as error:
        if unwritable(error) is None:
            raise
        return replace(done, unwritten=written)
    return done


def _seen(mind: Mind, now: Pursuit, row: Step) -> str:
    """What the agent is seen doing at the last step of an errand, as its file has it: of several gestures the first
    that it did not show of late.
    """
    errand = mind.persona.habit(now.wish.name) if now.wish.task is None and row.index + 1 == len(now.plan) else None
    return next((one for one in errand.seen if not mind.recall.said("emote", one)), "") if errand else ""


def _never(deed: str, room: str, text: str) -> bool:
    """What belongs to a task is told whenever it is so."""
    return False


def _earlier(mind: Mind, row: Step, task: Task | None) -> Iterable[Mark]:
    """Deeds that need no repetition: those of this step's earlier tries."""
    tries = [step.id for step in mind.recall.attempt(task).under(row.key) if step.id != row.id] if task else []
    tried = mind.core.events.of_steps(task.id, tries) if task and tries else ()
    return [mark_of(event.topic.rpartition(".")[2], event.data) for event in tried]


def _context(
    mind: Mind,
    ground: GroundAction,
    row: Step,
    body: RecordedBody,
    view: View,
    task: Task | None,
    places: Mapping[str, str],
) -> StepContext:
    minds = mind.minds
    assert mind.tools is not None
    results = pursuit.results_from(minds.repertoire.domain(view), mind.recall.attempt(task).finished()) if task else {}
    return StepContext(
        runtime=minds.core.runtime,
        agent=mind.slug,
        step=row.id,
        args=ground.args,
        body=body,
        world=minds.core.world,
        tools=mind.tools.at(row.id, body, task.id if task else None, places),
        offload=minds.core.offload,
        task=task,
        results=results,
        records=minds.records,
        ask=partial(minds.consult, mind.actor),
        unit=minds.core.events.unit,
    )


def _note(mind: Mind, now: Pursuit, row: Step, deed: str, outcome: Outcome) -> None:
    mind.core.events.append(
        f"agent.{mind.slug}.did",
        mind.actor,
        via="mind",
        agent=mind.slug,
        task=now.wish.task,
        step=row.id,
        data={"action": row.action, "text": deed, "said": outcome.said, "index": row.index + 1, "of": len(now.plan)},
    )


def _failed(mind: Mind, row: Step, deed: str, said: str) -> Failed:
    """Write the failure down."""
    why = clean(said, keep_lines=False)
    mind.core.journal.fail(row, why)
    mind.recall.ended(row)
    return Failed(row.action, deed, why)


def speak(mind: Mind, text: str, result: Mapping[str, object]) -> None:
    """Say `text` to somebody where the agent stands, as a step beside its plan. Raises StepFailed."""
    core = mind.core
    row = core.journal.begin(mind.slug, mind.pursuit.id if mind.pursuit else "", 0, pursuit.TELL, repeat="keyed")
    try:
        RecordedBody(mind.body, core.events, row.id, heard=mind.heard).say(text)
    except StepFailed as error:
        core.journal.fail(row, error.message)
        raise
    core.journal.finish(row, {"said": text, **result})
    mind.recall.ended(row)


def tell(mind: Mind, wish: Wish, text: str) -> None:
    """Say `text` where the agent stands, as a plan of one step of its own."""
    minds = mind.minds
    record = minds.plans.open(mind.slug, wish, None, (), text)
    task = minds.core.work.get(wish.task) if wish.task else None
    row = minds.core.journal.begin(mind.slug, record.id, 0, pursuit.TELL, task=task, repeat="keyed")
    lately = mind.said if wish.task is None else _never
    RecordedBody(mind.body, minds.core.events, row.id, wish.task, lately=lately, heard=mind.heard).say(text)
    minds.core.journal.finish(row, {"said": text})
    mind.recall.ended(row)
    minds.plans.close(record, "failed", text)


def lost(now: Pursuit, domain: Domain, state: int, view: View) -> str:
    """Why the rest of the plan no longer works: what it needs and does not hold."""
    phrase = words.of_fact(view)
    if domain != now.plan.domain:
        return "the map or what can be done has changed"
    missing = domain.literals(now.plan.kernels[min(now.position, len(now.plan))] & ~state)
    return f"{words.joined(phrase(f) for f in missing)} does not hold any more"

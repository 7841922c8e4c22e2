"""One plan step, done: journalled before and after, authorised, recorded.

Owns the order around an act's `perform`, and the one-step plans by which a mind says why it
cannot go on. Refuses to do a finished step again: a key that is done in the journal counts as
done, with the result it had.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError

from agents.goap import Domain, PlanStep
from agents.goap.domain import GroundAction
from agents.kernel.errors import NotAllowed, StepFailed, TimmyError, unwritable
from agents.kernel.guard import Overran
from agents.kernel.text import clean
from agents.mind import pursuit, words
from agents.mind.goals import Wish
from agents.mind.lately import Mark
from agents.mind.pursuit import Pursuit
from agents.mind.recorded import RecordedBody, mark_of
from agents.mind.sensors import View
from agents.work.act import Act, Outcome, StepContext
from agents.work.models import Step, Task

if TYPE_CHECKING:
    from agents.mind.cycle import Mind


TRIES = 3
"""Failures after which an errand is left until its next time."""


def key_of(ground: GroundAction, task: Task | None) -> str:
    """What makes a repetition of this step recognisable: a step of a task whose effect is known only by
    having done it is done once an attempt. '' for all others, each of which is a step of its own.
    """
    if task is not None and any(pursuit.remembered(ground)):
        return f"task:{task.id}:{task.attempt}:{ground.text}"
    return ""


async def perform(
    mind: Mind, now: Pursuit, step: PlanStep, ground: GroundAction, view: View, task: Task | None
) -> None:
    """Do `step`; what comes of it is in the journal, in the events and in `now`."""
    house = mind.house
    act = house.repertoire.of(ground)
    try:
        house.work.authorise(task, act.declared(task)) if task else None
        row = house.journal.begin(
            mind.slug, now.id, step.index, ground.text, task=task, key=key_of(ground, task), repeat=act.repeat,
            attempt=mind.recall.attempt(task) if task else None,
        )
    except (NotAllowed, StepFailed) as error:
        mind.give_up(error.message)
        return
    if row.state != "done" and not await _do(mind, now, act, ground, row, view, task):
        return
    added, deleted = pursuit.remembered(ground)
    if added or deleted:
        now.known = now.known - deleted | added
    now.position = step.index + 1
    if task is not None and now.position < len(now.plan) and (why := _over_limits(mind, task)):
        mind.give_up(why)


def _over_limits(mind: Mind, task: Task) -> str:
    """Why the task must be looked at by a person, or ''."""
    fresh = mind.given(task.id)
    most = mind.persona.most_steps
    if most is not None and fresh.steps_taken >= most:
        return f"the {most} steps that {mind.persona.name} may take for a task are spent"
    return mind.house.work.over_limits(fresh, mind.recall.attempt(fresh).steps)


async def _do(
    mind: Mind, now: Pursuit, act: Act, ground: GroundAction, row: Step, view: View, task: Task | None
) -> bool:
    """Perform the act under the journal's row; False when it failed (the mind replans)."""
    house = mind.house
    effects = frozenset((e.kind, e.target) for e in act.declared(task)) if task else frozenset()
    body = RecordedBody(
        mind.body, house.events, row.id, task.id if task else None, effects, partial(_earlier, mind, now, row, task),
        mind.recall.heard, {"index": row.index + 1, "of": len(now.plan)},
    )
    deed = house.said(view)[ground.text]
    try:
        if act.telling:
            body.emote(act.telling.format(*(view.named(a) for a in ground.args)))
        outcome = await act.perform(_context(mind, ground, row, body, view, task))
    except CancelledError:
        raise
    except TimmyError as error:
        _failed(mind, now, row, deed, error, task)
        return False
    except (Exception, Overran) as error:  # noqa: BLE001  (an act is anybody's code; the bug is filed and the mind goes on)
        house.bugs.capture(error, f"{ground.text} of {mind.slug}")
        _failed(mind, now, row, deed, error, task)
        return False
    now.said = outcome.said or now.said

    def written() -> None:
        row.state = "started"  # as the table has it, also when this is tried again
        with house.events.unit():
            house.journal.finish(row, outcome.result)
            mind.recall.did(row)
            if task is not None and (running := mind.task()) is not None and running.id == task.id:
                house.work.note_progress(running)
            house.plans.advance(now.record, row.index + 1)
            if not body.told or outcome.said:
                _note(mind, now, row, deed, outcome)

    try:
        written()
    except Exception as error:
        if unwritable(error) is None:
            raise
        mind.owe(written)  # it is done, and must not be done again for want of a line in the journal
    return True


def _earlier(mind: Mind, now: Pursuit, row: Step, task: Task | None) -> Iterable[Mark]:
    """Deeds that need no repetition: those of this step's earlier tries; on an errand what the agent
    said and showed within the errand's period, since the same words again would tell nothing new.
    """
    house = mind.house
    if task is not None:
        tries = [step.id for step in mind.recall.attempt(task).under(row.key) if step.id != row.id]
        tried = house.events.of_steps(task.id, tries) if tries else ()
        return [mark_of(event.topic.rpartition(".")[2], event.data) for event in tried]
    every = next((errand.every for errand in mind.persona.errands if errand.name == now.wish.name), 0.0)
    return mind.recall.told(house.runtime.clock.now() - timedelta(seconds=every))


def _context(
    mind: Mind, ground: GroundAction, row: Step, body: RecordedBody, view: View, task: Task | None
) -> StepContext:
    house = mind.house
    assert mind.tools is not None
    results = pursuit.results_from(house.repertoire.domain(view), mind.recall.attempt(task).finished()) if task else {}
    return StepContext(
        runtime=house.runtime, agent=mind.slug, step=row.id, args=ground.args, body=body, world=house.world,
        tools=mind.tools.at(row.id, body, task.id if task else None), offload=house.offload, task=task, results=results, records=house.records,
        ask=partial(house.conversation.consult, mind.actor),
    )


def _note(mind: Mind, now: Pursuit, row: Step, deed: str, outcome: Outcome) -> None:
    mind.house.events.append(
        f"agent.{mind.slug}.did", mind.actor, via="mind", agent=mind.slug, task=now.wish.task, step=row.id,
        data={"action": row.action, "text": deed, "said": outcome.said, "index": row.index + 1, "of": len(now.plan)},
    )


def _failed(mind: Mind, now: Pursuit, row: Step, deed: str, error: BaseException, task: Task | None) -> None:
    """Write the failure down, make the action dear for a while, and plan anew."""
    said = error.message if isinstance(error, TimmyError) else str(error) or type(error).__name__
    why = clean(said, keep_lines=False)
    mind.house.journal.fail(row, why)
    mind.recall.ended(row)
    mind.penalise(row.action)
    now.failures += 1
    limit = _over_limits(mind, task) if task is not None else "it failed too often" if now.failures >= TRIES else ""
    if limit:
        mind.give_up(f"{deed} failed: {why.rstrip('.')}; {limit}")
    else:
        mind.replan(f"{deed} failed: {why}")


def tell(mind: Mind, wish: Wish, text: str) -> None:
    """Say `text` where the agent stands, as a plan of one step of its own."""
    house = mind.house
    record = house.plans.open(mind.slug, wish, None, (), text)
    task = house.work.get(wish.task) if wish.task else None
    row = house.journal.begin(mind.slug, record.id, 0, pursuit.TELL, task=task, repeat="keyed")
    RecordedBody(mind.body, house.events, row.id, wish.task, heard=mind.recall.heard).say(text)
    house.journal.finish(row, {"said": text})
    mind.recall.ended(row)
    house.plans.close(record, "failed", text)


def lost(now: Pursuit, domain: Domain, state: int, view: View) -> str:
    """Why the rest of the plan no longer works: what it needs and does not hold."""
    phrase = words.of_fact(view)
    if domain != now.plan.domain:
        return "the map or what can be done has changed"
    missing = domain.literals(now.plan.kernels[min(now.position, len(now.plan))] & ~state)
    return f"{words.joined(phrase(f) for f in missing)} does not hold any more"

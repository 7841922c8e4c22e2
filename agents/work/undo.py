"""Undoing what a finished task did, and doing it again: two acts of the owner's.

Owns what may be undone when, and the record of both. How it is done is the kind's own (`reversal.py`). Refuses to take
away what others have added since, until the name of it was typed.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

from agents.events.durable import durable
from agents.events.models import Event
from agents.governance.rules import Actor, called
from agents.kernel.errors import BadInput, Conflict, IllegalTransition, TimmyError, Unavailable
from agents.work import rules
from agents.work.models import Task
from agents.work.ports import World
from agents.work.reversal import Reversal, Undone
from agents.work.store import Store

UNDONE, REDONE = "undone", "redone"
CARRIED = "carried"
"""The path of a move that was no step of one's own."""


class Undo(Store):
    """What was done, undone."""

    def take_back(self, number: int, actor: Actor, via: str, confirm: str = "") -> Undone:
        """Undo what the task did. Raises Conflict when there is nothing to undo or something stands against it,
        BadInput when others have changed it since and its name was not typed.
        """
        self.permit(actor, "undo")
        task = self.get(number)
        reversal, params, world = self._reversal(task)
        if task.status == "RUNNING":
            raise IllegalTransition(f"Task {number} is running. Pause it, and then undo it.", next=f"pause {number}")
        done = reversal.look(params, number, world)
        if done is None:
            raise self._nothing(task)
        if done.since and confirm.casefold() != done.name.casefold():
            raise BadInput(
                f"Since task {number} was done, something else was changed: {'; '.join(done.since)}. That would go "
                f"too, and come back with redo {number}. Type the name if you mean it.",
                next=f"undo {number} = {done.name}",
            )

        def record(undone: Undone) -> None:
            self.change(task, UNDONE, actor, via, data={"outcome": undone.line, "well": True})
            for slug in undone.moved:
                data = {"from": undone.origin, "to": undone.target}
                self.events.append(f"agent.{slug}.carried", f"agent:{slug}", via=CARRIED, agent=slug, data=data)

        with durable():
            return reversal.undo(params, number, world, record)

    def redo(self, number: int, actor: Actor, via: str) -> str:
        """Bring back what was undone; one line that says so. Raises Conflict when it cannot be."""
        self.permit(actor, "undo")
        task = self.get(number)
        reversal, params, world = self._reversal(task)
        if reversal.look(params, number, world) is not None:
            raise Conflict(f"What task {number} did has not been undone.", next=f"task {number}")

        def record(line: str) -> None:
            self.change(task, REDONE, actor, via, data={"outcome": line, "well": True})

        with durable():
            return reversal.redo(params, number, world, record)

    def undoable(self, task: Task) -> bool:
        """Whether what the task did stands and can be undone now."""
        try:
            reversal, params, world = self._reversal(task)
            return task.status != "RUNNING" and reversal.look(params, task.id, world) is not None
        except TimmyError:
            return False

    def undone(self, task: Task) -> Event | None:
        """The event of what the task did being undone, unless it was brought back since."""
        self.events.unit.flush()
        both = (f"task.{UNDONE}", f"task.{REDONE}")
        last = Event.objects.filter(topic__in=both, task=task.id).order_by("-seq").first()
        return last if last is not None and last.topic == both[0] else None

    def _reversal(self, task: Task) -> tuple[Reversal, Any, World]:
        kind = self.kinds.get(task.kind)
        if kind is None or kind.reversal is None:
            why = "a task of its kind changes nothing outside its agent's own folder"
            if kind is None or kind.undo == "no":
                why = "what a task of its kind does cannot be undone"
            raise Conflict(f"Task {task.id} has nothing that could be undone: {why}.", next=f"task {task.id}")
        if self.world is None:
            raise Unavailable("The world is not running, so nothing in it can be undone.", next="timmy start")
        return kind.reversal, kind.params_of(task), self.world

    def _nothing(self, task: Task) -> TimmyError:
        number, last = task.id, self.undone(task)
        if last is not None:
            by = f"by {called(last.actor)} at {last.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
            return Conflict(f"What task {number} did was undone {by}.", next=f"redo {number}")
        return Conflict(
            f"There is nothing to undo: task {number} is {rules.in_words(task.status)}, and nothing it did is there.",
            next=f"task {number}",
        )

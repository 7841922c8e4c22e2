"""Decisions about tasks: verdicts, undo, settling, expiry, start-up.

Owns the combination of an approval's resolution with its task's transition in one transaction. The approval comes
first: governance resolves it, and the task follows. Refuses verdicts on what was not shown.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from agents.events.durable import durable
from agents.governance import record as approvals
from agents.governance.models import Approval
from agents.governance.rules import SYSTEM, Actor, Receipt, parse_ref, parse_verdict
from agents.kernel.errors import BadInput, Conflict, IllegalTransition, NotFound, TimmyError
from agents.kernel.text import clean
from agents.work import rules
from agents.work.journal import Journal
from agents.work.models import Task
from agents.work.proposals import CANNOT
from agents.work.store import Store

logger = logging.getLogger(__name__)


class Decisions(Store):
    """Verdicts and their consequences."""

    def approval(self, ref: str) -> Approval:
        """The approval that `3` (the newest of task 3) or `a7` names; raises BadInput, NotFound."""
        kind, number = parse_ref(ref)
        if kind == "task":
            found = self.governance.of_task(number)
            if found is None and not Task.objects.filter(id=number).exists():
                raise NotFound(f"There is no task {number}, so there is nothing to decide.", next="lectern")
            if found is None:
                raise NotFound(f"Task {number} has no approval on record.", next="audit verify")
            return found
        approval = self.governance.get(number)
        if approval.task is not None:
            raise BadInput(f"a{number} belongs to task {approval.task}.", next=f"read {approval.task}")
        return approval

    def decide(
        self, refs: Sequence[str], verdict: str, actor: Actor, via: str, *, reason: str = "", confirm: str = ""
    ) -> list[Receipt]:
        """Give the verdict `ok` or `no` on each of `refs`, in one durable transaction.

        For one ref, raises what governance.decide raises. With several, each has its own receipt or its own error;
        something that cannot be undone is never approved among several.
        """
        parse_verdict(verdict)
        self.permit(actor, "decide")
        reason = rules.check_text(clean(reason, keep_lines=False), rules.MAX_REASON, "reason")
        wanted = list(dict.fromkeys(r.strip().lower().removeprefix("#") for r in refs))
        if not wanted:
            raise BadInput("Say which items you decide on.", next="approvals")
        several = len(wanted) > 1
        receipts = []
        with durable():
            for ref in wanted:
                try:
                    with self.events.unit.part():
                        receipts.append(self._decide(ref, verdict, actor, via, reason, confirm, several))
                except TimmyError as error:
                    if not several:
                        raise
                    receipts.append(Receipt(ref, error=error))
        return receipts

    def _decide(
        self, ref: str, verdict: str, actor: Actor, via: str, reason: str, confirm: str, several: bool
    ) -> Receipt:
        approval = self.approval(ref)
        if verdict == "ok" and several and approval.undo == "no":
            typed = f"ok {ref} = {approval.confirm}"
            raise BadInput(f"{ref} cannot be undone, so approve it on its own.", next=typed)
        if verdict == "ok" and (cannot := approval.evidence.get(CANNOT)) and approval.state == "pending":
            raise Conflict(f"{ref} cannot be done as it was proposed: {cannot}", next=f"no {ref} = reason")
        if approval.state != "pending" and approval.task is not None:
            return self._decide_late(approval, verdict, actor, via, reason)
        receipt = self.governance.decide(approval.id, verdict, actor, via, reason, confirm, ref)
        self.governance.settle(approval.id)  # at once if nothing is sealed
        return receipt

    def _decide_late(self, approval: Approval, verdict: str, actor: Actor, via: str, reason: str) -> Receipt:
        """Veto a task that was already decided: legal according to the table, but only if it was shown since.

        Somebody who saw it pending and comes second is told who was first, because they have not seen what they
        would stop.
        """
        task = self.get(approval.task or 0)
        shown = self.governance.shown_at(approval, actor)
        ref = str(task.id)
        if verdict == "ok" or shown is None or shown <= task.updated_at:
            following = {"BACKLOGGED": f"reopen {ref}", "VETOED": f"reopen {ref}", "FAILED": f"retry {ref}"}
            said = approvals.told(approval)
            raise Conflict(
                f"{said}. Task {ref} is now {rules.in_words(task.status)}.",
                next=following.get(task.status, f"read {ref}"),
            )
        receipt = self.runtime.new_id()
        self.change(task, "veto", actor, via, reason=reason, data={"receipt": receipt})
        return Receipt(ref, "rejected", receipt, task.title)

    def undo(self, actor: Actor, via: str, only: int | None = None) -> list[Receipt]:
        """Lift the seals that this actor set and that have not taken effect; raises Conflict if none."""
        return self.governance.undo(actor, via, only)

    def later(self, ref: str, hours: float, actor: Actor, via: str) -> Approval:
        """Hide a pending item for `hours`; its expiry does not change."""
        if not 0 < hours <= 24 * 365:
            raise BadInput("later takes a number of hours above 0, at most a year.", next=f"later {ref} 4h")
        until = self.runtime.clock.now() + timedelta(hours=hours)
        return self.governance.later(self.approval(ref).id, until, actor, via)

    def move(self) -> None:
        """The clock has jumped: stall limits of running tasks and grace times start again here."""
        self.moved_at = self.runtime.clock.now()
        Task.objects.filter(status="RUNNING").update(progress_at=self.moved_at)

    def settle(self, now: datetime | None = None) -> list[Task]:
        """Let due verdicts take effect and close what was not decided in time; returns the changed tasks.

        Each item has its own transaction: if one fails, it is logged and does not delay the others.
        """
        now = now or self.runtime.clock.now()
        due: list[Callable[[], Approval | None]] = [
            *(partial(self.governance.settle, n, now) for n in self.governance.due_seals(now)),
            *(partial(self.governance.expire, n, now) for n in self.governance.overdue(now)),
        ]
        moved = []
        for resolve in due:
            try:
                approval = resolve()
            except TimmyError:
                logger.exception("an approval could not be resolved")
                continue
            if approval is not None and approval.task is not None:
                moved.append(self.get(approval.task))
        return moved

    def follow(self, approval: Approval) -> None:
        """Change the task of a resolved approval, inside the transaction that resolved it."""
        task = self.get(approval.task or 0)
        data = {"approval": approval.id, "receipt": approval.receipt}
        match approval.state:
            case "approved":
                self.change(
                    task,
                    "approve",
                    approval.decided_by,
                    approval.decided_via,
                    reason=approval.reason,
                    data=data,
                    approved_at=self.runtime.clock.now(),
                )
            case "rejected":
                self.change(task, "veto", approval.decided_by, approval.decided_via, reason=approval.reason, data=data)
            case "expired":
                self.change(task, "expire", SYSTEM, "system", reason=approval.reason, data=data)
            case state:
                raise IllegalTransition(f"Approval a{approval.id} is {state}; no task follows that.")

    def drain(self) -> list[str]:
        """At start-up: settle what is due, check each interrupted step, report what continues.

        A `pure` or `keyed` step may be repeated; any other goes to review and its task is paused. Returns a line
        for each affected task.
        """
        lines = [f"{task.id}: {task.status}, due while the world was down" for task in self.settle()]
        journal = Journal(self.runtime, self.events)
        for step in journal.interrupted():
            with self.events.unit.part():
                journal.cut_short(step)
                task = self.get(step.task_id) if step.task_id else None
                if step.repeat == "once" and task is not None and task.status == "RUNNING":
                    reason = f"for review: {step.action} was cut short and may have happened"
                    self.change(task, "review", SYSTEM, "system", reason=reason, data={"step": step.id})
                    lines.append(f"{task.id}: paused for review; {step.action} was cut short")
        # Nobody could make progress while the world was down, so the stall limit starts again.
        Task.objects.filter(status="RUNNING").update(progress_at=self.runtime.clock.now())
        for task in Task.objects.filter(status="RUNNING").order_by("id"):
            done = len(journal.attempt(task).finished())
            lines.append(f"{task.id}: {task.assignee} goes on after {done} finished steps")
        waiting = Task.objects.filter(status="APPROVED").count()
        if waiting:
            lines.append(f"{waiting} approved tasks wait to be picked up")
        return lines

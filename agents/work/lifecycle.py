"""What happens to a task after its decision: assigned, claimed, paused, finished.

Owns the use-cases of people (assign, pause, resume, retry, backlog) and of minds (claim, delegate,
complete, fail, block, review, authorise). Refuses what `work.rules` has no transition for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import F

from agents.events.models import Event
from agents.governance import record as approvals
from agents.governance.models import Approval
from agents.governance.rules import Actor, called
from agents.kernel.errors import Conflict, IllegalTransition, NotAllowed
from agents.kernel.text import clean
from agents.work import places, rules
from agents.work.effect import Effect
from agents.work.journal import CUT_SHORT
from agents.work.kind import Upshot, step_words
from agents.work.models import Step, Task
from agents.work.settings import WorkSettings
from agents.work.store import Store

LOOP = 3
"""The number of identical steps with identical outcomes in a row that counts as a loop."""


class Lifecycle(Store):
    """Tasks that have been decided."""

    # -- people ------------------------------------------------------------------------------
    def assign(self, number: int, slug: str, actor: Actor, via: str) -> Task:
        """Assign a task to the agent `slug`; a paused one waits for that agent again.

        A running one must be paused first.
        """
        self.permit(actor, "assign")
        slug = rules.check_slug(slug)
        task = self.get(number)
        if task.status == "PAUSED":
            return self.change(task, "reassign", actor, via, data={"assignee": slug}, assignee=slug)
        if task.status in ("RUNNING", "COMPLETED", "VETOED"):
            following = {"RUNNING": f"pause {number}", "VETOED": f"reopen {number}"}.get(task.status, f"task {number}")
            raise IllegalTransition(
                f"Task {number} is {rules.in_words(task.status)}; it cannot be reassigned now.", next=following
            )
        return self.change(task, "assigned", actor, via, data={"assignee": slug}, assignee=slug)

    def pause(self, number: int, actor: Actor, via: str, reason: str = "") -> Task:
        """Stop a task before its next step."""
        self.permit(actor, "pause")
        return self.change(self.get(number), "pause", actor, via, reason=reason or f"paused by {called(str(actor))}")

    def resume(self, number: int, actor: Actor, via: str) -> Task:
        """Let a paused task continue after its last finished step, or offer it if it has no assignee."""
        self.permit(actor, "resume")
        task = self.get(number)
        now = self.runtime.clock.now()
        if task.status == "PAUSED" and not task.assignee:
            return self.change(task, "reassign", actor, via)
        # A resumed task gets its budget and stall limit back, or it would be paused at once.
        return self.change(
            task, "resume", actor, via, steps_taken=0, progress_at=now, started_at=task.started_at or now
        )

    def retry(self, number: int, actor: Actor, via: str) -> Task:
        """Try a failed task again from the beginning, under its existing approval."""
        self.permit(actor, "retry")
        task = self.get(number)
        return self.change(
            task,
            "retry",
            actor,
            via,
            attempt=task.attempt + 1,
            steps_taken=0,
            result="",
            finished_at=None,
            approved_at=self.runtime.clock.now(),
        )

    def backlog(self, number: int, reason: str, actor: Actor, via: str) -> Task:
        """Shelve a task with a reason; its pending approval is closed with it.

        Raises Conflict if a verdict on it is sealed.
        """
        task = self.get(number)
        self.permit(actor, "backlog", task.proposer if task.status == "PENDING_APPROVAL" else "")
        with self.events.unit.part():
            task = self.change(task, "backlog", actor, via, reason=reason)
            approval = self.governance.of_task(number)
            if approval is not None and approval.state == "pending":
                self.governance.withdraw(
                    approval, actor, via, f"in the backlog: {task.reason}" if task.reason else "in the backlog"
                )
        return task

    # -- minds -------------------------------------------------------------------------------
    def claim(self, number: int, slug: str) -> Task:
        """The agent `slug` takes an approved task and starts it.

        Raises IllegalTransition, NotAllowed while it belongs to another agent or is still offered, Conflict if
        another was first.
        """
        task = self.get(number)
        if task.assignee and task.assignee != slug:
            raise NotAllowed(f"Task {number} is {task.assignee}'s.", next=f"task {number}")
        now = self.runtime.clock.now()
        free = self.free_at(task)
        if not task.assignee and task.status == "APPROVED" and now < free:
            raise NotAllowed(f"Task {number} is offered until {free:%H:%M:%S} UTC.", next=f"assign {number} = {slug}")
        return self.change(
            task,
            "claim",
            Actor("agent", slug),
            "mind",
            assignee=slug,
            started_at=task.started_at or now,
            progress_at=now,
            finished_at=None,
        )

    def delegate(self, number: int, giver: str, receiver: str, reason: str) -> Task:
        """The agent `giver` hands a task of its own over to the agent `receiver`, whose it is then, to be claimed.

        Raises NotAllowed where `kept_with` says why it stays, Conflict when it is not `giver`'s.
        """
        actor = Actor("agent", giver)
        self.permit(actor, "delegate")
        receiver = rules.check_slug(receiver)
        with self.events.unit.part():
            task = self._own(number, giver)
            if why := self.kept_with(task):
                raise NotAllowed(f"Task {number} stays with {giver}: {why}.", next=f"task {number}")
            return self.change(
                task,
                "delegate",
                actor,
                "mind",
                reason=_short(reason),
                data={"assignee": receiver},
                assignee=receiver,
                steps_taken=0,
            )

    def kept_with(self, task: Task) -> str:
        """Why an agent may not hand the task over to another, or ''.

        What a person has assigned stays where the person wanted it. What was handed over once is not handed on, or it
        could go round for ever. Once work on this attempt has begun it stays with whoever began it.
        """
        self.events.unit.flush()
        for event in Event.objects.filter(task=task.pk, topic__in=("task.assigned", "task.delegated")):
            if event.topic == "task.delegated":
                return "it was handed over before"
            if event.data.get("assignee"):
                return "a person assigned it"
        # A walk has a key of its own; only what is done once an attempt has the attempt's.
        work = Step.objects.filter(task=task, attempt=task.attempt).exclude(key=F("id"))
        return "it has been begun" if work.exists() else ""

    def complete(self, number: int, slug: str, result: str, upshot: Upshot | None = None) -> Task:
        """The agent has done its task; `result` is the line it reports, `upshot` the outcome. What could not be tried
        has failed.
        """
        task = self._own(number, slug)
        result = clean(result)
        told: dict[str, object] = {"result": result[: rules.MAX_REASON]}
        if upshot is not None:
            told |= {"outcome": _short(clean(upshot.line, keep_lines=False)), "well": upshot.well and upshot.done}
        undone = upshot is not None and not upshot.done
        return self.change(
            task,
            "fail" if undone else "complete",
            Actor("agent", slug),
            "mind",
            reason=str(told["outcome"]) if undone else None,
            data=told,
            result=result,
            finished_at=self.runtime.clock.now(),
        )

    def fail(self, number: int, slug: str, reason: str) -> Task:
        """The agent cannot do its task."""
        task = self._own(number, slug)
        return self.change(
            task, "fail", Actor("agent", slug), "mind", reason=_short(reason), finished_at=self.runtime.clock.now()
        )

    def block(self, number: int, slug: str, reason: str) -> Task:
        """The agent cannot go on without help: pause the task and escalate."""
        return self.change(self._own(number, slug), "block", Actor("agent", slug), "mind", reason=_short(reason))

    def review(self, number: int, reason: str) -> Task:
        """Pause a task because a person must look at what was half done."""
        return self.change(self.get(number), "review", "system:world", "system", reason=_short(f"for review: {reason}"))

    def note_progress(self, task: Task) -> None:
        """Count one finished step of `task`, which is running and was just read from the table; the journal says which
        step.
        """
        task.steps_taken += 1
        task.progress_at = self.runtime.clock.now()
        self.events.unit.change(task, "steps_taken", "progress_at")

    def over_limits(self, task: Task, steps: Sequence[Step] = (), now: datetime | None = None) -> str:
        """Why a running task must be blocked (out of steps, no progress, a loop at the end of `steps`), or ''."""
        settings = self.runtime.settings
        reached = rules.over_limits(
            task.steps_taken,
            task.progress_at,
            now or self.runtime.clock.now(),
            budget=settings.of(WorkSettings).step_budget,
            stall_minutes=settings.of(WorkSettings).stall_minutes,
        )
        if reached:
            return reached
        last = steps[-LOOP:]
        outcomes = {(s.action, s.state, s.error, repr(s.result)) for s in last}
        # Steps that a crash interrupted have no outcome, so crashes never look like a loop.
        if len(last) == LOOP and len(outcomes) == 1 and last[0].state != "started" and last[0].error != CUT_SHORT:
            act = last[0].action.partition("(")[0]
            what = step_words(self.kinds, act) or act.replace("_", " ")
            why = f": {last[0].error}" if last[0].error else ""
            return f"'{what}' had the same outcome {LOOP} times{why}"
        return ""

    def authorise(self, task: Task, effects: Iterable[Effect]) -> dict[str, str]:
        """Raise NotAllowed unless the approved item of this running task declares all `effects`.

        The item must still be the one that was shown, and so must every file and folder it names; returns their
        places by path. With GOLDEN_TIMMY off, nothing is refused for lack of an approval. Either way it is logged;
        an empty list of effects needs nothing.
        """
        wanted = [(e.kind, e.target) for e in effects]
        if not wanted:
            return {}
        fresh = self.get(task.id)
        approval = self.governance.of_task(task.id)
        lacking = self._lacking(fresh, approval, wanted)
        golden = self.governance.golden()
        refused = bool(lacking) and (golden or fresh.status != "RUNNING")
        self.events.append(
            "task.refused" if refused else "task.authorised",
            f"agent:{fresh.assignee or 'nobody'}",
            via="mind",
            agent=fresh.assignee,
            task=fresh.id,
            data={"effects": [list(w) for w in wanted], "lacking": lacking, "golden": golden},
        )
        if refused:
            raise NotAllowed(f"Task {fresh.id} may not do this: {lacking}.", next=f"task {fresh.id}")
        return places.pinned(approval.effects) if approval is not None and not lacking else {}

    def _lacking(self, task: Task, approval: Approval | None, wanted: list[tuple[str, str]]) -> str:
        if task.status != "RUNNING":
            return f"it is {rules.in_words(task.status)}"
        if approval is None or approval.state != "approved":
            return "it has no approved item"
        if approval.digest != approvals.content_digest(approval) or not _same(task, approval):
            return "it is not what was approved"
        declared = {(e["kind"], e["target"]) for e in approval.effects}
        missing = [f"{kind} {target}" for kind, target in wanted if (kind, target) not in declared]
        if missing:
            return f"the approved item does not declare {', '.join(missing)}"
        for effect in approval.effects:
            if (effect["kind"], effect["target"]) in wanted and (why := places.changed(effect)):
                return (
                    f"{why}; to have it reviewed and approved again, type backlog {task.id} and then reopen {task.id}"
                )
        return ""

    def _own(self, number: int, slug: str) -> Task:
        task = self.get(number)
        if task.assignee != slug:
            raise Conflict(f"Task {number} is {task.assignee or 'nobody'}'s, not {slug}'s.", next=f"task {number}")
        return task


def _same(task: Task, approval: Approval) -> bool:
    """Whether the task is still the one that its approval describes."""
    said = approval.evidence
    return (task.title, task.description, task.kind, task.params) == (
        approval.title,
        approval.why,
        said.get("kind"),
        said.get("params"),
    )


def _short(reason: str) -> str:
    return clean(reason, keep_lines=False)[: rules.MAX_REASON]

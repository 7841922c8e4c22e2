"""Proposing and changing tasks before they are decided.

Owns how a title becomes a kind with parameters, and what is laid before the owner: exact action,
effects, risk, evidence. Refuses to run anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from agents.governance import risk
from agents.governance.rules import Actor
from agents.kernel.errors import BadInput, Conflict, IllegalTransition
from agents.work import record, rules
from agents.work.act import Effect
from agents.work.kind import Kind, site_of
from agents.work.models import Task
from agents.work.store import Store

WORDS = "words"
"""The kind that takes what no other kind can do."""


@dataclass(frozen=True)
class Proposal:
    """A title and description understood: by which kind, with which parameters."""

    title: str
    description: str
    kind: Kind
    params: Any

    def task_columns(self) -> dict[str, Any]:
        """The task's columns that follow from it."""
        return {
            "title": self.title, "description": self.description,
            "kind": self.kind.name, "params": self.params.model_dump(mode="json"),
        }  # fmt: skip

    def effects(self) -> tuple[Effect, ...]:
        """What it changes or reaches outside an agent's home."""
        return self.kind.effects(self.params)

    def approval_columns(self, priority: str) -> dict[str, Any]:
        """What is laid before the owner."""
        effects = self.effects()
        judged = risk.score(
            priority=priority, category=self.kind.category, undo=self.kind.undo,
            effects=[(e.kind, e.target) for e in effects],
        )  # fmt: skip
        return {
            "title": self.title, "action": self.kind.action(self.params), "why": self.description,
            "effects": [{"kind": e.kind, "target": e.target} for e in effects], "risk": judged.as_dict(),
            "undo": self.kind.undo, "confirm": self.kind.confirm(self.params),
            "evidence": {
                "kind": self.kind.name, "params": self.params.model_dump(mode="json"),
                "tools": list(self.kind.tools), "place": self.kind.place,
            },
        }  # fmt: skip


class Proposals(Store):
    """The use-cases before a decision."""

    def understand(self, title: str, description: str) -> Proposal:
        """Read a title and description; raises BadInput that says what cannot be read, NotFound with
        the nearest rooms when the work's place is not in the world, Conflict when the world rules it out.

        The first word of the title names the kind, in any case; else the kind is `words`.
        """
        title = rules.check_title(title)
        description = rules.check_text(description, rules.MAX_DESCRIPTION, "description")
        word, _, subject = title.partition(" ")
        name = word.lower()
        if name not in self.kinds or name == WORDS:
            name, subject = WORDS, title
        if name not in self.kinds:
            known = ", ".join(sorted(self.kinds))
            raise BadInput(f"A title's first word names its kind of task; those are: {known}.", next="kinds")
        kind = self.kinds[name]
        try:
            params = kind.parse(subject.strip(), description, self.runtime.settings)
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise BadInput(f"{kind.name}: {wrong}.", next=f"task add {kind.example}") from error
        if self.world is not None:
            site_of(kind, params, self.world)
            if kind.check is not None:
                kind.check(params, self.world)
        return Proposal(title, description, kind, params)

    def propose(
        self,
        title: str,
        description: str,
        actor: Actor,
        via: str,
        *,
        priority: str = "NORMAL",
        parent: int | None = None,
        repeats: int | None = None,
    ) -> Task:
        """Put a new task before the owner. Returns it, waiting for approval.

        `parent`: number of the task it is part of. `repeats`: number of the finished task it does
        again. Raises NotAllowed, BadInput, NotFound.
        """
        self.permit(actor, "propose")
        proposal = self.understand(title, description)
        priority = rules.check_priority(priority)
        now = self.runtime.clock.now()
        with self.events.unit.part():
            if parent is not None:
                self.get(parent)
            if repeats is not None and self.get(repeats).status != "COMPLETED":
                raise BadInput(f"Task {repeats} is not finished, so it cannot be repeated.", next=f"task {repeats}")
            task = Task.objects.create(
                **proposal.task_columns(), priority=priority, proposer=str(actor), parent_id=parent,
                repeats_id=repeats, created_at=now, updated_at=now,
            )  # fmt: skip
            data = {"title": task.title, "kind": task.kind, "to": task.status, "set": record.snapshot(task)}
            agent = actor.name if actor.kind == "agent" else ""
            self.events.append("task.proposed", actor, via=via, agent=agent, task=task.id, data=data)
            self.ask(task, proposal, actor, via)
        return task

    def ask(self, task: Task, proposal: Proposal, proposer: Actor, via: str) -> None:
        """Open the approval of a task that waits for one; the caller holds the transaction."""
        content = proposal.approval_columns(task.priority)
        self.governance.open(**content, proposer=proposer, via=via, task=task.id)

    def edit(
        self, number: int, *, title: str | None = None, description: str | None = None, actor: Actor, via: str
    ) -> Task:
        """Change what is proposed, while nobody has decided. It must then be read again.

        Raises NotAllowed, BadInput, IllegalTransition once it is decided, Conflict when a verdict
        lies sealed on it.
        """
        task = self.get(number)
        self.permit(actor, "edit", task.proposer)
        if task.status not in ("PENDING_APPROVAL", "BACKLOGGED"):
            again = f"reopen {number}" if task.status == "VETOED" else f"task {number}"
            raise IllegalTransition(f"Task {number} is {task.status}; only what waits is edited.", next=again)
        proposal = self.understand(
            task.title if title is None else title, task.description if description is None else description
        )
        with self.events.unit.part():
            if task.status == "PENDING_APPROVAL":
                self._reconsider(task, proposal, actor, via)
            return self.change(task, "edited", actor, via, **proposal.task_columns())

    def prioritise(self, number: int, priority: str, actor: Actor, via: str) -> Task:
        """Give a task another priority; its risk is judged anew while it waits for approval."""
        self.permit(actor, "prioritise")
        priority = rules.check_priority(priority)
        task = self.get(number)
        if task.status == "COMPLETED":
            raise IllegalTransition(f"Task {number} is COMPLETED; its priority no longer matters.", next="board")
        with self.events.unit.part():
            task = self.change(task, "prioritised", actor, via, data={"priority": priority}, priority=priority)
            approval = self.governance.of_task(number)
            if task.status == "PENDING_APPROVAL" and approval is not None and not approval.verdict:
                judged = self.understand(task.title, task.description).approval_columns(priority)["risk"]
                self.governance.change(approval, actor, via, risk=judged)
        return task

    def reopen(self, number: int, actor: Actor, via: str) -> Task:
        """Bring a backlogged or vetoed task back before the owner, with a fresh approval."""
        self.permit(actor, "reopen")
        task = self.get(number)
        rules.transition("reopen", task.status, number)
        proposal = self.understand(task.title, task.description)
        with self.events.unit.part():
            # The kind may read the same words otherwise by now: what is shown is what will be done.
            task = self.change(task, "reopen", actor, via, **proposal.task_columns(), approved_at=None)
            kind, _, name = task.proposer.partition(":")
            self.ask(task, proposal, Actor(kind, name), via)  # type: ignore[arg-type]
        return task

    def _reconsider(self, task: Task, proposal: Proposal, actor: Actor, via: str) -> None:
        approval = self.governance.of_task(task.id)
        if approval is None or approval.state != "pending":
            raise Conflict(f"Task {task.id} has no approval that waits.", next="audit verify")
        self.governance.change(approval, actor, via, **proposal.approval_columns(task.priority))

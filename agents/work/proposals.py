"""Proposing and changing tasks before they are decided.

Owns how a title becomes a kind with parameters, and what the owner sees: exact action, effects, risk, evidence.
Runs nothing, and does not let guests learn from a proposal what is on the disk: objections to a guest's proposal
are shown to the owner, with the proposal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from agents.governance import risk
from agents.governance.allowance import PROPOSAL
from agents.governance.rules import Actor
from agents.governance.settings import GovernanceSettings
from agents.kernel.errors import BadInput, Conflict, IllegalTransition, TimmyError
from agents.work import places, record, rules
from agents.work.effect import Effect
from agents.work.kind import Kind, site_of
from agents.work.models import Task
from agents.work.vetoes import Refused, Vetoes

WORDS = "words"
"""The kind for everything that no other kind can do."""
CANNOT = "cannot"
"""In the evidence of a proposal: why it cannot be done as it stands. It is not approved so."""
BEFORE = "vetoed before"
"""In the evidence of a proposal: the veto of its like."""


@dataclass(frozen=True)
class Proposal:
    """A parsed title and description: the kind and its parameters, or why not (`cannot`)."""

    title: str
    description: str
    kind: Kind
    params: Any = None
    cannot: str = ""

    def task_columns(self) -> dict[str, Any]:
        """The task's columns that follow from it."""
        return {
            "title": self.title,
            "description": self.description,
            "kind": self.kind.name,
            "params": self.stored_params(),
        }

    def stored_params(self) -> dict[str, Any]:
        """Its parameters as they stand in the table."""
        return {} if self.cannot else self.params.model_dump(mode="json")

    def effects(self) -> tuple[Effect, ...]:
        """What it changes or reaches outside an agent's home."""
        return () if self.cannot else self.kind.effects(self.params)

    def approval_columns(self, priority: str) -> dict[str, Any]:
        """What the owner sees."""
        effects, undo = self.effects(), "n/a" if self.cannot else self.kind.undo
        judged = risk.score(
            priority=priority,
            category=self.kind.category,
            undo=undo,
            effects=[(e.kind, e.target) for e in effects],
        )
        return {
            "title": self.title,
            "action": f"nothing: {self.cannot}" if self.cannot else self.kind.action(self.params),
            "why": self.description,
            "effects": places.declared(effects),
            "risk": judged.as_dict(),
            "undo": undo,
            "confirm": "" if self.cannot else self.kind.confirm(self.params),
            "evidence": {
                "kind": self.kind.name,
                "params": self.stored_params(),
                "tools": list(self.kind.tools),
                "place": self.kind.place,
                **({CANNOT: self.cannot} if self.cannot else {}),
            },
        }


class Proposals(Vetoes):
    """The use-cases before a decision."""

    def understand(self, title: str, description: str, *, blind: bool = False) -> Proposal:
        """Parse a title and description; raises BadInput that says what cannot be understood, NotFound with the
        nearest rooms if the place of the work does not exist, Conflict if the state of the world rules it out.

        The first word of the title names the kind, in upper or lower case; otherwise the kind is `words`. `blind`:
        the proposer may not know what exists, so the kind's objections are stored in the proposal instead of
        raised.
        """
        title = rules.check_title(title)
        description = rules.check_text(description, rules.MAX_DESCRIPTION, "description")
        word, _, subject = title.partition(" ")
        name = word.lower()
        if name not in self.kinds or name == WORDS:
            name, subject = WORDS, title
        if name not in self.kinds:
            known = ", ".join(sorted(self.kinds))
            raise BadInput(f"A title starts with its kind of task; the kinds are: {known}.", next="kinds")
        kind = self.kinds[name]
        try:
            return Proposal(title, description, kind, self._params_of(kind, subject.strip(), description))
        except TimmyError as error:
            if not blind:
                raise
            return Proposal(title, description, kind, cannot=error.message)

    def _params_of(self, kind: Kind, subject: str, description: str) -> Any:
        try:
            params = kind.parse(subject, description, self.runtime.settings)
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise BadInput(f"{kind.name}: {wrong}.", next=f"task add {kind.example}") from error
        if self.world is not None:
            site_of(kind, params, self.world)
            if kind.check is not None:
                kind.check(params, self.world)
        return params

    def _taken(self, title: str | None, description: str | None, actor: Actor, old: Task | None = None) -> Proposal:
        """Count a proposal before it is parsed, so that failed and repeated attempts count, too."""
        self.governance.allowance.take(actor, PROPOSAL, (title or "") + (description or ""))
        title = old.title if title is None and old else title or ""
        description = old.description if description is None and old else description or ""
        return self.understand(title, description, blind=actor.kind == "person")

    def _has_room(self, actor: Actor) -> None:
        waiting = Task.objects.filter(proposer=str(actor), status="PENDING_APPROVAL").order_by("id")
        most = self.runtime.settings.of(GovernanceSettings).guest_proposals
        if actor.kind == "person" and (count := waiting.count()) >= most:
            oldest = waiting.first()
            raise Conflict(
                f"{count} proposals of yours wait for the owner; a guest may have {most} at a time.",
                next=f"backlog {oldest.pk} = not now" if oldest else "help guests",
            )

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
        again. Raises NotAllowed, BadInput, NotFound, and Refused where an agent or the system proposes the like of what
        was vetoed.
        """
        self.permit(actor, "propose")
        proposal = self._taken(title, description, actor)
        self._has_room(actor)
        veto = self.vetoed(proposal.title, proposal.kind.name, proposal.stored_params(), proposal.effects())
        if veto is not None and actor.kind in ("agent", "system"):
            raise Refused(veto)
        priority = rules.check_priority(priority)
        now = self.runtime.clock.now()
        with self.events.unit.part():
            if parent is not None:
                self.get(parent)
            if repeats is not None and self.get(repeats).status != "COMPLETED":
                raise BadInput(f"Task {repeats} is not finished, so it cannot be repeated.", next=f"task {repeats}")
            task = Task.objects.create(
                **proposal.task_columns(),
                priority=priority,
                proposer=str(actor),
                parent_id=parent,
                repeats_id=repeats,
                created_at=now,
                updated_at=now,
            )
            data = {"title": task.title, "kind": task.kind, "to": task.status, "set": record.snapshot(task)}
            agent = actor.name if actor.kind == "agent" else ""
            self.events.append("task.proposed", actor, via=via, agent=agent, task=task.id, data=data)
            self.ask(task, proposal, actor, via)
        return task

    def ask(self, task: Task, proposal: Proposal, proposer: Actor, via: str) -> None:
        """Open the approval of a waiting task; the caller holds the transaction."""
        content = proposal.approval_columns(task.priority)
        if (veto := self.vetoed(task.title, task.kind, task.params, proposal.effects(), but=task.id)) is not None:
            content["evidence"][BEFORE] = veto.words
        self.governance.open(**content, proposer=proposer, via=via, task=task.id)

    def edit(
        self, number: int, *, title: str | None = None, description: str | None = None, actor: Actor, via: str
    ) -> Task:
        """Change a proposal while nobody has decided. It must then be read again.

        Raises NotAllowed, BadInput, IllegalTransition once it is decided, Conflict if a verdict on it is sealed.
        """
        task = self.get(number)
        self.permit(actor, "edit", task.proposer)
        if task.status not in ("PENDING_APPROVAL", "BACKLOGGED"):
            again = f"reopen {number}" if task.status == "VETOED" else f"task {number}"
            raise IllegalTransition(
                f"Task {number} is {rules.in_words(task.status)}; only a waiting proposal can be edited.", next=again
            )
        proposal = self._taken(title, description, actor, task)
        with self.events.unit.part():
            if task.status == "PENDING_APPROVAL":
                self._reconsider(task, proposal, actor, via)
            return self.change(task, "edited", actor, via, **proposal.task_columns())

    def prioritise(self, number: int, priority: str, actor: Actor, via: str) -> Task:
        """Give a task another priority; while it waits for approval its risk is assessed again."""
        self.permit(actor, "prioritise")
        priority = rules.check_priority(priority)
        task = self.get(number)
        if task.status == "COMPLETED":
            raise IllegalTransition(f"Task {number} is completed; its priority no longer matters.", next="board")
        with self.events.unit.part():
            task = self.change(task, "prioritised", actor, via, data={"priority": priority}, priority=priority)
            approval = self.governance.of_task(number)
            if task.status == "PENDING_APPROVAL" and approval is not None and not approval.verdict:
                judged = self.understand(task.title, task.description, blind=True).approval_columns(priority)["risk"]
                self.governance.change(approval, actor, via, risk=judged)
        return task

    def reopen(self, number: int, actor: Actor, via: str) -> Task:
        """Put a backlogged or vetoed task before the owner again, with a new approval."""
        self.permit(actor, "reopen")
        task = self.get(number)
        rules.transition("reopen", task.status, number)
        proposal = self.understand(task.title, task.description)
        with self.events.unit.part():
            # The kind may interpret the same words differently by now: what is shown is what will be done.
            task = self.change(task, "reopen", actor, via, **proposal.task_columns(), approved_at=None)
            kind, _, name = task.proposer.partition(":")
            self.ask(task, proposal, Actor(kind, name), via)  # type: ignore[arg-type]
        return task

    def _reconsider(self, task: Task, proposal: Proposal, actor: Actor, via: str) -> None:
        approval = self.governance.of_task(task.id)
        if approval is None or approval.state != "pending":
            raise Conflict(f"Task {task.id} has no approval that waits.", next="audit verify")
        self.governance.change(approval, actor, via, **proposal.approval_columns(task.priority))

"""Approvals and policies: open, show, decide, undo, settle.

Owns the approval's state machine (pending → approved, rejected or expired, with a seal between verdict and effect)
and the policies. Each change is one conditional update and one event in one durable transaction. Knows no tasks:
whoever owns what an approval belongs to sets `follower` and is called inside the same transaction.

    pending ──verdict──▶ pending, sealed ──sealed_until──▶ approved | rejected
       │  ▲─────undo─────────┘
       └──expires_at, or withdrawn──▶ expired
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from agents.events.durable import durable
from agents.events.log import EventLog
from agents.governance import record
from agents.governance.allowance import Allowance
from agents.governance.models import Approval, Policy, Shown
from agents.governance.rules import SYSTEM, Actor, Receipt, may, parse_verdict, require
from agents.governance.settings import GovernanceSettings
from agents.kernel.errors import BadInput, Conflict, NotAllowed, NotFound
from agents.kernel.runtime import Runtime

GOLDEN = "golden_timmy"
IN_GAME = frozenset({"telnet", "web"})


class Waiting(NamedTuple):
    """What waits for a verdict, in short; the columns are those of `Approval`."""

    id: int
    task: int | None
    title: str
    created_at: datetime


class Governance:
    """This world's approvals and policies."""

    def __init__(self, runtime: Runtime, events: EventLog) -> None:
        self._runtime = runtime
        self._events = events
        self.allowance = Allowance(runtime)
        self.follower: Callable[[Approval], None] | None = None
        """Called with each approval that belongs to a task after its state has changed, inside the same transaction;
        an error in it rolls the change back.
        """

    # -- opening and reading ---------------------------------------------------------------
    def open(
        self,
        *,
        title: str,
        action: str,
        proposer: Actor,
        via: str,
        why: str = "",
        effects: Iterable[Mapping[str, str]] = (),
        risk: Mapping[str, Any] | None = None,
        undo: str = "n/a",
        confirm: str = "",
        evidence: Mapping[str, Any] | None = None,
        task: int | None = None,
    ) -> Approval:
        """Ask for a decision. Raises BadInput if it cannot be undone and names nothing to type."""
        content = {
            "title": title,
            "action": action,
            "why": why,
            "effects": [dict(e) for e in effects],
            "undo": undo,
            "confirm": confirm,
            "evidence": dict(evidence or {}),
        }
        _check_confirm(undo, confirm)
        now = self._runtime.clock.now()
        approval = Approval(
            **content,
            task=task,
            proposer=str(proposer),
            risk=dict(risk or {}),
            created_at=now,
            expires_at=now + timedelta(days=self._runtime.settings.of(GovernanceSettings).approval_days),
        )
        approval.digest = record.content_digest(approval)
        with self._events.unit.part():
            approval.save(force_insert=True)
            self._note(approval, "opened", proposer, via, record.snapshot(approval))
        return approval

    def change(self, approval: Approval, actor: Actor, via: str, **content: Any) -> Approval:
        """Replace parts of the content while nobody has decided; it must then be read again.

        Raises Conflict if a verdict came first.
        """
        fresh = self.get(approval.id)
        for name, value in content.items():
            setattr(fresh, name, value)
        _check_confirm(fresh.undo, fresh.confirm)
        content["digest"] = record.content_digest(fresh)
        with self._events.unit.part():
            self._update(approval, "changed", actor, via, Q(verdict="", digest=approval.digest), content)
        return self.get(approval.id)

    def get(self, number: int) -> Approval:
        """The approval with this number; raises NotFound."""
        try:
            return Approval.objects.get(id=number)
        except Approval.DoesNotExist:
            raise NotFound(f"There is no approval a{number}.", next="approvals") from None

    def of_task(self, task: int) -> Approval | None:
        """The newest approval of a task, decided or not."""
        return Approval.objects.filter(task=task).order_by("-id").first()

    def pending(self, include_snoozed: bool = False) -> list[Approval]:
        """What waits for a verdict or is sealed, oldest first."""
        return list(self.waiting(include_snoozed))

    def waiting(self, include_snoozed: bool = False) -> QuerySet[Approval]:
        """The same, to be counted or read in part: an owner who was away may find hundreds."""
        waiting = Approval.objects.filter(state="pending").order_by("id")
        return waiting if include_snoozed else waiting.filter(self._awake() | ~Q(verdict=""))

    def unanswered(self) -> list[Waiting]:
        """In short what waits for a verdict, oldest first."""
        rows = self.waiting().filter(verdict="").values_list(*Waiting._fields)
        return [Waiting(*row) for row in rows]

    def _awake(self) -> Q:
        return Q(snoozed_until=None) | Q(snoozed_until__lte=self._runtime.clock.now())

    def show(self, approval: Approval, viewer: Actor) -> Approval:
        """Record that `viewer` was shown exactly this content as a whole; returns it unchanged."""
        with self._events.unit():
            shown, _ = Shown.objects.update_or_create(
                viewer=str(viewer),
                approval=approval.id,
                defaults={"digest": approval.digest, "at": self._runtime.clock.now()},
            )
            self._events.unit.vouch(shown)
        return approval

    def shown_at(self, approval: Approval, viewer: Actor) -> datetime | None:
        """When `viewer` was last shown this approval with its current content; None if never."""
        shown = Shown.objects.filter(viewer=str(viewer), approval=approval.id, digest=approval.digest).first()
        return shown.at if shown else None

    # -- deciding ------------------------------------------------------------------------------
    def decide(
        self, number: int, verdict: str, actor: Actor, via: str, reason: str = "", confirm: str = "", ref: str = ""
    ) -> Receipt:
        """Set the verdict `ok` or `no` on a pending approval; it is sealed until it takes effect.

        Raises NotAllowed; Conflict if it is already resolved (naming who, when and through which interface) or
        differs from what was shown; BadInput if its `confirm` must be typed.
        """
        require(may(actor, "decide"))
        state = parse_verdict(verdict)
        with durable():
            approval = self.get(number)
            ref = ref or record.ref(approval)
            record.check_open(approval)
            if approval.digest != record.content_digest(approval):
                raise Conflict(f"The record of {ref} was altered from outside.", next="audit verify")
            shown = Shown.objects.filter(viewer=str(actor), approval=number).first()
            if shown is None:
                raise Conflict(f"{ref} has not been shown to you in full yet.", next=f"read {ref}")
            if shown.digest != approval.digest:
                raise Conflict(f"{ref} has changed since you saw it.", next=f"read {ref}")
            if state == "approved" and approval.undo == "no" and confirm != approval.confirm:
                raise BadInput(
                    f"{ref} cannot be undone, so a word must be typed to confirm it.",
                    next=f"ok {ref} = {approval.confirm}",
                )
            now = self._runtime.clock.now()
            sealed_until = now + timedelta(seconds=self._runtime.settings.of(GovernanceSettings).seal_seconds)
            receipt = self._runtime.new_id()
            columns = {
                "verdict": state,
                "decided_by": str(actor),
                "decided_at": now,
                "decided_via": via,
                "reason": reason,
                "sealed_until": sealed_until,
                "receipt": receipt,
            }
            self._update(approval, "sealed", actor, via, Q(verdict="", digest=shown.digest), columns)
        return Receipt(ref, state, receipt, approval.title, sealed_until)

    def undo(self, actor: Actor, via: str, only: int | None = None) -> list[Receipt]:
        """Lift the seals this actor set that have not taken effect, or the one on the approval `only`; raises Conflict
        when there is none.
        """
        require(may(actor, "undo"))
        receipts = []
        with durable():
            now = self._runtime.clock.now()
            sealed = Approval.objects.filter(state="pending", decided_by=str(actor), sealed_until__gt=now)
            for approval in sealed if only is None else sealed.filter(id=only):
                columns = {
                    "verdict": "",
                    "decided_by": "",
                    "decided_at": None,
                    "decided_via": "",
                    "reason": "",
                    "sealed_until": None,
                    "receipt": "",
                }
                receipt = self._runtime.new_id()
                self._update(approval, "lifted", actor, via, Q(receipt=approval.receipt), columns, receipt)
                receipts.append(Receipt(record.ref(approval), "lifted", receipt, approval.title))
        if not receipts:
            raise Conflict(
                "None of your verdicts is sealed right now, and one that has taken effect stands.",
                next="approvals",
            )
        return receipts

    def later(self, number: int, until: datetime, actor: Actor, via: str) -> Approval:
        """Hide a pending approval from the list until then; its expiry does not change."""
        require(may(actor, "later"))
        approval = self.get(number)
        record.check_open(approval)
        with self._events.unit.part():
            self._update(approval, "snoozed", actor, via, Q(verdict=""), {"snoozed_until": until})
        return self.get(number)

    # -- taking effect ---------------------------------------------------------------------------
    def due_seals(self, now: datetime | None = None) -> list[int]:
        """Numbers of the approvals whose seal has run out, oldest first; includes those due before a crash."""
        now = now or self._runtime.clock.now()
        due = Approval.objects.filter(state="pending", sealed_until__lte=now).exclude(verdict="")
        return list(due.order_by("sealed_until", "id").values_list("id", flat=True))

    def overdue(self, now: datetime | None = None) -> list[int]:
        """Numbers of the approvals that were not decided in time."""
        now = now or self._runtime.clock.now()
        late = Approval.objects.filter(state="pending", verdict="", expires_at__lte=now)
        return list(late.order_by("id").values_list("id", flat=True))

    def next_due(self) -> datetime | None:
        """When the next seal runs out or the next undecided item expires; None if nothing is pending."""
        pending = Approval.objects.filter(state="pending").values_list("verdict", "sealed_until", "expires_at")
        return min((seal if verdict and seal else late for verdict, seal, late in pending.iterator()), default=None)

    def settle(self, number: int, now: datetime | None = None) -> Approval | None:
        """Let a due verdict take effect, with its consequences, in one transaction.

        Returns None if nothing is due (somebody else settled it, or the seal was lifted).
        """
        now = now or self._runtime.clock.now()
        with durable():
            approval = self.get(number)
            if approval.state != "pending" or not approval.verdict or (approval.sealed_until or now) > now:
                return None
            actor, via = approval.decided_by, approval.decided_via
            due = Q(receipt=approval.receipt)
            return self._resolve(approval, approval.verdict, actor, via, due, {})

    def expire(self, number: int, now: datetime | None = None) -> Approval | None:
        """Close an approval that was not decided in time; None if that is not, or no longer, the case."""
        now = now or self._runtime.clock.now()
        with durable():
            approval = self.get(number)
            if approval.state != "pending" or approval.verdict or approval.expires_at > now:
                return None
            days = self._runtime.settings.of(GovernanceSettings).approval_days
            columns = {"reason": f"nobody decided within {days:g} days"}
            return self._resolve(approval, "expired", SYSTEM, "system", Q(verdict=""), columns)

    def move(self, jump: timedelta) -> int:
        """The clock has jumped: move stored times along, so that each item keeps the time it had left to be undone,
        decided or put off; returns how many were moved.
        """
        pending = list(Approval.objects.filter(state="pending").order_by("id"))
        with durable() if pending else nullcontext():
            for approval in pending:
                runs = {name: getattr(approval, name) for name in ("sealed_until", "expires_at", "snoozed_until")}
                columns = {name: at + jump for name, at in runs.items() if at is not None}
                self._update(approval, "moved", SYSTEM, "system", Q(receipt=approval.receipt), columns)
        return len(pending)

    def withdraw(self, approval: Approval, actor: Actor, via: str, reason: str) -> None:
        """Close a pending approval because what it belongs to was shelved.

        Raises Conflict if a verdict on it is sealed. The caller changes what it belongs to.
        """
        record.check_open(approval)
        with self._events.unit.part():
            self._update(approval, "expired", actor, via, Q(verdict=""), {"state": "expired", "reason": reason})

    # -- policy ----------------------------------------------------------------------------------
    def golden(self) -> bool:
        """Whether consequential actions need an approved item (GOLDEN_TIMMY); on unless turned off."""
        policy = Policy.objects.filter(name=GOLDEN).first()
        return policy is None or policy.value != "off"

    def set_golden(self, on: bool, actor: Actor, via: str) -> None:
        """Turn GOLDEN_TIMMY on or off; raises NotAllowed unless the owner does it in the game."""
        require(may(actor, "policy"))
        if not on and via not in IN_GAME:
            raise NotAllowed(
                "Only the owner can turn GOLDEN_TIMMY off, and only in the game.", next="log in by telnet or web"
            )
        with durable():
            before = self.golden()
            columns = {
                "value": "on" if on else "off",
                "changed_by": str(actor),
                "changed_at": self._runtime.clock.now(),
            }
            Policy.objects.update_or_create(name=GOLDEN, defaults=columns)
            self._events.append(
                "policy.changed",
                actor,
                via=via,
                data={"name": GOLDEN, "from": "on" if before else "off", "to": columns["value"]},
            )

    # -- internals -----------------------------------------------------------------------------------
    def _resolve(
        self, approval: Approval, state: str, actor: Actor | str, via: str, expected: Q, columns: dict[str, Any]
    ) -> Approval:
        self._update(approval, state, actor, via, expected, {"state": state, **columns})
        resolved = self.get(approval.id)
        if resolved.task is not None and self.follower is not None:
            self.follower(resolved)
        return resolved

    def _update(
        self,
        approval: Approval,
        what: str,
        actor: Actor | str,
        via: str,
        expected: Q,
        columns: dict[str, Any],
        receipt: str = "",
    ) -> None:
        """One conditional update and its event; the caller holds the transaction. Raises Conflict.

        `receipt`: the receipt's number, if no column stores it.
        """
        rows = Approval.objects.filter(expected, id=approval.id, state="pending").update(**columns)
        if rows != 1:
            fresh = self.get(approval.id)
            record.check_open(fresh)
            raise Conflict(f"{record.ref(fresh)} has changed meanwhile.", next=f"read {record.ref(fresh)}")
        self._note(approval, what, actor, via, record.changes(columns), receipt)

    def _note(
        self, approval: Approval, what: str, actor: Actor | str, via: str, columns: Mapping[str, Any], receipt: str = ""
    ) -> None:
        agent = ""
        if approval.proposer.startswith("agent:"):
            agent = approval.proposer.removeprefix("agent:")
        self._events.append(
            f"approval.{what}",
            actor,
            via=via,
            agent=agent,
            task=approval.task,
            approval=approval.id,
            data={"ref": record.ref(approval), "title": approval.title[:300], "set": columns}
            | ({"receipt": receipt} if receipt else {}),
        )


def _check_confirm(undo: str, confirm: str) -> None:
    if undo == "no" and not confirm.strip():
        raise BadInput("What cannot be undone must name an amount or a word to type.", next="help approvals")

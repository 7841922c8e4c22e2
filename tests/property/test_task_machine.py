"""Random people, agents and clocks against the task and approval machines: what must always hold."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from agents.governance.models import Approval
from agents.governance.rules import Actor
from agents.kernel.errors import StepFailed, TimmyError
from agents.work import replay, rules
from agents.work.effect import Effect
from agents.work.models import Step, Task
from tests.support import services
from tests.support.services import GUEST, OWNER, TIMMY

ACTORS = st.sampled_from([*[OWNER] * 7, Actor("owner", "second"), GUEST, TIMMY])
PICK = st.integers(0, 15)
SLUGS = st.sampled_from(["timmy", "ezra"])
WORDS = st.text(st.characters(), max_size=12)
REACHED: set[str] = set()
"""Statuses and approval states that some history came through."""


class TaskMachine(RuleBasedStateMachine):
    """Each rule does one deed, legal or not; only TimmyError may come out of it."""

    @initialize()
    def begin(self):
        self.folder = tempfile.TemporaryDirectory()
        self.house = services.make(Path(self.folder.name), grace_seconds=0)
        self.work = self.house.work
        self.atomic = transaction.atomic()
        self.atomic._from_testcase = True  # as Django marks a test's own wrapper
        self.atomic.__enter__()
        self.house.count("/waits")
        self.house.approve(self.house.count("/approved"))
        self.house.running()
        self.ended: dict[int, str] = {}
        self.resolved: dict[int, tuple] = {}

    def teardown(self):
        if hasattr(self, "atomic"):
            assert self.house.events.verify().ok
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)
            self.folder.cleanup()

    def number(self, pick: int, deed: str = "") -> int:
        """Any task's number; for an even pick one to which `deed` may legally be done, if there is one."""
        tasks = Task.objects.order_by("id")
        sources = rules.TRANSITIONS[deed].sources if deed else rules.STATUSES
        fit = list(tasks.filter(status__in=sources).values_list("id", flat=True)) if pick % 2 == 0 else []
        numbers = fit or list(tasks.values_list("id", flat=True))
        return numbers[pick // 2 % len(numbers)] if numbers else 1

    def attempt(self, deed, *arguments, **named):
        """Do it; a refusal must leave every table as it was."""
        before = self.picture()
        try:
            return deed(*arguments, **named)
        except TimmyError:
            assert self.picture() == before
            return None

    def picture(self):
        tasks = list(Task.objects.order_by("id").values())
        return tasks, list(Approval.objects.order_by("id").values()), list(Step.objects.order_by("id").values())

    @rule(actor=ACTORS, text=WORDS, priority=st.sampled_from([*rules.PRIORITIES, "?"]))
    def propose(self, actor, text, priority):
        if Task.objects.count() < 8:
            self.attempt(self.work.propose, f"Count /{text}", text, actor, "web", priority=priority)

    @rule(pick=PICK, actor=ACTORS)
    def show(self, pick, actor):
        self.attempt(self.house.show, self.number(pick), actor)

    @rule(picks=st.lists(PICK, min_size=1, max_size=3), actor=ACTORS, verdict=st.sampled_from(["ok", "ok", "no"]))
    def decide(self, picks, actor, verdict):
        refs = [str(self.number(p)) for p in picks]
        self.attempt(self.work.decide, refs, verdict, actor, "telnet", reason="so")

    @rule(pick=PICK, verdict=st.sampled_from(["ok", "ok", "no"]), waits=st.sampled_from([1, 10]))
    def read_and_decide(self, pick, verdict, waits):
        if Task.objects.exists():
            number = self.number(pick, "approve" if verdict == "ok" else "veto")
            self.house.clock.advance(1)
            self.house.show(number)
            self.attempt(self.work.decide, [str(number)], verdict, OWNER, "web", reason="read")
            self.house.clock.advance(waits)
            self.work.settle()

    @rule(actor=ACTORS)
    def undo(self, actor):
        self.attempt(self.work.undo, actor, "telnet")

    @rule(pick=PICK, hours=st.sampled_from([0, 1, 400]), actor=ACTORS)
    def later(self, pick, hours, actor):
        self.attempt(self.work.later, str(self.number(pick)), hours, actor, "telnet")

    @rule(pick=PICK, text=WORDS, actor=ACTORS)
    def edit(self, pick, text, actor):
        self.attempt(self.work.edit, self.number(pick), title=f"Count /{text}", actor=actor, via="web")

    @rule(pick=PICK, actor=ACTORS, deed=st.sampled_from(["pause", "resume", "retry", "reopen"]))
    def steer(self, pick, actor, deed):
        self.attempt(getattr(self.work, deed), self.number(pick, deed), actor, "web")

    @rule(pick=PICK, actor=ACTORS, reason=WORDS)
    def backlog(self, pick, actor, reason):
        self.attempt(self.work.backlog, self.number(pick, "backlog"), reason, actor, "web")

    @rule(pick=PICK, actor=ACTORS, slug=SLUGS, priority=st.sampled_from(rules.PRIORITIES))
    def assign(self, pick, actor, slug, priority):
        self.attempt(self.work.assign, self.number(pick), slug, actor, "web")
        self.attempt(self.work.prioritise, self.number(pick), priority, actor, "web")

    @rule(slug=SLUGS)
    def claim_next(self, slug):
        task = self.work.next_for(slug, ("terminal",))
        if task is not None:
            assert self.work.claim(task.id, slug).status == "RUNNING"

    @rule(pick=PICK, slug=SLUGS)
    def claim_any(self, pick, slug):
        number = self.number(pick, "claim")
        self.attempt(self.work.claim, number, slug)
        if pick % 3 == 0:  # and hands it over, as far as that is allowed
            self.attempt(self.work.delegate, number, slug, "ezra", "for a reason")

    @rule(pick=PICK, slug=SLUGS, deed=st.sampled_from(["complete", "fail", "complete", "block"]), text=WORDS)
    def end(self, pick, slug, deed, text):
        number = self.number(pick, deed)
        whose = Task.objects.filter(id=number).values_list("assignee", flat=True).first()
        self.attempt(getattr(self.work, deed), number, whose if pick % 4 != 1 and whose else slug, text)

    @rule(pick=PICK, key=st.integers(0, 2), repeat=st.sampled_from(["pure", "keyed", "once"]), ends=st.booleans())
    def step(self, pick, key, repeat, ends):
        task = Task.objects.filter(id=self.number(pick, "block"), status="RUNNING").first()
        if task is not None:
            name = f"{task.id}/{key}"
            half_done = Step.objects.filter(key=name, state="started", repeat="once").exists()
            try:
                step = self.house.journal.begin("timmy", "P", 0, "do(x)", task=task, key=name, repeat=repeat)
            except StepFailed:
                assert half_done
                return
            assert not half_done
            if step.state == "started" and ends:
                self.house.journal.finish(step, {"n": key})

    @rule()
    def crash_and_start(self):
        self.work.drain()
        assert self.house.journal.interrupted() == []

    @rule(seconds=st.sampled_from([1, 10, 61, 86400, 8 * 86400]))
    def pass_time(self, seconds):
        self.house.clock.advance(seconds)
        self.work.settle()
        assert self.house.governance.due_seals() == self.house.governance.overdue() == []

    @rule(pick=PICK, path=st.sampled_from(["/", "/x"]))
    def authorise(self, pick, path):
        task = Task.objects.filter(id=self.number(pick, "block")).first()
        if task is None:
            return
        approval = self.house.governance.of_task(task.id)
        effect = Effect("read", path)
        declared = {"kind": "read", "target": path} in approval.effects
        allowed = task.status == "RUNNING" and approval.state == "approved" and declared
        try:
            self.work.authorise(task, [effect])
        except TimmyError:
            assert not allowed
        else:
            assert allowed

    @invariant()
    def the_log_alone_rebuilds_the_tables(self):
        if hasattr(self, "house"):
            REACHED.update(
                Task.objects.values_list("status", flat=True), Approval.objects.values_list("state", flat=True)
            )
            assert replay.compare() == []

    @invariant()
    def what_is_resolved_or_finished_stays_so(self):
        if not hasattr(self, "house"):
            return
        for approval in Approval.objects.exclude(state="pending"):
            now = (approval.state, approval.decided_by, approval.decided_at, approval.receipt, approval.digest)
            assert self.resolved.setdefault(approval.id, now) == now
        for task in Task.objects.filter(status="COMPLETED"):
            self.ended[task.id] = "COMPLETED"
        assert {t.id: t.status for t in Task.objects.filter(id__in=self.ended)} == self.ended


@pytest.mark.timeout(1200)
class TestTaskMachine(TestCase):
    """Runs the machine inside Django's test transaction."""

    def test_t2_a4_p3_random_histories(self):
        self.histories(30)

    @pytest.mark.soak
    def test_t2_a4_p3_many_random_histories(self):
        self.histories(400)

    def histories(self, examples):
        run_state_machine_as_test(
            TaskMachine,
            settings=settings(
                max_examples=examples,
                stateful_step_count=40,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
        assert {*rules.STATUSES, "pending", "approved", "rejected", "expired"} == REACHED

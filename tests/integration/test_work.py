"""Tasks on real tables: every transition, the queue, limits, authority, start-up, replay."""

from __future__ import annotations

import pytest

from agents.events.models import Event
from agents.governance.models import Approval
from agents.governance.rules import Actor
from agents.kernel.errors import BadInput, Conflict, IllegalTransition, NotAllowed, NotFound, StepFailed
from agents.work import replay, rules
from agents.work.effect import Effect
from agents.work.models import Step, Task
from tests.support import services
from tests.support.services import GUEST, OWNER, TIMMY

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(tmp_path):
    made = services.make(tmp_path, grace_seconds=60)
    yield made
    assert replay.compare() == []
    assert made.events.verify().ok


def at(house, status):
    """The number of a task brought to `status` by legal means."""
    if status == "PENDING_APPROVAL":
        return house.count()
    if status == "RUNNING":
        return house.running()
    number = house.count()
    match status:
        case "VETOED":
            house.show(number)
            house.work.decide([str(number)], "no", OWNER, "telnet", reason="no")
            house.clock.advance(10)
            house.work.settle()
        case "BACKLOGGED":
            house.work.backlog(number, "some day", OWNER, "telnet")
        case _:
            house.approve(number)
            house.work.assign(number, "timmy", OWNER, "telnet")
    match status:
        case "PAUSED":
            house.work.pause(number, OWNER, "telnet")
        case "FAILED" | "COMPLETED":
            house.work.claim(number, "timmy")
            end = house.work.fail if status == "FAILED" else house.work.complete
            end(number, "timmy", "so it went")
    assert house.work.get(number).status == status
    return number


DEEDS = {
    "pause": lambda h, n: h.work.pause(n, OWNER, "telnet"),
    "resume": lambda h, n: h.work.resume(n, OWNER, "telnet"),
    "retry": lambda h, n: h.work.retry(n, OWNER, "telnet"),
    "backlog": lambda h, n: h.work.backlog(n, "later", OWNER, "telnet"),
    "reopen": lambda h, n: h.work.reopen(n, OWNER, "telnet"),
    "claim": lambda h, n: h.work.claim(n, "timmy"),
    "complete": lambda h, n: h.work.complete(n, "timmy", "done"),
    "fail": lambda h, n: h.work.fail(n, "timmy", "broken"),
    "block": lambda h, n: h.work.block(n, "timmy", "stuck"),
    "review": lambda h, n: h.work.review(n, "look"),
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("status", rules.STATUSES)
def test_t2_each_deed_in_each_status(house, status, deed):
    number = at(house, status)
    before = house.work.get(number)
    events = Event.objects.count()
    step = rules.TRANSITIONS[deed]
    if status in step.sources:
        house.clock.advance(61)  # beyond the time of grace
        after = DEEDS[deed](house, number)
        assert after.status == step.target
        assert after.version == before.version + 1
        event = house.work.history(number)[-1]
        assert (event.topic, event.data["from"], event.data["to"]) == (f"task.{step.past}", status, step.target)
        return
    with pytest.raises((IllegalTransition, Conflict)) as caught:
        DEEDS[deed](house, number)
    if isinstance(caught.value, IllegalTransition):
        assert f"Task {number} is {rules.in_words(status)}" in str(caught.value)
    assert house.work.get(number).version == before.version
    assert Event.objects.count() == events


@pytest.mark.parametrize("status", rules.STATUSES)
def test_t2_veto_stops_what_the_table_allows_once_it_was_read_as_it_stands(house, status):
    number = at(house, status)
    with pytest.raises(Conflict):
        house.work.decide([str(number)], "no", OWNER, "telnet")
    house.clock.advance(1)
    house.show(number)
    if status not in rules.TRANSITIONS["veto"].sources:
        with pytest.raises(IllegalTransition):
            house.work.decide([str(number)], "no", OWNER, "telnet")
        return
    (receipt,) = house.work.decide([str(number)], "no", OWNER, "telnet", reason="stop")
    house.clock.advance(10)
    house.work.settle()
    task = house.work.get(number)
    assert (task.status, task.reason) == ("VETOED", "stop")
    assert any(receipt.id in str(event.data) for event in Event.objects.filter(task=number))


def test_t1_history_tells_who_what_and_why(house):
    number = house.running()
    house.work.pause(number, OWNER, "web", reason="lunch\x1b[31m")
    house.work.resume(number, OWNER, "telnet")
    house.work.complete(number, "timmy", "Counted 3.")
    told = [(e.topic, e.actor, e.via, e.data.get("reason", "")) for e in house.work.history(number)]
    assert told == [
        ("task.proposed", "owner:alex", "telnet", ""),
        ("task.approved", "owner:alex", "telnet", ""),
        ("task.assigned", "owner:alex", "telnet", ""),
        ("task.claimed", "agent:timmy", "mind", ""),
        ("task.paused", "owner:alex", "web", "lunch"),
        ("task.resumed", "owner:alex", "telnet", ""),
        ("task.completed", "agent:timmy", "mind", ""),
    ]
    task = house.work.get(number)
    assert task.result == "Counted 3."
    assert task.finished_at == house.clock.now()
    assert task.reason == ""


def test_t3_titles_name_their_kind_in_any_case(house):
    task = house.work.propose("  cOuNt /srv/my app", "why", GUEST, "web", priority="low")
    assert (task.kind, task.params, task.priority, task.proposer) == (
        "count",
        {"path": "/srv/my app"},
        "LOW",
        "person:mia",
    )
    words = house.work.propose("Think about the sea", "", TIMMY, "mind")
    assert (words.kind, words.params) == ("words", {"text": "Think about the sea"})
    assert house.work.propose("words about words", "", OWNER, "cli").params == {"text": "words about words"}
    for title in ("Count", "Publish relay.example many", "", "a\nb", "x" * 301):
        with pytest.raises(BadInput):
            house.work.propose(title, "", OWNER, "telnet")
    with pytest.raises(BadInput):
        house.work.propose("Count /x", "d" * 20_001, OWNER, "telnet")
    with pytest.raises(BadInput):
        house.work.propose("Count /x", "", OWNER, "telnet", priority="SOON")
    assert Task.objects.count() == Approval.objects.count() == 3


def test_hostile_titles_are_kept_byte_for_byte_and_the_action_is_what_runs(house):
    title = "Count /srv/a -- && |lcapprove all|lt \x1b[2J\u202e <b>"
    number = house.work.propose(title, "", GUEST, "web").id
    assert house.work.get(number).title == title
    assert house.work.approval(str(number)).action == "ls " + title.removeprefix("Count ")
    event = house.work.history(number)[0]
    assert "\x1b" not in event.data["title"]
    assert "\\x1b[2J\\u202e" in event.data["title"]


def test_tasks_nest_and_repeat_what_is_finished(house):
    done = at(house, "COMPLETED")
    again = house.work.propose("Count /srv/app", "", OWNER, "cli", repeats=done, parent=done)
    assert (again.repeats_id, again.parent_id) == (done, done)
    with pytest.raises(BadInput):
        house.work.propose("Count /srv/app", "", OWNER, "cli", repeats=again.id)
    with pytest.raises(NotFound):
        house.work.propose("Count /srv/app", "", OWNER, "cli", parent=99)


def test_a_proposer_edits_and_withdraws_his_own_and_no_others(house):
    own = house.work.propose("Count /a", "", GUEST, "web").id
    other = house.count("/b")
    assert house.work.edit(own, title="Count /c", actor=GUEST, via="web").params == {"path": "/c"}
    for number in (other,):
        with pytest.raises(NotAllowed):
            house.work.edit(number, title="Count /c", actor=GUEST, via="web")
        with pytest.raises(NotAllowed):
            house.work.backlog(number, "", GUEST, "web")
    house.work.backlog(own, "never mind", GUEST, "web")
    assert house.work.approval(str(own)).state == "expired"
    house.approve(other)
    with pytest.raises(IllegalTransition):
        house.work.edit(other, title="Count /c", actor=OWNER, via="web")


def test_what_lies_sealed_is_not_put_aside(house):
    number = house.count()
    house.show(number)
    house.work.decide([str(number)], "ok", OWNER, "telnet")
    with pytest.raises(Conflict, match="sealed"):
        house.work.backlog(number, "later", OWNER, "telnet")
    assert house.work.get(number).status == "PENDING_APPROVAL"


@pytest.mark.parametrize("actor", [GUEST, TIMMY])
def test_visitors_and_agents_do_not_steer(house, actor):
    number = at(house, "APPROVED")
    for deed in (
        lambda: house.work.assign(number, "ezra", actor, "web"),
        lambda: house.work.pause(number, actor, "web"),
        lambda: house.work.prioritise(number, "URGENT", actor, "web"),
        lambda: house.work.backlog(number, "", actor, "web"),
        lambda: house.work.reopen(number, actor, "web"),
        lambda: house.work.retry(number, actor, "web"),
        lambda: house.work.resume(number, actor, "web"),
    ):
        with pytest.raises(NotAllowed):
            deed()


def test_two_who_change_at_once_the_loser_learns_who_was_first(house):
    number = at(house, "APPROVED")
    stale = house.work.get(number)
    house.work.pause(number, Actor("owner", "second"), "web")
    with pytest.raises(Conflict) as caught:
        house.work.change(stale, "claim", TIMMY, "mind", assignee="timmy")
    assert "paused" in str(caught.value)
    assert "by second" in str(caught.value) and "owner:" not in str(caught.value)
    assert "via web" in str(caught.value)


def test_t6_next_is_ones_own_then_the_urgent_then_the_old_and_only_what_fits(house):
    low, high = house.count("/low", priority="LOW"), house.count("/high", priority="HIGH")
    words = house.work.propose("Think", "", OWNER, "cli").id
    for number in (low, high, words):
        house.approve(number)
    tools = ("core", "terminal")
    assert house.work.next_for("timmy", tools) is None
    assert "offered until" in house.work.waiting(house.work.get(high))
    with pytest.raises(NotAllowed, match="offered"):
        house.work.claim(high, "timmy")
    house.clock.advance(60)
    assert house.work.next_for("timmy", tools).id == high
    assert house.work.next_for("timmy", ("core",)) is None, "nobody takes what nobody can do"
    house.work.assign(low, "timmy", OWNER, "telnet")
    assert house.work.next_for("timmy", tools).id == low
    assert house.work.next_for("ezra", tools).id == high
    with pytest.raises(NotAllowed, match="timmy"):
        house.work.claim(low, "ezra")
    house.clock.advance(4 * 86400)
    assert next(t.id for t in house.work.queue()) == low


def test_t6_t9_waiting_tells_its_reason(house):
    pending, words = house.count(), house.work.propose("Think", "", OWNER, "cli").id

    def waits(number, **more):
        return house.work.waiting(house.work.get(number), **more)

    assert "approval" in waits(pending)
    house.show(pending)
    house.work.decide([str(pending)], "ok", OWNER, "telnet")
    assert "sealed as approved by alex" in waits(pending)
    assert "10 s" in waits(pending)
    house.approve(words)
    assert waits(words) == "nobody can do it yet"
    house.clock.advance(60)
    assert "terminal" in waits(pending, roster=[("ezra", ("core",))])
    assert "free" in waits(pending, roster=[("ezra", ("core", "terminal"))])
    house.work.assign(pending, "timmy", OWNER, "telnet")
    assert "timmy is not here" in waits(pending, roster=[("ezra", ("terminal",))])
    other = house.running()
    assert f"timmy is at task {other}" in waits(pending)
    house.work.pause(other, OWNER, "telnet", reason="lunch")
    assert waits(other) == "lunch"
    house.work.backlog(other, "some day", OWNER, "telnet")
    assert "some day" in waits(other)


def test_paused_work_given_to_another_goes_back_to_wait_for_him(house):
    number = house.running()
    with pytest.raises(IllegalTransition) as caught:
        house.work.assign(number, "ezra", OWNER, "telnet")
    assert caught.value.next == f"pause {number}"
    house.work.pause(number, OWNER, "telnet")
    assert house.work.assign(number, "ezra", OWNER, "telnet").status == "APPROVED"
    assert house.work.claim(number, "ezra").status == "RUNNING"
    with pytest.raises(Conflict, match="ezra"):
        house.work.complete(number, "timmy", "mine")


def test_paused_before_anybody_had_it_resumes_into_the_queue(house):
    number = house.count()
    house.approve(number)
    house.work.pause(number, OWNER, "telnet")
    assert house.work.resume(number, OWNER, "telnet").status == "APPROVED"


def test_retry_is_a_new_attempt_under_the_same_approval(house):
    number = at(house, "FAILED")
    task = house.work.retry(number, OWNER, "telnet")
    assert (task.attempt, task.steps_taken, task.finished_at) == (2, 0, None)
    assert house.work.claim(number, "timmy").status == "RUNNING"


def step(house, number, key, repeat="pure", action="do(x)"):
    task = house.work.get(number) if number else None
    return house.journal.begin("timmy", "PLAN", 0, action, task=task, key=key, repeat=repeat)


def over_limits(house, number):
    task = house.work.get(number)
    return house.work.over_limits(task, house.journal.attempt(task).steps)


def test_t8_limits_pause_what_runs_in_circles(house):
    number = house.running()

    def reached():
        return over_limits(house, number)

    assert reached() == ""
    for n in range(3):
        assert reached() == ""
        house.journal.fail(step(house, number, f"k{n}"), "the door is locked")
    assert reached() == "'do' had the same outcome 3 times: the door is locked"
    house.journal.finish(step(house, number, "k9"), {})
    assert reached() == ""
    for _ in range(50):
        house.work.note_progress(house.work.get(number))
    assert "50 steps" in reached()
    house.work.block(number, "timmy", reached())
    assert house.work.get(number).reason == "its budget of 50 steps is used up"
    house.work.resume(number, OWNER, "telnet")
    assert reached() == ""
    house.clock.advance(30 * 60)
    assert "no progress" in reached()
    house.work.note_progress(house.work.get(number))
    assert reached() == ""
    assert house.events.last(1, "task.escalated")[0].data["reason"]


def test_neither_crashes_nor_time_spent_down_count_against_a_task(house):
    number = house.running()
    for _ in range(5):
        step(house, number, "k1")
        house.work.drain()
    assert over_limits(house, number) == ""
    house.journal.fail(step(house, number, "k1"), "the door is locked")
    step(house, number, "k1")
    house.clock.advance(24 * 3600)
    house.work.drain()
    for _ in range(3):
        assert over_limits(house, number) == ""
        house.journal.fail(step(house, number, "k1"), "the door is locked")
    assert "same outcome 3 times" in over_limits(house, number)


def test_t7_a_step_is_done_at_most_once_a_key(house):
    number = house.running()
    first = step(house, number, "k")
    assert first.state == "started"
    house.journal.finish(first, {"count": 3})
    again = step(house, number, "k")
    assert (again.id, again.state, again.result) == (first.id, "done", {"count": 3})
    with pytest.raises(Conflict):
        house.journal.finish(first, {"count": 4})
    with pytest.raises(Conflict):
        house.journal.fail(first, "late")
    assert [s.id for s in house.journal.attempt(house.work.get(number)).finished()] == [first.id]
    assert house.events.after(0, "agent.timmy.step.*", task=number) == [], "what went well is told by who did it"


def test_t7_one_key_is_never_finished_twice(house):
    number = house.running()
    step(house, number, "k")
    twin = Step.objects.get(key="k")
    Step.objects.create(
        id="TWIN",
        agent="timmy",
        plan="P",
        index=0,
        action="do(x)",
        key="k",
        repeat="pure",
        state="started",
        started_at=house.clock.now(),
    )
    house.journal.finish(twin, {})
    with pytest.raises(Conflict, match="already done"):
        house.journal.finish(Step.objects.get(id="TWIN"), {})


def test_a_retried_step_after_failure_is_begun_anew(house):
    number = house.running()
    house.journal.fail(step(house, number, "k"), "no\x1b[31m")
    assert Step.objects.get().error == "no"
    second = step(house, number, "k")
    assert second.state == "started"
    assert Step.objects.count() == 2


def test_t5_start_up_resumes_what_is_safe_and_sets_the_rest_aside_for_review(house):
    safe, unsafe, idle = house.running(), house.running("ezra"), house.running("allegro")
    house.journal.finish(step(house, safe, "s0"), {})
    step(house, safe, "s1", "keyed")
    step(house, unsafe, "u1", "once", "send(letter)")
    step(house, None, "errand", "pure", "look(board)")
    sealed = house.count("/sealed")
    house.show(sealed)
    house.work.decide([str(sealed)], "ok", OWNER, "telnet")
    house.clock.advance(3600)
    lines = house.work.drain()
    assert [house.work.get(n).status for n in (safe, unsafe, idle, sealed)] == [
        "RUNNING",
        "PAUSED",
        "RUNNING",
        "APPROVED",
    ]
    assert "for review" in house.work.get(unsafe).reason
    assert "send(letter)" in house.work.get(unsafe).reason
    assert {s.key: s.state for s in Step.objects.all()} == {
        "s0": "done",
        "s1": "failed",
        "u1": "review",
        "errand": "failed",
    }
    assert house.journal.interrupted() == []
    said = "\n".join(lines)
    assert f"{safe}: timmy goes on after 1 finished steps" in said
    assert f"{unsafe}: paused for review" in said
    assert step(house, safe, "s1", "keyed").state == "started"
    assert house.work.drain()[0].startswith(f"{safe}:")


def test_a_step_that_may_have_happened_is_not_begun_again_by_itself(house):
    number = house.running()
    step(house, number, "u", "once", "send(letter)")
    with pytest.raises(StepFailed, match="may have happened"):
        step(house, number, "u", "once", "send(letter)")
    assert Step.objects.get().state == "review"


def authorised(house, number, *effects):
    house.work.authorise(house.work.get(number), effects)


READ = Effect("read", "/srv/app")


def test_a2_only_approved_effects_of_a_running_task_are_authorised_and_all_is_logged(house):
    number = house.running()
    authorised(house, number)
    assert house.events.after(0, "task.authorised") == []
    authorised(house, number, READ)
    for effect in (Effect("read", "/srv"), Effect("write", "/srv/app"), Effect("network", "x")):
        with pytest.raises(NotAllowed, match="does not declare"):
            authorised(house, number, READ, effect)
    house.work.pause(number, OWNER, "telnet")
    with pytest.raises(NotAllowed, match="it is paused"):
        authorised(house, number, READ)
    assert len(house.events.after(0, "task.authorised")) == 1
    assert len(house.events.after(0, "task.refused")) == 4


@pytest.mark.parametrize("column", ["title", "description", "kind", "params", "effects", "evidence", "digest"])
def test_a4_what_is_not_what_was_approved_is_not_authorised(tmp_path, column):
    house = services.make(tmp_path)
    number = house.running()
    if column in ("title", "description", "kind", "params"):
        Task.objects.filter(id=number).update(**{column: {"path": "/etc"} if column == "params" else "other"})
    else:
        wider = [{"kind": "read", "target": "/srv/app"}, {"kind": "read", "target": "/etc"}]
        value = {"effects": wider, "evidence": {"kind": "count", "params": {"path": "/etc"}}, "digest": "0" * 64}[
            column
        ]
        Approval.objects.filter(task=number).update(**{column: value})
    with pytest.raises(NotAllowed, match="not what was approved"):
        authorised(house, number, READ)
    assert any(column in line for line in replay.compare())


def test_a2_with_golden_timmy_off_nothing_is_refused_for_want_of_approval_but_it_is_logged(house):
    number = house.running()
    house.governance.set_golden(False, OWNER, "telnet")
    authorised(house, number, Effect("network", "x"))
    event = house.events.last(1, "task.authorised")[0]
    assert event.data["golden"] is False
    assert "network x" in event.data["lacking"]
    house.work.pause(number, OWNER, "telnet")
    with pytest.raises(NotAllowed):
        authorised(house, number, READ)


def test_a_task_that_cannot_follow_its_approval_keeps_no_other_waiting(tmp_path, caplog):
    house = services.make(tmp_path)
    bad, good = house.count("/bad"), house.count("/good")
    for number in (bad, good):
        house.show(number)
    house.work.decide([str(bad), str(good)], "ok", OWNER, "telnet")
    Task.objects.filter(id=bad).update(status="COMPLETED")
    house.clock.advance(10)
    assert [t.id for t in house.work.settle()] == [good]
    assert "could not be resolved" in caplog.text
    assert house.work.approval(str(bad)).state == "pending", "the approval moves with its task or not at all"


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (
            lambda n: Task.objects.filter(id=n).update(status="COMPLETED"),
            "status is 'COMPLETED' in the table and 'RUNNING'",
        ),
        (lambda n: Task.objects.filter(id=n).update(assignee="mallory"), "assignee"),
        (lambda n: Task.objects.filter(id=n).update(description="x"), "description"),
        (lambda n: Approval.objects.filter(task=n).update(decided_by="owner:mallory"), "decided_by"),
        (lambda n: Approval.objects.filter(task=n).update(state="pending"), "RUNNING but its approval is pending"),
        (lambda n: Approval.objects.filter(task=n).delete(), "in the log but not in the table"),
        (
            lambda n: Task.objects.create(
                title="x", kind="count", proposer="owner:x", created_at=services.START, updated_at=services.START
            ),
            "in the table but not in the log",
        ),
        (lambda n: Event.objects.filter(task=n, topic="task.approved").delete(), "PENDING_APPROVAL, not APPROVED"),
        (lambda n: Event.objects.filter(task=n, topic="task.proposed").delete(), "never proposed"),
    ],
)
def test_p3_replay_shows_every_kind_of_tampering(tmp_path, tamper, said):
    house = services.make(tmp_path)
    number = house.running()
    house.governance.set_golden(False, OWNER, "web")
    assert replay.compare() == []
    tamper(number)
    assert said in "\n".join(replay.compare())


def test_p3_replay_shows_a_step_that_no_legal_history_has(tmp_path):
    house = services.make(tmp_path)
    number = house.count()
    Task.objects.filter(id=number).update(status="COMPLETED")
    forged = {"from": "PENDING_APPROVAL", "to": "COMPLETED", "set": {"status": "COMPLETED"}}
    house.events.append("task.completed", "agent:timmy", task=number, data=forged)
    said = "\n".join(replay.compare())
    assert "from PENDING_APPROVAL to COMPLETED, which is not legal" in said
    assert f"task {number} is COMPLETED but its approval is pending" in said


def test_the_board_pages_and_filters(house):
    numbers = [house.count(f"/{n}") for n in range(25)]
    house.work.backlog(numbers[0], "x", OWNER, "cli")
    first, last = house.work.board(), house.work.board(page=2)
    assert ([t.id for t in first.items + last.items], first.pages, first.total) == (numbers, 2, 25)
    assert [t.id for t in house.work.board(["BACKLOGGED"]).items] == numbers[:1]
    assert house.work.board(["RUNNING"]).items == []
    for page, size in ((0, 20), (3, 20), (1, 0), (1, 10**6)):
        with pytest.raises(BadInput):
            house.work.board(page=page, size=size)
    with pytest.raises(NotFound):
        house.work.history(99)

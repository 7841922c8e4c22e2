"""Approvals: bound to what was shown, sealed, resolved exactly once; policies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.events.models import Event
from agents.governance.models import Approval
from agents.governance.rules import SYSTEM, Actor
from agents.kernel.errors import BadInput, Conflict, NotAllowed, NotFound
from agents.work import replay
from tests.support import services
from tests.support.services import GUEST, OWNER, TIMMY

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(tmp_path):
    made = services.make(tmp_path)
    yield made
    assert replay.compare() == []
    assert made.events.verify().ok


def state(number):
    approval = Approval.objects.filter(task=number).latest("id")
    return approval.state, approval.verdict


def test_a1_an_approval_holds_the_exact_action_effects_terms_and_end(house):
    task = house.work.propose("Count /srv/.ssh", "what is\nin it", TIMMY, "mind", priority="high")
    approval = house.work.approval(str(task.id))
    assert (approval.action, approval.why, approval.proposer) == ("ls /srv/.ssh", "what is\nin it", "agent:timmy")
    assert approval.effects == [{"kind": "read", "target": "/srv/.ssh"}]
    assert approval.risk["score"] == sum(t["points"] for t in approval.risk["terms"])
    assert approval.risk["level"] == "high"
    assert approval.expires_at - approval.created_at == timedelta(days=7)
    assert approval.evidence["params"] == {"path": "/srv/.ssh"}


def test_a4_nothing_is_decided_that_was_not_shown_to_the_decider(house):
    number = house.count()
    for verdict in ("ok", "no"):
        with pytest.raises(Conflict) as caught:
            house.work.decide([str(number)], verdict, OWNER, "telnet")
        assert caught.value.next == f"read {number}"
    house.show(number, Actor("owner", "somebody-else"))
    with pytest.raises(Conflict):
        house.work.decide([str(number)], "ok", OWNER, "telnet")
    assert state(number) == ("pending", "")


def test_a4_what_changed_after_it_was_shown_must_be_read_again(house):
    number = house.count()
    house.show(number)
    house.work.edit(number, title="Count /etc", actor=OWNER, via="telnet")
    with pytest.raises(Conflict, match="changed since you saw it"):
        house.work.decide([str(number)], "ok", OWNER, "telnet")
    house.show(number)
    (receipt,) = house.work.decide([str(number)], "ok", OWNER, "telnet")
    assert receipt.ok
    assert receipt.verdict == "approved"
    assert len(receipt.id) == 26
    with pytest.raises(Conflict):
        house.work.edit(number, title="Count /root", actor=OWNER, via="telnet")


def test_a_screen_that_shows_an_old_version_does_not_count(house):
    number = house.count()
    stale = house.work.approval(str(number))
    house.work.edit(number, description="more", actor=OWNER, via="web")
    house.governance.show(stale, OWNER)
    with pytest.raises(Conflict):
        house.work.decide([str(number)], "ok", OWNER, "telnet")


def test_a_row_altered_from_outside_is_not_decided_upon(house):
    number = house.count()
    house.show(number)
    Approval.objects.filter(task=number).update(action="rm -rf /")
    with pytest.raises(Conflict, match="altered"):
        house.work.decide([str(number)], "ok", OWNER, "telnet")
    assert any("action" in line for line in replay.compare())
    Approval.objects.filter(task=number).update(action="ls /srv/app")


def test_a_seal_can_be_lifted_until_it_breaks(house):
    number = house.count()
    house.show(number)
    house.work.decide([str(number)], "ok", OWNER, "telnet", reason="go")
    assert state(number) == ("pending", "approved")
    assert house.work.get(number).status == "PENDING_APPROVAL"
    house.clock.advance(9.9)
    assert house.work.settle() == []
    (lifted,) = house.work.undo(OWNER, "telnet")
    assert (lifted.ref, lifted.verdict) == (str(number), "lifted")
    assert Event.objects.get(topic="approval.lifted").data["receipt"] == lifted.id
    assert state(number) == ("pending", "")
    house.clock.advance(60)
    assert house.work.settle() == []
    house.work.decide([str(number)], "no", OWNER, "web", reason="use the other")
    house.clock.advance(10)
    with pytest.raises(Conflict):
        house.work.undo(OWNER, "web")
    (moved,) = house.work.settle()
    assert (moved.id, moved.status, moved.reason) == (number, "VETOED", "use the other")
    assert house.work.settle() == []


def test_undo_lifts_only_ones_own_seals(house):
    other = Actor("owner", "second")
    mine, theirs = house.count(), house.count("/b")
    house.show(mine)
    house.show(theirs, other)
    house.work.decide([str(mine)], "ok", OWNER, "telnet")
    house.work.decide([str(theirs)], "ok", other, "telnet")
    assert [r.ref for r in house.work.undo(OWNER, "telnet")] == [str(mine)]
    assert state(theirs) == ("pending", "approved")


def test_the_second_decider_is_told_who_when_and_how(house):
    number = house.count()
    second = Actor("owner", "second")
    house.show(number)
    house.show(number, second)
    house.work.decide([str(number)], "ok", OWNER, "telnet")
    for _ in range(2):
        for verdict in ("ok", "no"):
            with pytest.raises(Conflict) as caught:
                house.work.decide([str(number)], verdict, second, "web")
            assert "by alex" in str(caught.value) and "owner:" not in str(caught.value)
            assert "2026-03-01 07:30:00 UTC" in str(caught.value)
            assert "telnet" in str(caught.value)
        house.clock.advance(10)
        house.work.settle()
    assert house.work.get(number).status == "APPROVED"


def test_without_seals_a_verdict_takes_effect_at_once(tmp_path):
    house = services.make(tmp_path, seal_seconds=0)
    number = house.count()
    house.show(number)
    house.work.decide([str(number)], "ok", OWNER, "cli")
    assert house.work.get(number).status == "APPROVED"
    assert replay.compare() == []


def test_what_cannot_be_undone_wants_its_word_and_no_company(house):
    risky = house.work.propose("Publish relay.example 900", "", TIMMY, "mind").id
    plain = house.count()
    house.show(risky)
    house.show(plain)
    for confirm in ("", "90", "yes"):
        with pytest.raises(BadInput) as caught:
            house.work.decide([str(risky)], "ok", OWNER, "telnet", confirm=confirm)
        assert caught.value.next == f"ok {risky} = 900"
    first, second = house.work.decide([str(risky), str(plain)], "ok", OWNER, "telnet", confirm="900")
    assert isinstance(first.error, BadInput)
    assert second.ok
    assert state(risky) == ("pending", "")
    assert state(plain) == ("pending", "approved")
    house.work.decide([str(risky)], "ok", OWNER, "telnet", confirm="900")
    assert state(risky) == ("pending", "approved")


def test_what_cannot_be_undone_is_vetoed_as_easily_as_all_else(house):
    risky = house.work.propose("Publish relay.example 900", "", TIMMY, "mind").id
    plain = house.count()
    house.show(risky)
    house.show(plain)
    assert all(r.ok for r in house.work.decide([str(risky), str(plain)], "no", OWNER, "telnet", reason="not now"))


def test_a_batch_gives_each_its_own_receipt_or_error(house):
    a, b = house.count("/a"), house.count("/b")
    house.show(a)
    receipts = house.work.decide([str(a), str(b), "99", "x", str(a)], "ok", OWNER, "telnet")
    assert [r.ref for r in receipts] == [str(a), str(b), "99", "x"]
    assert [type(r.error) for r in receipts] == [type(None), Conflict, NotFound, BadInput]
    with pytest.raises(BadInput):
        house.work.decide([], "ok", OWNER, "telnet")


@pytest.mark.parametrize("actor", [GUEST, TIMMY, SYSTEM])
def test_nobody_but_the_owner_decides(house, actor):
    number = house.count()
    house.governance.show(house.work.approval(str(number)), actor)
    with pytest.raises(NotAllowed):
        house.work.decide([str(number)], "ok", actor, "telnet")
    with pytest.raises(NotAllowed):
        house.work.undo(actor, "telnet")
    with pytest.raises(NotAllowed):
        house.work.later(str(number), 4, actor, "telnet")
    with pytest.raises(NotAllowed):
        house.governance.set_golden(True, actor, "telnet")


def test_approvals_of_no_task_have_numbers_of_their_own(house):
    approval = house.governance.open(title="Wider rights", action="grant web to timmy", proposer=TIMMY, via="mind")
    ref = f"a{approval.id}"
    assert house.work.approval(ref).id == approval.id
    house.show(ref)
    (receipt,) = house.work.decide([ref.upper()], "ok", OWNER, "telnet")
    assert receipt.ref == ref
    house.clock.advance(10)
    assert house.work.settle() == []
    assert house.governance.get(approval.id).state == "approved"
    number = house.count()
    own = house.work.approval(str(number)).id
    with pytest.raises(BadInput) as caught:
        house.work.approval(f"a{own}")
    assert caught.value.next == f"read {number}"
    with pytest.raises(BadInput):
        house.governance.open(title="t", action="x", proposer=TIMMY, via="mind", undo="no")


def test_a10_later_hides_but_does_not_forget(house):
    number = house.count()
    house.work.later(str(number), 4, OWNER, "telnet")
    assert house.governance.pending() == []
    assert [a.task for a in house.governance.pending(include_snoozed=True)] == [number]
    house.clock.advance(4 * 3600)
    assert [a.task for a in house.governance.pending()] == [number]
    for hours in (0, -1, float("nan"), 1e9):
        with pytest.raises(BadInput):
            house.work.later(str(number), hours, OWNER, "telnet")


def test_a1_undecided_items_expire_into_the_backlog_and_come_back(house):
    number, sealed = house.count("/a"), house.count("/b")
    house.clock.advance(7 * 86400 - 5)
    house.show(sealed)
    house.work.decide([str(sealed)], "ok", OWNER, "telnet")
    house.clock.advance(5)
    assert house.governance.expire(house.work.approval(str(sealed)).id) is None
    (moved,) = house.work.settle()
    assert (moved.id, moved.status) == (number, "BACKLOGGED")
    assert "7 days" in moved.reason
    assert state(number) == ("expired", "")
    house.show(number)
    with pytest.raises(Conflict):
        house.work.decide([str(number)], "ok", OWNER, "telnet")
    house.clock.advance(5)
    assert [t.status for t in house.work.settle()] == ["APPROVED"]
    house.work.reopen(number, OWNER, "telnet")
    assert state(number) == ("pending", "")
    house.approve(number)
    assert house.work.get(number).status == "APPROVED"


def test_a2_golden_timmy_is_on_and_only_the_owner_in_the_game_turns_it_off(house):
    assert house.governance.golden()
    for via in ("cli", "mind", "rule", "chat"):
        with pytest.raises(NotAllowed):
            house.governance.set_golden(False, OWNER, via)
    assert house.governance.golden()
    house.governance.set_golden(False, OWNER, "telnet")
    assert not house.governance.golden()
    house.governance.set_golden(True, OWNER, "cli")
    assert house.governance.golden()
    assert [(e.data["from"], e.data["to"]) for e in house.events.after(0, "policy.*")] == [("on", "off"), ("off", "on")]


def test_a5_the_record_says_who_decided_when_by_which_path(house):
    number = house.count()
    house.approve(number, via="web")
    sealed, approved = Event.objects.get(topic="approval.sealed"), Event.objects.get(topic="task.approved")
    for event in (sealed, approved):
        assert (event.actor, event.via, event.task) == ("owner:alex", "web", number)
    assert approved.data["receipt"] == house.work.approval(str(number)).receipt

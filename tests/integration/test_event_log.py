"""The event log on real tables: one chain, tamper-evident, with the transaction it tells of."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from agents.events import declared
from agents.events.models import Event
from agents.events.reading import one_view
from tests.support import services

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(tmp_path):
    return services.make(tmp_path)


@pytest.mark.django_db(transaction=True)
def test_a_long_reading_is_of_one_instant_and_leaves_the_connection_as_it_was(house):
    from django.db import connection

    fill(house)
    with one_view():
        assert house.events.verify().checked == 6
        assert connection.connection.in_transaction
    assert not connection.connection.in_transaction
    fill(house)
    with transaction.atomic(), one_view():
        assert house.events.verify().checked == 12


def fill(house, count=6):
    for n in range(count):
        topic = "task.edited" if n % 3 == 0 else "agent.timmy.say"
        house.events.append(topic, "agent:timmy", agent="timmy", task=n % 2, data={"n": n})
        house.clock.advance(60)


def test_the_chain_holds_and_every_kind_of_tampering_shows(house):
    fill(house)
    assert house.events.verify().ok
    head = Event.objects.last()
    assert house.events.verify().head == head.digest
    for column, value in [
        ("data", {"n": 99}),
        ("actor", "owner:alex"),
        ("topic", "task.other"),
        ("task", 5),
        ("at", head.at - timedelta(hours=1)),
        ("previous", "0" * 64),
        ("digest", "f" * 64),
    ]:
        with transaction.atomic():
            Event.objects.filter(seq=3).update(**{column: value})
            report = house.events.verify()
            assert (report.ok, report.broken_at) == (False, 3), column
            transaction.set_rollback(True)
    with transaction.atomic():
        Event.objects.filter(seq=3).delete()
        report = house.events.verify()
        assert not report.ok
        assert report.broken_at == 4
        assert "removed" in report.why
        transaction.set_rollback(True)
    with transaction.atomic():
        Event.objects.filter(seq=1).delete()
        assert house.events.verify().broken_at == 2
        transaction.set_rollback(True)
    assert house.events.verify().checked == 6


def test_an_event_goes_with_the_change_it_tells_of_and_is_published_after(house, django_capture_on_commit_callbacks):
    told = []
    house.bus.subscribe("task.*", lambda e: told.append(e.topic))
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        house.events.append("task.edited", "owner:alex")
        transaction.set_rollback(True)
    assert Event.objects.count() == 0
    assert told == []
    with django_capture_on_commit_callbacks(execute=True):
        house.events.append("task.edited", "owner:alex")
        assert told == []
    assert told == ["task.edited"]


def test_reading_by_topic_agent_task_and_place(house):
    fill(house)
    assert [e.seq for e in house.events.after(2)] == [3, 4, 5, 6]
    assert [e.seq for e in house.events.after(0, "agent.*.say")] == [2, 3, 5, 6]
    assert [e.seq for e in house.events.after(0, "task.edited", task=1)] == [4]
    assert [e.seq for e in house.events.last(2, "task.*")] == [1, 4]
    assert [e.seq for e in house.events.after(0, agent="timmy", limit=2)] == [1, 2]
    assert house.events.after(0, agent="ezra") == []


def test_hostile_text_is_stored_escaped_and_exported_line_by_line(house):
    house.events.append(
        "agent.timmy.say", "agent:timmy", data={"text": "a\x1b]0;x\x07\nb\u202e", "password": "hunter22"}
    )
    stream = io.StringIO()
    assert house.events.export(stream) == 1
    lines = stream.getvalue().splitlines()
    assert len(lines) == 1
    row = json.loads(lines[0])
    assert row["data"] == {"text": "a\\x1b]0;x\\x07\\nb\\u202e", "password": "[redacted]"}
    assert "hunter22" not in stream.getvalue()
    assert "\x1b" not in stream.getvalue()
    assert row["digest"] == Event.objects.get().digest
    assert house.events.export(io.StringIO(), after=1) == 0


def test_p1_pruning_keeps_decisions_and_the_chain_still_verifies(house):
    fill(house, 9)
    cut = Event.objects.get(seq=7).at
    assert house.events.prune(cut) == 4
    assert [e.seq for e in house.events.after(0, "task.*")] == [1, 4, 7]
    assert [e.seq for e in house.events.after(0, "agent.**")] == [8, 9]
    assert house.events.verify().ok
    fill(house, 3)
    assert house.events.prune(house.clock.now()) > 0
    report = house.events.verify()
    assert report.ok
    assert report.checked == Event.objects.count()
    assert house.events.prune(house.clock.now() - timedelta(days=900)) == 0


@pytest.mark.parametrize("what", ["delete", "change", "after"])
def test_what_a_checkpoint_sealed_cannot_be_removed_or_changed_unseen(house, what):
    fill(house, 9)
    house.events.prune(Event.objects.get(seq=7).at)
    match what:
        case "delete":
            Event.objects.filter(seq=4).delete()
        case "change":
            Event.objects.filter(seq=4).update(actor="owner:mallory")
        case "after":
            Event.objects.filter(seq=7).delete()
    assert not house.events.verify().ok


def test_an_event_of_a_topic_that_nobody_declared_is_refused(house):
    with pytest.raises(ValueError, match=r"task\.noted is declared nowhere"):
        house.events.append("task.noted", "owner:alex")
    assert Event.objects.count() == 0


def test_what_is_declared_to_be_kept_is_not_pruned(house, monkeypatch):
    said = declared.found()["agent.<slug>.say"]
    monkeypatch.setitem(declared.found(), said.name, replace(said, kept=True))
    house.events.append("agent.timmy.say", "agent:timmy", agent="timmy")
    house.events.append("agent.timmy.did", "agent:timmy", agent="timmy")
    house.clock.advance(60)
    assert house.events.prune(house.clock.now()) == 1
    assert [e.topic for e in house.events.after(0)] == ["agent.timmy.say", "log.checkpoint"]
    assert house.events.verify().ok

"""The unit of work: one transaction, few statements, and nothing told that was undone."""

from __future__ import annotations

import contextlib

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from agents.events.models import Event
from agents.events.unit import Unit
from agents.mind.models import PlanRecord
from agents.work.models import Step
from tests.support.light_house import house, persona, run
from tests.support.light_world import LightWorld
from tests.support.services import Services, make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def parts(tmp_path) -> Services:
    return make(tmp_path)


def heard(parts: Services) -> list[str]:
    told: list[str] = []
    parts.bus.subscribe("**", lambda event: told.append(event.topic))
    return told


def test_what_is_done_in_a_unit_is_one_statement_a_table_and_told_after_it(parts):
    told = heard(parts)
    with CaptureQueriesContext(connection) as asked, parts.events.unit():
        for n in range(20):
            step = parts.journal.begin("timmy", "P", n, "move(a, b)", repeat="pure")
            parts.events.append("agent.timmy.move", "agent:timmy", agent="timmy", step=step.id)
            parts.journal.finish(step, {"n": n})
        assert told == []
    statements = [q["sql"] for q in asked.captured_queries]
    assert [s[:16] for s in statements if "INSERT" in s] == ["20 times: INSERT"] * 2, "begun and ended: written once"
    assert not any("UPDATE" in s for s in statements)
    assert told == ["agent.timmy.move"] * 20
    assert parts.events.verify().ok
    assert [s.result["n"] for s in Step.objects.filter(state="done").order_by("index")] == list(range(20))


def test_a_unit_that_fails_leaves_nothing_and_tells_nothing(parts):
    told = heard(parts)

    def stop() -> None:
        with parts.events.unit():
            parts.events.append("agent.timmy.move", "agent:timmy")
            parts.events.unit.flush()
            parts.events.append("agent.timmy.say", "agent:timmy")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        stop()
    assert (told, Event.objects.count()) == ([], 0)
    parts.events.append("agent.timmy.did", "agent:timmy")
    assert (told, parts.events.verify().checked) == (["agent.timmy.did"], 1)


def test_a_part_is_undone_alone_and_the_chain_goes_on(parts):
    told = heard(parts)
    with parts.events.unit():
        parts.events.append("agent.a.say", "agent:a")
        with contextlib.suppress(RuntimeError), parts.events.unit.part():
            parts.events.append("agent.a.drop", "agent:a")
            raise RuntimeError
        with parts.events.unit.part():
            parts.events.append("agent.a.emote", "agent:a")
        parts.events.append("agent.a.take", "agent:a")
    assert told == ["agent.a.say", "agent.a.emote", "agent.a.take"]
    assert [e.seq for e in Event.objects.order_by("seq")] == [1, 2, 3]
    assert parts.events.verify().ok


def test_rows_that_wait_are_not_lost_with_a_part_opened_by_other_means(parts):
    with parts.events.unit():
        parts.events.append("agent.a.say", "agent:a")
        with transaction.atomic(), pytest.raises(RuntimeError, match="other means"):
            parts.events.append("agent.a.emote", "agent:a")


def test_a_row_is_changed_where_it_stands(parts):
    step = parts.journal.begin("timmy", "P", 0, "move(a, b)", repeat="pure")
    with parts.events.unit():
        parts.journal.finish(step, {"odd": None, "text": "ü\x00"})
        assert Step.objects.get().state == "started"
        assert parts.journal.interrupted() == [], "who reads, reads what was written"
    assert (Step.objects.get().state, Step.objects.get().result) == ("done", {"odd": None, "text": "ü\x00"})


def test_readers_see_what_waits(parts):
    with parts.events.unit():
        parts.events.append("agent.a.say", "agent:a")
        assert [e.topic for e in parts.events.last(5)] == ["agent.a.say"]
        parts.events.append("agent.a.emote", "agent:a")
        assert [e.topic for e in parts.events.after(0)] == ["agent.a.say", "agent.a.emote"]
    assert parts.events.verify().ok


def test_minds_whose_slot_could_not_be_written_go_on_from_the_tables(tmp_path, monkeypatch):
    world = LightWorld.founding()
    built = house(tmp_path, world, [persona("timmy", "visited(sanctum) 1h 1")])
    assert run(built, lambda: built.mind("timmy").pursuit, seconds=60)
    before = Event.objects.count()
    write = Unit.flush
    monkeypatch.setattr(Unit, "flush", lambda self: (_ for _ in ()).throw(DatabaseError("disk I/O error")))
    built.runtime.clock.advance(10)
    with pytest.raises(DatabaseError):
        built.slot(25.0)
    monkeypatch.setattr(Unit, "flush", write)
    assert Event.objects.count() == before
    assert built.mind("timmy").pursuit is None
    built.runtime.clock.advance(10)
    assert run(built, lambda: PlanRecord.objects.filter(goal="visited(sanctum)", state="done", cost__gt=0).exists())
    assert PlanRecord.objects.filter(state="dropped", reason__contains="could not be written").count() == 1
    assert Step.objects.filter(state="started").count() == 0
    assert built.events.verify().ok

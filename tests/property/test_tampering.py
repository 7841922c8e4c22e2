"""Whatever is changed, put in or taken out behind the record's back is found by the audit."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.events import anchoring, chain, rows
from agents.events.anchoring import Anchoring
from agents.events.models import Event
from agents.notes.service import Notes
from agents.thinking.messages import MessageLog
from agents.thinking.seeds import Seed
from agents.thinking.stream import Stream
from agents.work import artifacts, audit
from agents.work.models import Task
from agents.work.ports import inline
from tests.support import services
from tests.support.services import OWNER, Services

pytestmark = pytest.mark.django_db


def anchor(world: Services) -> Anchoring:
    """What a start does, and the first anchor."""
    made = Anchoring(world.runtime, world.events, world.bus, inline)
    made.begin()
    world.events.cover()
    made.beat()
    return made


def live(world: Services) -> None:
    """A row of each table that is covered, in each state that it can have."""
    unit = world.events.unit
    number = world.running()
    task = Task.objects.get(id=number)
    for name in ("look", "count"):
        step = world.journal.begin("timmy", "P", 1, name, task=task, key=f"task:{number}:{name}", repeat="keyed")
        world.journal.finish(step, {"lines": 3, "names": ["a", "b"]})
    world.journal.fail(world.journal.begin("timmy", "P", 2, "walk", repeat="pure"), "the door is shut")
    world.journal.begin("timmy", "P", 3, "wait", repeat="once")
    stream, log = Stream(world.runtime, world.events), MessageLog(world.runtime, unit)
    for n in range(3):
        with unit():
            thought = stream.begin("timmy", Seed("freeform", f"s{n}", {"new": 1.5}))
            stream.end(thought, f"thought {n}", "reflex", [["I think.", ["task:1"]]], "", "hall", 100)
    stream.inject("timmy", "the sea", OWNER, "telnet")
    stream.ask(stream.begin("timmy", Seed("freeform", "asked", {})))
    with unit():
        asked = log.said(OWNER, "what do you do?", channel="ask", via="telnet", to="timmy")
        answer, under_way = log.answering(asked), log.answering(asked)
    log.grows(answer, "I count.")
    log.ends(answer, "whole", "reflex")
    log.grows(under_way, "I am about")
    notes = Notes(world)  # type: ignore[arg-type]  # of a house's core it takes what a world of services has
    notes.remove(notes.leave(OWNER, "hall", f"Task {number} is dull.", "telnet").pk, OWNER, "telnet")
    notes.leave(OWNER, "hall", f"Task {number} is done.", "telnet")
    coroutine = artifacts.commit_artifact(world.runtime, inline, task, "timmy", "report", "# Lines\n", unit=unit)
    with pytest.raises(StopIteration):
        coroutine.send(None)


@pytest.fixture
def world(tmp_path: Path) -> Services:
    made = services.make(tmp_path, messages_kept=100)
    made.events.unit.on_commit = lambda function: function()  # a test's own transaction is never committed
    live(made)
    anchor(made)
    assert look(made).ok, look(made).findings
    return made


def look(world: Services) -> audit.Audit:
    return audit.examine(world.events, world.runtime.settings, None)


def other(field: models.Field[Any, Any], value: Any, chance: random.Random) -> Any:
    """Another value than this, of the column's type."""
    match field.get_internal_type():
        case "DateTimeField":
            return (value or datetime.fromisoformat("2026-01-01T00:00:00+00:00")) + timedelta(
                microseconds=chance.randint(1, 10**12)
            )
        case "JSONField":
            return {"forged": chance.randint(0, 9)} if isinstance(value, dict) else [*(value or []), ["forged", []]]
        case "CharField" | "TextField":
            return (
                f"{value[: (field.max_length or 999) - 1]}x"[-(field.max_length or 999) :]
                if chance.random() < 0.7 or not value
                else ""
            )
        case "ForeignKey":
            return value + 1 if value is None else None
        case _:
            return (value or 0) + chance.randint(1, 9)


COLUMNS = [
    (table, field.attname)
    for table in rows.tables().values()
    for field in table._meta.concrete_fields
    if not field.primary_key and field.name not in table.covered.but
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_a_row_that_is_changed_removed_or_put_in_is_found(world: Services, seed: int) -> None:
    chance = random.Random(seed)
    table, column = chance.choice(COLUMNS)
    with contextlib.suppress(IntegrityError), transaction.atomic():  # the database itself refuses some
        row = chance.choice(list(table._default_manager.all()))
        match chance.choice(("change", "change", "remove", "copy")):
            case "change":
                field = table._meta.get_field(column)
                if row.__dict__.get("state") == row.covered.open and column in row.covered.growing:  # type: ignore[attr-defined]
                    column, field = "channel", table._meta.get_field("channel")
                value = getattr(row, column)
                changed = other(field, value, chance) if not isinstance(field, models.ForeignKey) else None
                if changed == value:
                    transaction.set_rollback(True)
                    return
                table._default_manager.filter(pk=row.pk).update(**{column: changed})
            case "remove":
                table._default_manager.filter(pk=row.pk).delete()
            case "copy":
                row.pk = f"{row.pk[:-2]}ZZ" if isinstance(row.pk, str) else row.pk + 1000
                for name in {"key", "name", "viewer"} & row.__dict__.keys():
                    setattr(row, name, f"{getattr(row, name)}-2")
                row._state.adding = True
                row.save(force_insert=True)
        found = look(world)
        assert not found.ok, (table, column, row.pk)
        assert found.chain.ok
        transaction.set_rollback(True)
    assert look(world).ok


def rechain() -> None:
    """What a forger does who knows how digests are made: the whole chain anew."""
    previous = chain.GENESIS
    for event in Event.objects.order_by("seq"):
        event.previous = previous
        event.digest = f"{chain.digest(event.__dict__)}"
        Event.objects.filter(pk=event.pk).update(previous=previous, digest=event.digest)
        previous = event.digest


def tail(count: int) -> None:
    for event in Event.objects.order_by("-seq")[:count]:
        event.delete()


def rewrite() -> None:
    Event.objects.filter(topic="approval.sealed").update(actor="owner:mallory")
    rechain()


def empty() -> None:
    Event.objects.all().delete()


def hidden(world: Services) -> None:
    """Rows in the midst are removed, and a checkpoint with right digests says that it was pruning."""
    Event.objects.filter(topic__startswith="agent.").delete()
    last = Event.objects.order_by("seq").last()
    assert last
    kept = list(Event.objects.order_by("seq").values_list("digest", flat=True))
    data = {"upto": last.seq, "head": last.digest, "kept": len(kept), "seal": chain.fingerprint(kept)}
    row = {
        "seq": last.seq + 1,
        "at": last.at,
        "topic": "log.checkpoint",
        "actor": "system:world",
        "via": "system",
        "agent": "",
        "task": None,
        "approval": None,
        "step": "",
        "data": data,
        "rows": None,
        "previous": last.digest,
    }
    Event.objects.create(**row, digest=chain.digest(row))


def cut_before_a_checkpoint(world: Services) -> None:
    """The same, said to have happened before what was anchored."""
    Event.objects.filter(topic__startswith="agent.").delete()
    Event.objects.filter(seq=1).delete()
    rechain()


ON_THE_LOG: dict[str, Callable[[Services], None]] = {
    "last row": lambda _: tail(1),
    "ten rows": lambda _: tail(10),
    "rewritten": lambda _: rewrite(),
    "emptied": lambda _: empty(),
    "behind a checkpoint": hidden,
    "a gap, chained anew": cut_before_a_checkpoint,
}


@pytest.mark.parametrize("how", ON_THE_LOG)
def test_a_log_that_was_shortened_or_rewritten_is_not_the_one_that_was_anchored(world: Services, how: str) -> None:
    with transaction.atomic():
        ON_THE_LOG[how](world)
        assert any(one.sort == audit.ANCHOR for one in look(world).findings)
        again = Anchoring(world.runtime, world.events, world.bus, inline)
        again.begin()
        assert again.wrong and again.troubles, "it is told at the start"
        before = Event.objects.count()
        again.beat()
        again.stop()
        assert Event.objects.count() == before, "nothing is anchored over it"
        transaction.set_rollback(True)


def test_what_goes_on_is_covered_and_anchored_again(world: Services) -> None:
    live(world)
    assert look(world).ok
    again = anchor(world)
    assert not again.troubles
    found = look(world)
    assert (found.ok, found.anchors) == (True, 2)
    world.governance.set_golden(False, OWNER, "telnet")
    assert [again.beat(), look(world).anchors] == [None, 2], "decisions that come close together are anchored at once"
    world.governance.set_golden(True, OWNER, "telnet")
    world.clock.advance(anchoring.TOGETHER_SECONDS)
    again.beat()
    assert look(world).anchors == 3
    world.clock.advance(anchoring.DAILY_SECONDS - 60)
    again.beat()
    assert look(world).anchors == 3
    world.clock.advance(61)
    again.beat()
    assert look(world).anchors == 4
    again.stop()
    found = look(world)
    assert (found.ok, found.anchors) == (True, 5)


def test_pruning_and_forgetting_leave_nothing_in_doubt(world: Services) -> None:
    watch = anchor(world)
    live(world)
    world.clock.advance(86_400)
    assert world.events.prune(world.clock.now() - timedelta(hours=1)) > 0
    watch.beat()
    assert look(world).ok, look(world).findings
    stream, log = Stream(world.runtime, world.events), MessageLog(world.runtime, world.events.unit)
    for n in range(4):
        world.clock.advance(1)
        with world.events.unit():
            stream.end(stream.begin("timmy", Seed("freeform", f"n{n}", {})), "more", "reflex", [], "", "hall", 3)
    assert rows.tables()["thought"]._default_manager.filter(state="thought").count() == 3
    assert look(world).ok, look(world).findings
    for n in range(112):
        log.said(OWNER, f"hm {n}", channel="room", via="telnet", room="hall")
    assert rows.tables()["message"]._default_manager.filter(text__startswith="hm").count() < 112
    assert look(world).ok, look(world).findings


def test_what_the_owner_accepts_is_the_record_from_then_on(world: Services) -> None:
    tail(3)
    step = rows.tables()["step"]._default_manager.first()
    assert step
    type(step)._default_manager.filter(pk=step.pk).update(error="accepted")
    watch = Anchoring(world.runtime, world.events, world.bus, inline)
    watch.begin()
    found = look(world)
    assert found.acceptable and watch.wrong
    audit.accept(world.events, found, watch, None, str(OWNER), "cli")
    assert look(world).ok, look(world).findings
    assert not watch.troubles
    accepted = world.events.last(1, "log.accepted")[0]
    assert (accepted.actor, accepted.via, accepted.data["code"]) == (str(OWNER), "cli", found.code)
    assert not anchor(world).troubles
    tail(1)
    assert not look(world).ok


@pytest.mark.parametrize("what", ["gone", "put back", "rewritten", "one more", "damaged"])
def test_anchors_that_are_altered_alone_are_found(world: Services, tmp_path: Path, what: str) -> None:
    import shutil
    import subprocess

    folder, kept = tmp_path / "anchors", tmp_path / "kept"
    shutil.copytree(folder, kept)
    for _ in range(2):
        anchor(world)
    assert look(world).ok

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", f"--git-dir={folder}", *words], check=True, capture_output=True, text=True, input=""
        ).stdout.strip()

    match what:
        case "gone":
            shutil.rmtree(folder)
        case "put back":
            shutil.rmtree(folder)
            shutil.copytree(kept, folder)
        case "rewritten":
            tree = git("rev-parse", "main^{tree}")
            name = ("-c", "user.name=m", "-c", "user.email=m@m.invalid")
            git(
                "update-ref",
                "refs/heads/main",
                git(*name, "commit-tree", tree, "-p", git("rev-parse", "main~2"), "-m", "x"),
            )
        case "one more":
            from agents.events.anchors import Anchor, Store

            head = Event.objects.order_by("seq").last()
            assert head
            Store(folder).write(
                Anchor(4, head.seq, head.digest, "2026-03-01T00:00:00+00:00", Event.objects.count(), True)
            )
        case "damaged":
            victim = next(path for path in (folder / "objects").glob("??/*"))
            victim.chmod(0o600)
            victim.write_bytes(b"no object")
    assert any(one.sort == audit.ANCHOR for one in look(world).findings), what

"""The roster while the house runs: who is added lives at once, who is removed leaves nothing under way."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.governance.rules import Actor
from agents.kernel.errors import Conflict, NotFound
from agents.lineage.persona import Persona, load_all
from agents.mind.models import PlanRecord
from agents.thinking.conversation import Conversation
from agents.work.models import Task
from tests.support.furnished import Furnished as House
from tests.support.light_house import give, house, persona, run
from tests.support.light_world import LightWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> LightWorld:
    return LightWorld.founding()


@pytest.fixture
def built(tmp_path: Path, world: LightWorld) -> House:
    built = house(tmp_path, world, [persona("timmy", "seen(board) 10m 3")])
    run(built, seconds=30)
    return built


def child(tmp_path: Path, slug: str = "ezra") -> Persona:
    folder = tmp_path / "born"
    folder.mkdir(exist_ok=True)
    (folder / f"{slug}.yaml").write_text(persona(slug, "seen(board) 10m 3", home="library"))
    return load_all(folder)[0][slug]


def test_who_is_added_lives_at_once(tmp_path, world, built):
    heard = []
    built.bus.subscribe("roster.*", lambda event: heard.append((event.topic, event.agent, event.agent in built.roster)))
    built.thoughts.drive()
    built.roster.add(child(tmp_path))
    assert heard == [("roster.added", "ezra", True)]
    assert list(built.roster) == ["timmy", "ezra"] and built.roster.first == "timmy"
    assert run(built, lambda: built.mind("ezra").awake, seconds=5)
    assert [one.slug for one in built.records.presences()] == ["timmy", "ezra"]
    assert "ezra" in built.thoughts.snapshot().due, "it will think"
    task = give(built, "Chore dust", "ezra")
    assert run(built, lambda: Task.objects.get(pk=task.pk).status == "COMPLETED")


def test_who_is_removed_leaves_nothing_under_way(tmp_path, world, built):
    built.thoughts.drive()
    built.roster.add(child(tmp_path))
    task = give(built, "Chore dust", "ezra")
    assert run(built, lambda: "lens" in world.held)
    built.roster.remove("ezra", "its time is over")
    built.roster.add(child(tmp_path, "nell"))
    run(built, seconds=60)
    task.refresh_from_db()
    assert (task.status, task.reason) == ("PAUSED", "Ezra lives here no more.")
    assert not PlanRecord.objects.filter(agent="ezra", state="running").exists()
    assert [one.slug for one in built.records.presences()] == ["timmy", "nell"]
    assert "ezra" not in built.minds
    assert "ezra" not in built.thoughts.snapshot().due
    assert built.records.asleep() == ((), 2)
    with pytest.raises(NotFound, match="no agent called ezra"):
        built.records.who("ezra")
    with pytest.raises(NotFound, match="No agent is called ezra"):
        built.need(Conversation).ask(Actor("owner", "alexander"), "ezra", "Are you there?", channel="ask", via="telnet")
    (told,) = built.events.last(5, "roster.removed")
    assert told.data == {"name": "Ezra", "reason": "its time is over"}


def test_who_is_removed_may_come_again(tmp_path, world, built):
    built.roster.add(child(tmp_path))
    run(built, seconds=10)
    built.roster.remove("ezra", "a journey")
    built.roster.add(child(tmp_path))
    assert run(built, lambda: built.mind("ezra").awake, seconds=5)


def test_nobody_comes_twice_and_nobody_goes_who_is_not_here(tmp_path, built):
    built.roster.add(child(tmp_path))
    with pytest.raises(Conflict, match="ezra lives here already"):
        built.roster.add(child(tmp_path))
    with pytest.raises(NotFound, match="no agent called nell"):
        built.roster.remove("nell", "why not")
    assert len(built.events.last(9, "roster.added")) == 1


def test_what_is_undone_was_never_so(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy")])

    def undone() -> None:
        with built.events.unit():
            built.roster.add(child(tmp_path))
            built.roster.remove("timmy", "undone")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        undone()
    assert list(built.roster) == ["timmy"]
    assert built.events.last(9, "roster.*") == []

"""Deeds that people see: each once, on record, and true, however often a world is killed (M2, T5)."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred

from agents.events.models import Event
from agents.goap.model import Goal
from agents.house.values import Wish
from agents.kernel.clock import SimulatedClock
from agents.mind.steps import tell
from agents.work.models import Step, Task
from tests.support.light_house import START, give, house, kinds_folder, persona, run
from tests.support.light_world import LightWorld

pytestmark = pytest.mark.django_db

SONG = '''
"""A kind of work for tests: it is seen and heard, and then waits for another thread."""
from pydantic import BaseModel
from agents.work.kind import Kind, WorkStep

class Params(BaseModel):
    subject: str

async def _sing(ctx):
    ctx.body.say("La.")
    ctx.body.say("La.")
    await ctx.offload(len, "")
    ctx.body.say("Lo.")
    return {}

KIND = Kind(
    name="song", purpose="to test", usage="Song <subject>", example="Song dust", params=Params,
    parse=lambda subject, description, settings: Params(subject=subject), action=lambda p: f"sing {p.subject}",
    steps=(WorkStep("sing", _sing, "clears its throat.", repeat="keyed"),),
    report=lambda p, results: f"# {p.subject}", summary=lambda p, results: f"{p.subject} is sung.", category="read",
)
'''


@pytest.fixture
def world() -> LightWorld:
    return LightWorld.founding()


class Stuck:
    """An offload whose thread never comes back."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, function, *args):
        self.asked += 1
        return Deferred()

    def reached(self) -> bool:
        return self.asked > 0


def completed(task: Task) -> bool:
    task.refresh_from_db()
    return task.status == "COMPLETED"


def on_record(topic: str) -> list[str]:
    return [e.data.get("text") or e.data["to"] for e in Event.objects.filter(topic=topic).order_by("seq")]


def test_what_was_seen_and_heard_before_a_crash_is_not_repeated_after_it(tmp_path, world):
    kinds = kinds_folder(tmp_path)
    (kinds / "song.py").write_text(SONG)
    built = house(tmp_path, world, [persona("timmy")], kinds=kinds, offload=Stuck())
    task = give(built, "Song dust", "timmy")
    for _ in range(4):  # killed in the middle of the step each time
        assert run(built, built.offload.reached)
        built = house(tmp_path, world, [], clock=SimulatedClock(built.runtime.clock.now()), offload=Stuck())
    assert world.deeds("timmy", "say") == ["La.", "La."]
    last = house(tmp_path, world, [], clock=SimulatedClock(built.runtime.clock.now()))
    assert run(last, lambda: completed(task)), task.reason
    assert world.deeds("timmy", "say") == on_record("agent.timmy.say") == ["La.", "La.", "Lo.", "dust is sung."]
    assert (
        world.deeds("timmy", "emote")
        == on_record("agent.timmy.emote")
        == [
            "clears its throat.",
            "writes the report and commits it",
        ]
    )
    assert world.deeds("timmy", "move") == on_record("agent.timmy.move")
    assert Step.objects.filter(task=task, action="do_song_sing", state="failed").count() == 4


def test_a_report_is_told_once_though_the_world_dies_before_the_step_ends(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy")])
    task = give(built, "Chore dust", "timmy")
    finish, killed = built.journal.finish, []

    def dies(step, result):
        if step.action.startswith("tell_"):
            killed.append(step)
            built.minds.unregister("timmy")
            raise SystemExit
        return finish(step, result)

    built.journal.finish = dies
    assert run(built, lambda: killed)
    assert on_record("agent.timmy.say") == ["dust: 3 steps done."]
    again = house(tmp_path, world, [], clock=SimulatedClock(built.runtime.clock.now()))
    assert run(again, lambda: completed(task)), task.reason
    assert world.deeds("timmy", "say") == on_record("agent.timmy.say") == ["dust: 3 steps done."]
    assert task.result == "dust: 3 steps done."


def test_a_deed_that_is_refused_leaves_no_event(tmp_path, world):
    from agents.kernel.errors import StepFailed
    from agents.mind.recorded import RecordedBody

    built = house(tmp_path, world, [persona("timmy")])
    body = RecordedBody(world.body("timmy"), built.events, "S")
    with pytest.raises(StepFailed, match="No way"):
        body.move("forge")
    assert on_record("agent.timmy.move") == []


def test_a_step_that_walked_before_a_crash_walks_on_from_where_it_stands(tmp_path, world):
    from agents.mind.recorded import RecordedBody, mark_of

    built = house(tmp_path, world, [persona("timmy")])
    RecordedBody(world.body("timmy"), built.events, "S").move("workshop")
    again = RecordedBody(
        world.body("timmy"),
        built.events,
        "T",
        earlier=lambda: [mark_of("move", e.data) for e in Event.objects.filter(step="S")],
    )
    again.move("workshop")
    again.move("forge")
    assert on_record("agent.timmy.move") == world.deeds("timmy", "move") == ["workshop", "forge"]
    world.put("timmy", "hall")
    again.move("workshop")
    assert world.standing["timmy"] == "workshop", "it was carried off: it walks again"


BROKEN = {
    "syntax.py": "ACTS = (\n",
    "raises.py": "import agents\n\nraise RuntimeError('no \x1b[31mgauge')\n",
    "unknown_type.py": """
from agents.goap.model import Action
from agents.work.act import Act
ACTS = (Act(Action(name="fly", parameters={"?x": "dragon"}, preconditions=["at(me, hall)"], add=["flown(?x)"]), None),)
""",
    "same_name.py": """
from agents.goap.model import Action
from agents.work.act import Act
ACTS = (Act(Action(name="write_chore", add=["written(chore)"]), None),)
""",
}


def test_a_broken_file_keeps_nothing_else_from_working_and_is_told_once(tmp_path, world, caplog, monkeypatch):
    from shutil import copy

    from agents.kernel.problem import Problem
    from agents.mind.repertoire import FOLDER
    from agents.work import tools
    from server import control, status

    kinds, actions = kinds_folder(tmp_path), tmp_path / "actions"
    actions.mkdir()
    for file in FOLDER.glob("*.py"):
        copy(file, actions)
    for name, text in BROKEN.items():
        (actions / name).write_text(text)
    (kinds / "half.py").write_text("from agents.work.kind import Kind\nKIND = Kind(name='half')\n")
    monkeypatch.setattr(tools, "discover", lambda: ({}, [Problem("", "nap.py", 2, "no", "tool")]))
    built = house(tmp_path, world, [persona("timmy"), "slug: ezra\nrole: [\n"], kinds=kinds, actions=actions)
    task = give(built, "Chore dust", "timmy")
    assert run(built, lambda: completed(task)), task.reason
    told = {f"{p.what} {p.file}": p.line for p in built.problems}
    assert told == {
        "persona ezra.yaml": 3,
        "kind of task half.py": 2,
        "action raises.py": 3,
        "action syntax.py": 1,
        "action unknown_type.py": 1,
        "action same_name.py": 1,
        "tool nap.py": 2,
    }
    monkeypatch.setattr(control, "owner_name", lambda: "alexander")
    shown = [status.problem(one) for one in control.health(built)["problems"]]
    assert shown == [f"{p.what} {p}" for p in built.problems]
    assert "\x1b" not in str(built.problems)
    assert sorted(e.data["reason"] for e in Event.objects.filter(topic="file.broken")) == sorted(
        str(p) for p in built.problems if not p.slug
    )
    lines = [r.getMessage() for r in caplog.records if "left out" in r.getMessage()]
    assert len(lines) == len(built.problems)
    assert [p.slug for p in built.records.presences()] == ["timmy", "ezra"]


def test_a_house_that_stops_ends_the_commands_of_its_agents(tmp_path, world):
    from agents.kernel.errors import Unavailable
    from agents.work.sandbox import Job

    built = house(tmp_path, world, [persona("timmy")])
    assert built.sandbox.run(Job(("true",))).ok
    built.stop()
    with pytest.raises(Unavailable, match="shutting down"):
        built.sandbox.run(Job(("true",)))


def test_the_founding_agents_are_lively_but_never_all_at_once_nor_twice(tmp_path, world):
    from itertools import pairwise

    from agents.lineage.persona import FOLDER, load_all

    for slug, one in load_all()[0].items():
        world.standing[slug] = one.home
    built = house(tmp_path, world, [file.read_text() for file in sorted(FOLDER.glob("*.yaml"))], due=False)
    run(built, seconds=1800, slot=1)
    seen = list(Event.objects.filter(topic__regex=r"^agent\.[a-z-]+\.(move|say|emote)$").order_by("seq"))
    at = [START, *(event.at for event in seen), built.runtime.clock.now()]
    gaps = [(after - before).total_seconds() for before, after in pairwise(at)]
    assert sum(gaps) / len(gaps) < 40
    assert max(gaps) < 240
    assert {event.agent for event in seen} == set(built.personas)
    exchanged = {step.pk for step in Step.objects.filter(result__has_key="to")}
    said = [event for event in seen if event.topic.endswith(".say") and event.step not in exchanged]
    assert max(sum(0 <= (other.at - one.at).total_seconds() < 10 for other in said) for one in said) <= 2
    shortest = min(errand.every for one in built.personas.values() for errand in one.errands)
    for one, other in pairwise(
        sorted((e for e in seen if "text" in e.data), key=lambda e: (e.agent, str(e.data), e.seq))
    ):
        if (one.agent, one.data) == (other.agent, other.data):
            assert (other.at - one.at).total_seconds() >= shortest


def test_an_errand_begun_anew_after_a_crash_does_not_say_again_what_is_so(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy", "seen(board) 10m 3")])
    killed = []

    def dies(step, result):
        killed.append(step)
        built.minds.unregister("timmy")
        raise SystemExit

    built.journal.finish = dies
    assert run(built, lambda: killed)
    assert world.deeds("timmy", "say") == ["The board is empty."]
    again = house(tmp_path, world, [], clock=SimulatedClock(built.runtime.clock.now()))
    run(again, seconds=60)
    assert Step.objects.filter(action="look_at_board", state="done").count() == 1
    assert world.deeds("timmy", "say") == ["The board is empty."]
    run(again, seconds=700)
    assert Step.objects.filter(action="look_at_board", state="done").count() == 2
    assert world.deeds("timmy", "say") == ["The board is empty."], "and no more later, while it is so"


def test_what_an_agent_said_it_could_not_do_is_no_deed_neither_before_a_restart_nor_after(tmp_path, world):
    made = house(tmp_path, world, [persona("timmy", "seen(board) 10m 2")])
    mind = made.mind("timmy")
    assert run(made, lambda: Step.objects.filter(action="look_at_board", state="done").exists())
    mind.recall.deeds()
    tell(mind, Wish(Goal(name="moon", condition=()), 1.0, "it is far"), "I cannot have the moon.")
    before = list(mind.recall.deeds())
    assert [action for _, action in before] == ["look_at_board"]
    mind.recall.read()
    assert list(mind.recall.deeds()) == before

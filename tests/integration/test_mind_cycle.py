"""Minds in a light world: errands, a whole task, restarts, obstacles, limits (M1, M2, M3, M5, T5, T7,
T8, G7, G8, G10).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred

from agents.events.models import Event
from agents.kernel.clock import SimulatedClock
from agents.kernel.errors import NotFound, StepFailed
from agents.mind.goals import Wait
from agents.mind.models import PlanRecord
from agents.selfmod.models import BugReport
from agents.work.models import Step, Task
from tests.support.light_house import START, give, house, persona, run
from tests.support.light_world import LightWorld

pytestmark = pytest.mark.django_db


def chore():
    """The module of the kind `chore`, as the kinds' finder loaded it."""
    return sys.modules["_agents_work_kinds_chore"]


def status(task: Task) -> str:
    task.refresh_from_db()
    return task.status


@pytest.fixture
def world() -> LightWorld:
    return LightWorld.founding()


def test_life_is_told_stage_by_stage(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy")])
    assert run(built, lambda: built.mind("timmy").awake)
    states = [e.data["state"] for e in built.events.last(20, "agent.timmy.life")]
    assert states == ["INIT", "CONFIG_LOAD", "TOOL_INIT", "MODEL_CONNECT", "READY"]
    built.stop()
    assert built.events.last(1, "agent.timmy.life")[0].data["state"] == "SHUTDOWN"


def test_a_failed_start_leaves_the_body_standing_with_the_reason(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy", home="moon"), persona("ezra", "seen(board) 10m 3")])
    assert run(built, lambda: world.deeds("ezra", "say"))
    mind = built.mind("timmy")
    assert mind.life == "FAILED"
    assert "moon" in mind.trouble
    assert world.standing["timmy"] == "hall"
    assert "moon" in next(p.doing for p in built.records.presences() if p.slug == "timmy")


def test_a_broken_persona_stays_away_and_says_why(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy"), "slug: ezra\nrole: [\n"])
    assert list(built.personas) == ["timmy"]
    away = next(p for p in built.records.presences() if p.slug == "ezra")
    assert not away.awake
    assert "ezra.yaml, line" in away.doing


def test_errands_are_done_and_told_from_records(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy", "seen(board) 10m 3", "tended(shrine) 1h 2", "checked(disk) 1h 1")])
    built.work.propose("Chore dust", "", built.mind("timmy").actor, "mind")
    assert run(built, lambda: any("gauges" in t for t in world.deeds("timmy", "emote")))
    assert world.deeds("timmy", "say")[0] == "On the board: 1 waits for the owner's word."
    emotes = world.deeds("timmy", "emote")
    assert "counts the candles: 1 of 1 burn." in emotes
    assert "reads the gauges: 50% of the disk is free." in emotes
    assert world.deeds("timmy", "move") == ["shrine", "hall", "workshop", "forge"]


def test_an_errand_comes_again_after_its_period_also_after_a_restart(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy", "seen(board) 10m 3")])
    run(built, seconds=60)
    assert len(world.deeds("timmy", "say")) == 1
    built.stop()
    clock = built.runtime.clock
    again = house(tmp_path, world, [], clock=clock)
    run(again, seconds=60)
    assert Step.objects.filter(action="look_at_board", state="done").count() == 1
    run(again, seconds=600)
    assert Step.objects.filter(action="look_at_board", state="done").count() == 2


def test_the_board_is_read_aloud_only_when_it_has_changed_also_after_a_restart(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy", "seen(board) 2m 3"), persona("ezra", "seen(board) 2m 3")])
    run(built, seconds=1200)
    again = house(tmp_path, world, [], clock=built.runtime.clock)
    run(again, seconds=1200)
    assert Step.objects.filter(action="look_at_board", state="done").count() >= 16
    said = [text for _, deed, text in world.deeds_seen if deed == "say" and text.startswith("The board")]
    assert said == ["The board is empty."], "whoever comes to it next says nothing that was just said there"
    again.work.propose("Chore dust", "", again.mind("timmy").actor, "mind")
    run(again, seconds=600)
    said = [text for _, deed, text in world.deeds_seen if deed == "say" and text.startswith("On the board")]
    assert said == ["On the board: 1 waits for the owner's word."]


def test_nobody_says_or_shows_the_same_twice_of_itself_within_the_hour(tmp_path, world):
    errands = ("seen(board) 2m 3", "tended(shrine) 2m 2", "checked(disk) 3m 2", "rested(home) 2m 1")
    built = house(tmp_path, world, [persona(slug, *errands) for slug in ("timmy", "ezra")])
    run(built, seconds=3600)
    of_itself = Event.objects.filter(task=None, topic__regex=r"^agent\.[a-z]+\.(say|emote)$")
    said = [(event.agent, event.data["text"]) for event in of_itself]
    assert len(said) > 8 and len(set(said)) == len(said)


def test_an_errand_is_seen_in_the_gestures_of_its_file_one_after_another(tmp_path, world):
    gestures = "seen: [turns a page., counts his tools before he lends one.]"
    text = persona("timmy", "seen(board) 2m 3").replace("weight: 3", f"weight: 3, {gestures}")
    built = house(tmp_path, world, [text])
    run(built, seconds=700)
    shown = [text for text in world.deeds("timmy", "emote") if "board" not in text]
    assert shown == ["turns a page.", "counts his tools before he lends one."]


def test_a_whole_task(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy", "seen(board) 1h 1")])
    task = give(built, "Chore dust", "timmy")
    assert run(built, lambda: status(task) == "COMPLETED"), built.mind("timmy").waits
    assert task.result == "dust: 3 steps done."
    assert world.deeds("timmy", "say")[-1] == "dust: 3 steps done."
    assert sorted(name for _, name in chore().LOG) == ["polish", "sweep", "wash"]
    assert chore().LOG[-1][1] == "polish"
    assert task.steps_taken == 8  # to the workshop, take, three steps, the report, to the hall, tell
    home = tmp_path / "state" / "homes" / "timmy" / "reports" / f"task-{task.pk}"
    assert (home / "report.md").read_text().startswith("# dust")
    assert run(built, lambda: world.lying.get("lens") == "workshop"), "the lens is laid back"


def test_every_visible_deed_has_a_step_of_the_journal(tmp_path, world):
    built = house(
        tmp_path,
        world,
        [persona("timmy", "seen(board) 2m 3", "tended(shrine) 3m 2"), persona("ezra", "visited(forge) 2m 1")],
    )
    task = give(built, "Chore dust", "timmy")
    blocked = give(built, "Chore lint", "ezra")
    world.bar("workshop", "forge", "The Forge is shut.")
    assert run(built, lambda: status(task) == status(blocked) == "COMPLETED")
    visible = [
        e for e in Event.objects.all() if re.fullmatch(r"agent\.[a-z-]+\.(move|say|emote|take|drop|build)", e.topic)
    ]
    assert {e.topic.split(".")[-1] for e in visible} >= {"move", "say", "emote", "take", "drop"}
    assert len(visible) == len(world.deeds_seen), "no deed but through the recorder"
    known = {s.pk: s.agent for s in Step.objects.all()}
    assert all(known.get(e.step) == e.agent for e in visible)


class Held:
    """An offload that does nothing until it is let go, as a thread at the moment of a crash."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Deferred, object, tuple]] = []

    def __call__(self, function, *args):
        deferred: Deferred = Deferred()
        self.waiting.append((deferred, function, args))
        return deferred


def test_after_a_crash_finished_steps_are_not_repeated(tmp_path, world):
    held = Held()
    built = house(tmp_path, world, [persona("timmy")], offload=held)
    task = give(built, "Chore dust", "timmy")
    assert run(built, lambda: held.waiting), "it stands at the report, which needs the disk"
    chore_before = list(chore().LOG)
    assert len(chore_before) == 3
    clock = SimulatedClock(built.runtime.clock.now())  # the process is gone: nothing is stopped, nothing is told
    again = house(tmp_path, world, [], clock=clock)
    assert Step.objects.filter(state="started").count() == 0, "what was cut short is decided at the start"
    assert run(again, lambda: status(task) == "COMPLETED")
    assert chore().LOG == [], "the freshly loaded kind did nothing again"
    assert world.deeds("timmy", "move") == ["workshop", "hall"]
    assert world.deeds("timmy", "take") == ["lens"]
    done = Step.objects.filter(task=task, state="done", action__startswith="do_chore")
    assert sorted(s.action for s in done) == ["do_chore_polish", "do_chore_sweep", "do_chore_wash"]
    keys = [s.key for s in done]
    assert len(set(keys)) == len(keys)
    assert all(key.startswith(f"task:{task.pk}:1:") for key in keys)


def test_a_barred_way_is_reported_with_its_reason_and_the_task_is_paused(tmp_path, world):
    world.bar("hall", "workshop", "The Workshop is locked by the owner.")
    built = house(tmp_path, world, [persona("timmy")])
    task = give(built, "Chore dust", "timmy")
    assert run(built, lambda: status(task) == "PAUSED")
    assert "from the Hall to the Workshop is barred: The Workshop is locked by the owner" in task.reason
    assert world.deeds("timmy", "say") == [task.reason]
    world.unbar()
    built.work.resume(task.pk, built_owner(), "telnet")
    assert run(built, lambda: status(task) == "COMPLETED")


def built_owner():
    from tests.support.light_house import OWNER

    return OWNER


def test_a_way_barred_in_mid_plan_is_walked_around(tmp_path, world):
    world.join("library", "workshop")
    world.put("timmy", "sanctum")
    built = house(tmp_path, world, [persona("timmy")])
    task = give(built, "Chore dust", "timmy")
    assert run(built, lambda: world.standing.get("timmy") == "spire")
    world.bar("hall", "workshop", "Wet paint.")
    assert run(built, lambda: status(task) == "COMPLETED")
    assert world.deeds("timmy", "move")[:4] == ["spire", "hall", "library", "workshop"]
    (replan,) = built.events.last(5, "agent.timmy.replan")
    assert replan.data["reason"] == "a free way from the Hall to the Workshop does not hold any more"


def test_a_tool_taken_away_is_fetched_again(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy")])
    task = give(built, "Chore dust", "timmy")
    assert run(built, lambda: "lens" in world.held and len(chore().LOG) == 1)
    world.lay("lens", "forge")
    assert run(built, lambda: status(task) == "COMPLETED")
    assert world.deeds("timmy", "take") == ["lens", "lens"]
    assert sorted(name for _, name in chore().LOG) == ["polish", "sweep", "wash"]


def test_a_tool_that_a_person_keeps_is_named_with_its_holder(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy")])
    task = give(built, "Chore dust", "timmy")
    assert run(built, lambda: "lens" in world.held)
    world.seize("lens", "Alexander")
    assert run(built, lambda: status(task) == "PAUSED")
    assert "Alexander has the survey lens" in task.reason


def test_a_tool_another_agent_works_with_is_waited_for(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy"), persona("ezra")])
    first, second = give(built, "Chore dust", "timmy"), give(built, "Chore lint", "ezra")
    assert run(built, lambda: status(first) == status(second) == "COMPLETED")
    waits = [t for t in [*world.deeds("ezra", "say"), *world.deeds("timmy", "say")] if t.startswith("I wait")]
    assert len(waits) == 1
    assert re.fullmatch(r"I wait with task \d: (Timmy|Ezra) has the survey lens\.", waits[0])


def test_a_new_action_file_changes_a_plan(tmp_path, world):
    from agents.mind.repertoire import FOLDER

    actions = tmp_path / "actions"
    actions.mkdir()
    for file in FOLDER.glob("*.py"):
        (actions / file.name).write_text(file.read_text())
    (actions / "fly.py").write_text('''
"""Flying straight from the Hall to the Forge."""
from agents.goap.model import Action
from agents.work.act import Act, Outcome

async def _fly(ctx):
    ctx.body.emote("takes wing.")
    ctx.body.move("workshop")
    ctx.body.move("forge")
    return Outcome()

ACTS = (Act(Action(name="fly", preconditions=["at(me, hall)"], add=["at(me, forge)"], delete=["at(me, hall)"]), _fly),)
''')
    (actions / "broken.py").write_text("ACTS = 7\n")
    built = house(tmp_path, world, [persona("timmy", "checked(disk) 1h 1")], actions=actions)
    assert run(built, lambda: any("gauges" in t for t in world.deeds("timmy", "emote")))
    plan = PlanRecord.objects.get(agent="timmy", cost__gt=0)
    assert [s["action"] for s in plan.steps] == ["fly", "check_disk"]
    assert "broken.py" in built.events.last(1, "file.broken")[0].data["reason"]


def test_a_procedural_cost_is_asked_for_each_plan(tmp_path, world):
    actions = tmp_path / "actions"
    actions.mkdir()
    (actions / "ways.py").write_text("""
from agents.goap.model import Action
from agents.work.act import Act, Outcome

TOLL = {"now": 0}

async def _go(ctx):
    return Outcome()

ACTS = (
    Act(Action(name="toll_road", add=["checked(disk)"]), _go, extra=lambda agent, records: TOLL["now"]),
    Act(Action(name="byway", add=["checked(disk)"], cost=3), _go),
)
""")
    built = house(tmp_path, world, [persona("timmy", "checked(disk) 1m 1")], actions=actions)
    mind = built.mind("timmy")
    road = built.repertoire.acts["toll_road"]

    def ways() -> list[str]:
        return [
            step["action"] for plan in PlanRecord.objects.filter(agent="timmy", state="done") for step in plan.steps
        ]

    assert run(built, lambda: ways() == ["toll_road"])
    road.perform.__globals__["TOLL"]["now"] = 5
    assert mind.penalties() == {"toll_road": 5}
    assert run(built, lambda: ways() == ["toll_road", "byway"])
    road.perform.__globals__["TOLL"]["now"] = 0
    assert run(built, lambda: ways()[2:] == ["toll_road"])


def test_the_same_failure_three_times_pauses_the_task(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy")])
    chore().FAIL["wash"] = StepFailed("The water is off.")
    task = give(built, "Chore dust", "timmy")
    assert run(built, lambda: status(task) == "PAUSED")
    assert "The water is off" in task.reason
    deeds = [(s.action, s.state) for s in Step.objects.filter(task=task) if s.action.startswith("do_")]
    assert deeds == [("do_chore_wash", "failed"), ("do_chore_sweep", "done"), *[("do_chore_wash", "failed")] * 3], (
        "after a failure what else can be done is done first; then it is tried three times in a row, and no more"
    )
    chore().FAIL.clear()
    built.work.resume(task.pk, built_owner(), "telnet")
    assert run(built, lambda: status(task) == "COMPLETED")
    assert [name for _, name in chore().LOG].count("sweep") == 1


def test_an_unexpected_error_in_a_step_is_filed_as_a_bug(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy"), persona("ezra", "seen(board) 1m 3")])
    chore().FAIL["wash"] = KeyError("soap")
    task = give(built, "Chore dust", "timmy")
    assert run(built, lambda: status(task) == "PAUSED")
    (bug,) = BugReport.objects.all()
    assert "KeyError" in bug.title
    assert Task.objects.get(pk=bug.task).title.startswith("Bug KeyError")
    assert world.deeds("ezra", "say"), "the other mind went on"


def test_the_step_budget_pauses_the_task(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy")], step_budget=4)
    task = give(built, "Chore dust", "timmy")
    assert run(built, lambda: status(task) == "PAUSED")
    assert "budget of 4 steps" in task.reason


def test_a_paused_task_is_left_at_once_and_taken_up_again(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy")])
    task = give(built, "Chore dust", "timmy")
    assert run(built, lambda: len(chore().LOG) == 1)
    built.work.pause(task.pk, built_owner(), "telnet", reason="lunch")
    run(built, seconds=60)
    assert len(chore().LOG) == 1
    built.work.resume(task.pk, built_owner(), "telnet")
    assert run(built, lambda: status(task) == "COMPLETED")
    assert len(chore().LOG) == 3


def test_work_goes_before_errands_and_says_so(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy", "visited(sanctum) 10m 3")])
    assert run(built, lambda: world.standing.get("timmy") == "spire")
    task = give(built, "Chore dust", "timmy")
    assert run(built, lambda: status(task) == "COMPLETED")
    (dropped,) = PlanRecord.objects.filter(goal="visited(sanctum)", state="dropped")
    assert "task 1 matters more" in dropped.reason


def test_why_not_is_answered_for_actions_and_goals(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy", "visited(sanctum) 10m 3", "seen(board) 10m 1")])
    assert run(built, lambda: built.mind("timmy").pursuit)
    assert built.why_not("timmy", "take(lens, workshop)").verdict == "unneeded"
    assert built.why_not("timmy", "move(spire, sanctum)").verdict == "planned"
    assert built.why_not("timmy", "visited(sanctum)").verdict == "planned"
    weaker = built.why_not("timmy", "seen(board)")
    assert (weaker.verdict, "score 1.0" in weaker.sentences[0]) == ("weaker", True)


def test_unassigned_work_is_claimed_after_the_grace_time(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy")], grace_seconds=60)
    from tests.support.light_house import OWNER

    task = built.work.propose("Chore dust", "", OWNER, "telnet")
    built.governance.show(built.work.approval(str(task.pk)), OWNER)
    built.work.decide([str(task.pk)], "ok", OWNER, "telnet")
    run(built, seconds=50)
    assert status(task) == "APPROVED"
    assert run(built, lambda: status(task) == "COMPLETED")
    assert task.assignee == "timmy"


def test_the_journal_is_committed_to_the_own_repository(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy", "seen(board) 1h 3", "kept(journal) 2h 1")])
    assert run(built, lambda: any("journal" in t for t in world.deeds("timmy", "emote")))
    (entry,) = Path(tmp_path / "state" / "homes" / "timmy" / "journal").rglob("*.md")
    assert "look_at_board" in entry.read_text()


def test_out_of_hours_an_agent_goes_home_and_stays(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy", "seen(board) 1m 3", home="library", extra="schedule: [20, 22]")])
    run(built, seconds=120)
    assert world.standing["timmy"] == "library"
    assert world.deeds("timmy", "say") == []
    assert START.hour == 12


def test_an_agent_without_a_body_waits_for_one(tmp_path, world):
    from agents.kernel.errors import NotFound

    present: list[str] = []
    given = world.body

    def body(slug: str):
        if slug not in present:
            raise NotFound(f"The agent {slug} has no body in this world.")
        return given(slug)

    world.body = body
    built = house(tmp_path, world, [persona("timmy", "seen(board) 10m 3")])
    run(built, seconds=5)
    assert "no body" in built.mind("timmy").trouble
    present.append("timmy")
    assert run(built, lambda: world.deeds("timmy", "say"))


@pytest.mark.django_db(transaction=True)
def test_a_resumed_task_wakes_its_agent_at_once(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy")])
    run(built, seconds=30)
    task = give(built, "Chore dust", "timmy")
    assert run(built, lambda: len(chore().LOG) == 1, seconds=120), "the assignment woke it"
    built.work.pause(task.pk, built_owner(), "telnet")
    run(built, seconds=30)
    built.work.resume(task.pk, built_owner(), "telnet")
    assert run(built, lambda: status(task) == "COMPLETED", seconds=120)


def test_stopping_cuts_the_step_short_and_the_journal_knows(tmp_path, world):
    held = Held()
    built = house(tmp_path, world, [persona("timmy")], offload=held)
    task = give(built, "Chore dust", "timmy")
    assert run(built, lambda: held.waiting)
    built.stop()
    (open_step,) = Step.objects.filter(state="started")
    assert open_step.action == "write_chore"
    assert BugReport.objects.count() == 0
    assert PlanRecord.objects.filter(state="running").count() == 0
    again = house(tmp_path, world, [], clock=built.runtime.clock)
    assert run(again, lambda: status(task) == "COMPLETED")
    assert Step.objects.filter(task=task, action="write_chore", state="done").count() == 1


def test_a_task_whose_parameters_no_longer_fit_is_handed_back(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy")])
    task = give(built, "Chore dust", "timmy")
    Task.objects.filter(pk=task.pk).update(params={"other": 1})
    assert run(built, lambda: status(task) == "PAUSED")
    assert "parameters" in task.reason


@pytest.mark.parametrize("every", [1.5, 4, 7])
def test_however_often_it_crashes_no_step_is_done_twice(tmp_path, world, every):
    built = house(tmp_path, world, [persona("timmy")])
    task = give(built, "Chore dust", "timmy")
    done: list[str] = []
    for _ in range(60):
        run(built, lambda: status(task) == "COMPLETED", seconds=every, slot=0.1)
        done += [name for _, name in chore().LOG]
        if status(task) == "COMPLETED":
            break
        assert status(task) in ("APPROVED", "RUNNING")
        built = house(tmp_path, world, [], clock=SimulatedClock(built.runtime.clock.now()))
    assert status(task) == "COMPLETED"
    assert sorted(done) == ["polish", "sweep", "wash"]
    assert world.deeds("timmy", "take") == ["lens"]
    assert world.deeds("timmy", "say") == ["dust: 3 steps done."]


def test_g7_what_one_agent_planned_another_knows(tmp_path, world, monkeypatch):
    from agents.mind import choosing

    searched: list[str] = []
    search = choosing.search
    monkeypatch.setattr(
        choosing, "search", lambda d, s, goal, **more: searched.append(goal.name) or search(d, s, goal, **more)
    )
    built = house(tmp_path, world, [persona("ezra", "checked(disk) 1h 3"), persona("timmy", "checked(disk) 1h 3")])
    world.standing.update(ezra="hall", timmy="hall")
    built.minds.pause("timmy")
    assert run(built, lambda: PlanRecord.objects.filter(state="done", cost__gt=0).count() == 1)
    built.minds.resume("timmy")
    assert run(built, lambda: PlanRecord.objects.filter(state="done", cost__gt=0).count() == 2)
    assert searched == ["checked(disk)"]
    told = {e.agent: e.data["origin"] for e in Event.objects.filter(topic__endswith=".plan")}
    assert told == {"ezra": "searched", "timmy": "known from an earlier plan"}
    assert {r.agent: r.origin for r in PlanRecord.objects.filter(cost__gt=0)} == told


def test_g7_what_failed_is_avoided_though_it_is_known(tmp_path, world):
    world.join("library", "workshop")
    built = house(
        tmp_path, world, [persona("ezra", "visited(workshop) 1h 3"), persona("timmy", "visited(workshop) 1h 3")]
    )
    world.standing.update(ezra="hall", timmy="hall")
    built.mind("timmy").penalise("move(hall, workshop)")
    assert run(built, lambda: PlanRecord.objects.filter(state="done", cost__gt=0).count() == 2)
    assert world.deeds("ezra", "move") == ["workshop"]
    assert world.deeds("timmy", "move") == ["library", "workshop"]


def test_g7_a_door_that_opens_again_is_used_again(tmp_path, world):
    world.join("library", "workshop")
    world.bar("hall", "workshop", "Wet paint.")
    built = house(tmp_path, world, [persona("timmy", "visited(workshop) 2m 3")])
    assert run(built, lambda: PlanRecord.objects.filter(state="done", cost__gt=0))
    assert world.deeds("timmy", "move") == ["library", "workshop"]
    world.unbar()
    world.put("timmy", "hall")
    assert run(built, lambda: len(world.deeds("timmy", "move")) > 2)
    assert world.deeds("timmy", "move")[2:] == ["workshop"]


def test_g7_a_plan_is_gone_on_with_where_the_world_put_the_agent(tmp_path, world):
    world.put("timmy", "sanctum")
    built = house(tmp_path, world, [persona("timmy", "checked(disk) 1h 3")])
    assert run(built, lambda: world.standing["timmy"] == "spire")
    world.put("timmy", "workshop")
    assert run(built, lambda: PlanRecord.objects.filter(state="done", cost__gt=0))
    (plan,) = PlanRecord.objects.filter(cost__gt=0)
    assert plan.origin == "resumed at step 4"
    assert built.events.last(1, "agent.timmy.resume")[0].data["step"] == 4


def test_g8_what_is_near_goes_before_what_weighs_a_little_more(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy", "visited(sanctum) 1h 10", "seen(board) 1h 10")])
    world.put("timmy", "hall")
    assert run(built, lambda: built.mind("timmy").pursuit)
    plan = PlanRecord.objects.get(agent="timmy", state="running")
    assert plan.goal == "seen(board)"
    assert plan.score.startswith("score 10.0 = weight 10 x urgency 1.0; ")
    (other,) = plan.chosen_over
    assert (other["goal"], other["cost"] > plan.cost, other["worth"] < 10) == ("visited(sanctum)", True, True)


def test_g8_a_nearly_full_disk_sends_who_heeds_it_to_the_gauges(tmp_path, world):
    from agents.work.ports import Machine

    built = house(tmp_path, world, [persona("bezalel", extra="heeds: [disk_low]"), persona("ezra")])
    built.records._probe = lambda: Machine(2**30, 0.05, 0.25, 0.0)
    assert run(built, lambda: any("gauges" in t for t in world.deeds("bezalel", "emote")))
    assert PlanRecord.objects.get(goal="checked(disk)", cost__gt=0).reason == "the disk is nearly full"
    run(built, seconds=60)
    assert PlanRecord.objects.filter(cost__gt=0).count() == 1


AIMS = """aims:
- name: the world stands
  phase: immediate
  rank: primary
  why: it must
  methods:
  - {name: by the gauges, subgoals: [checked(disk), seen(board)]}
  - {name: by the candles, subgoals: [tended(shrine), seen(board)]}
"""


def test_g9_an_aim_goes_on_where_it_was_after_a_restart(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy", extra=AIMS)])
    assert run(
        built,
        lambda: built.mind("timmy").recall.standings() and built.mind("timmy").recall.standings()[0].done == 1,
        seconds=1800,
    )
    record = PlanRecord.objects.get(cost__gt=0)
    assert record.reason == "it must (primary aim, 1 of 2, by the gauges)"
    built.stop()
    again = house(tmp_path, world, [], clock=built.runtime.clock)
    assert run(again, lambda: again.mind("timmy").recall.standings() and again.mind("timmy").awake, seconds=30)
    assert again.mind("timmy").recall.standings()[0].done == 1
    assert run(again, lambda: world.deeds("timmy", "say"), seconds=1200), "the second half, in its time"
    gauges = [t for t in world.deeds("timmy", "emote") if "reads the gauges" in t]
    assert len(gauges) == 1
    assert run(again, lambda: again.mind("timmy").recall.standings()[0].done == 0, seconds=1200), "the next half hour"


def test_g9_what_is_out_of_reach_is_said_and_the_next_method_taken(tmp_path, world):
    world.bar("workshop", "forge", "The Forge is shut.")
    built = house(tmp_path, world, [persona("timmy", extra=AIMS)])
    assert run(built, lambda: any("candles" in t for t in world.deeds("timmy", "emote")), seconds=1800)
    assert world.deeds("timmy", "say")[0] == (
        "I cannot have a check of the disk: the way from the Workshop to the Forge is barred: The Forge is shut. "
        'For "the world stands" I go on by the candles.'
    )
    assert built.mind("timmy").recall.standings()[0].left == ("by the gauges",)


def test_g10_why_not_where_the_answer_is_known(tmp_path, world):
    errands = ["visited(sanctum) 10m 9", "seen(board) 10m 1", "tended(shrine) 1h 1"]
    built = house(tmp_path, world, [persona("timmy", *errands, extra=AIMS), persona("ezra")])
    mind = built.mind("timmy")
    assert run(built, lambda: mind.pursuit)
    other = give(built, "Chore dust", "ezra")

    def asked(text: str) -> tuple[str, str]:
        told = built.why_not("timmy", text)
        return told.verdict, " ".join(told.sentences)

    assert asked("a round of the Sanctum")[0] == "planned"
    assert asked("a look at the board")[0] == "weaker"
    assert asked("visited sanctum")[0] == "planned"
    assert asked("take lens")[0] == "unneeded"
    assert asked("the world stands")[0] == "later"
    assert "not due until" in asked("the world stands")[1]
    assert asked("has(me, lens)") == (
        "unneeded",
        "having the survey lens could be reached at a cost of 3, but no goal of Timmy wants it.",
    )
    assert asked("at(me, hall)")[0] in ("holds", "unneeded")
    assert asked(f"task {other.pk}") == ("unneeded", f"task {other.pk} is given to ezra and is approved.")
    mind.penalise("take(lens, workshop)")
    built.runtime.clock.advance(180)
    assert asked("take lens")[1].endswith("It failed 3 minutes ago, and is avoided for a while.")
    world.bar("workshop", "forge", "The Forge is shut.")
    assert asked("a check of the disk") == asked("the world stands")
    verdict, said = asked("visited(forge)")
    assert (verdict, "The Forge is shut" in said) == ("impossible", True)
    mind.waits["tended(shrine)"] = Wait(built.runtime.clock.monotonic() + 600, "the way is barred")
    assert asked("the care of the shrine") == ("waits", "the care of the shrine waits until 12:13: the way is barred.")
    with pytest.raises(NotFound, match=r"Near it: .*take"):
        asked("tke(lens, workshop)")
    with pytest.raises(NotFound, match="no task 99"):
        asked("task 99")


def test_g10_a_goal_that_is_done_is_not_due(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy", "seen(board) 10m 3")])
    run(built, seconds=60)
    assert built.why_not("timmy", "a look at the board").sentences == (
        "a look at the board is not due until 12:10, in 9 minutes.",
    )


def test_g10_the_cheapest_plan_is_proved_in_a_process_of_its_own(tmp_path, world):
    from agents.kernel.errors import Conflict
    from agents.mind import proving

    world.join("library", "workshop")
    world.bar("hall", "workshop", "Wet paint.")
    built = house(tmp_path, world, [persona("timmy", "visited(workshop) 1h 3")])
    world.put("timmy", "spire")
    mind = built.mind("timmy")
    assert run(built, lambda: mind.pursuit)
    same = proving.ask(mind)()
    assert (same.now.cost, same.least.cost, same.proven) == (3, 3, True)
    world.unbar()
    proof = proving.ask(mind)()
    assert (proof.now.cost, proof.least.cost, proof.proven) == (3, 2, True)
    built.runtime.settings.__dict__["prove_seconds"] = 0.001
    assert "seconds were over" in proving.ask(mind)().limit
    with proving._one, pytest.raises(Conflict):
        proving.ask(mind)()

"""Goals, sensors, words and errands' sentences: pure parts of a mind (G3, G8, M5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agents.goap import Fact
from agents.lineage.persona import Persona
from agents.mind import goals, sensors, words
from agents.mind.actions.board import sentence
from agents.work.kind import discover
from agents.work.ports import ExitInfo, ItemInfo, Machine, RoomInfo

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)


def person(*errands: dict[str, object], **more: object) -> Persona:
    return Persona.model_validate(
        {
            "slug": "timmy",
            "name": "Timmy",
            "role": "r",
            "temperament": "t",
            "description": "d",
            "mind": {"prefers": "none"},
            "home": "hall",
            "errands": errands,
            **more,
        }
    )


def wished(who: Persona, last: dict[str, datetime], now: datetime) -> list[goals.Wish]:
    return goals.of_errands(goals.due(who, last, now)[0], last, now)


BOARD = {"achieve": "seen(board)", "every": "10m", "weight": 4, "why": "to know"}
SHRINE = {"achieve": "tended(shrine)", "every": "30m", "weight": 3}


def test_what_is_due_grows_with_time_up_to_a_bound():
    who = person(BOARD, SHRINE)
    last = {"seen(board)": NOW - timedelta(minutes=9), "tended(shrine)": NOW - timedelta(minutes=45)}
    (only,) = wished(who, last, NOW)
    assert (only.name, only.score) == ("tended(shrine)", 4.5)
    assert goals.due(who, last, NOW)[1] == 60, "what is due already is not waited for"
    assert goals.due(who, {}, NOW)[1] == 3600
    assert goals.due(who, {**last, "tended(shrine)": NOW}, NOW)[1] == 60
    late = goals.ranked(wished(who, {k: NOW - timedelta(days=9) for k in last}, NOW))
    assert [(w.name, w.score) for w in late] == [("seen(board)", 149.0), ("tended(shrine)", 149.0)]
    assert {w.score for w in wished(who, {}, NOW)} == {4.0, 3.0}


def test_first_turns_are_spread_over_the_period_and_the_same_everywhere():
    board = person(BOARD).errands[0]
    turns = [goals.turn_before(f"agent-{n}", board, NOW) for n in range(200)]
    assert all(NOW - timedelta(minutes=10) < turn <= NOW for turn in turns)
    minutes = {int((NOW - turn).total_seconds() // 60) for turn in turns}
    assert minutes == set(range(10))
    assert goals.turn_before("timmy", board, NOW) == datetime(2026, 4, 1, 11, 59, 51, 113306, tzinfo=UTC)
    later = goals.turn_before("timmy", board, NOW + timedelta(minutes=9))
    assert later - goals.turn_before("timmy", board, NOW) in (timedelta(0), timedelta(minutes=10))
    begun = goals.taken_up(person(BOARD, SHRINE), {"seen(board)": NOW - timedelta(days=1)}, NOW)
    assert begun["seen(board)"] == NOW - timedelta(days=1)
    assert wished(person(SHRINE), begun, NOW) == []
    assert wished(person(SHRINE), begun, NOW + timedelta(minutes=30))


@pytest.mark.parametrize("priority", list(goals.TASK_WEIGHT))
def test_any_task_goes_before_tidying_and_that_before_any_errand(priority):
    errand = wished(person({**BOARD, "weight": 100}), {}, NOW)[0]
    (tidy,) = goals.of_borrowed({"lens": "workshop"})
    task = goals.of_task(3, "Survey /x", priority, ())
    assert [w.name for w in goals.ranked([errand, tidy, task])] == ["task 3", "put back lens", "seen(board)"]
    assert tidy.goal.condition == (Fact.parse("in(lens, workshop)"),)


def wish(name: str, score: float, **more: float) -> goals.Wish:
    return goals.Wish(goals.Goal(name=name, condition=(), priority=1), score, "", **more)


def test_nobody_dithers():
    weak, like, strong = wish("a", 4), wish("b", 5), wish("c", 7)
    assert goals.rivals(weak, 0, [weak, like]) == []
    assert goals.rivals(weak, 0, [weak, like, strong]) == [strong]
    assert goals.rivals(strong, 0, [strong]) == []
    assert goals.rivals(weak, 25, [like]) == [like], "much is to be done yet"
    assert not goals.leaves(weak, 25, like, cost=20)


def test_a_wish_is_worth_less_after_a_dear_plan_and_says_so():
    board = wish("seen(board)", 12.0, weight=4, urgency=3.0)
    assert goals.Weighed(board, 16).words == "score 12.0 = weight 4 x urgency 3.0; 9.1 after a plan of cost 16"
    assert goals.pick([goals.Weighed(board, 50), goals.Weighed(wish("b", 7), 2)]).wish.name == "b"
    assert goals.pick([goals.Weighed(board)]) is None


def test_only_what_could_win_is_planned_for():
    wishes = [wish("a", 12), wish("b", 10), wish("c", 9.9), wish("d", 9.8), wish("e", 3)]
    weighed: list[goals.Weighed] = []
    asked = []
    while (found := goals.next_to_weigh(wishes, weighed)) is not None:
        asked.append(found.name)
        weighed.append(goals.Weighed(found, 30))
    assert asked == ["a", "b", "c"]
    assert goals.next_to_weigh(wishes, [goals.Weighed(wishes[0], 5)]) is None
    assert goals.next_to_weigh(wishes, [goals.Weighed(wishes[0], None, "no way")]).name == "b"
    task = goals.of_task(3, "Survey", "LOW", ())
    assert goals.next_to_weigh([task, wish("put back lens", 150)], [goals.Weighed(task, 900)]) is None


def test_the_machines_state_is_a_drive_for_who_heeds_it():
    felt = sensors.of_machine(Machine(1, 0.05, 0.5, 0.9))
    assert goals.of_machine(person(), felt, {}, NOW) == []
    (one,) = goals.of_machine(person(heeds=["disk_low", "swap_high"]), felt, {}, NOW)
    assert (one.name, one.score, one.why) == ("checked(disk)", 20.0, "the disk is nearly full")
    lately = {"checked(disk)": NOW - timedelta(minutes=5)}
    assert goals.of_machine(person(heeds=["disk_low"]), felt, lately, NOW) == []


def test_equal_wishes_are_ordered_by_name():
    wishes = [goals.Wish(goals.Goal(name=n, condition=(), priority=1), 1, "") for n in ("b", "a", "c")]
    assert [w.name for w in goals.ranked(wishes)] == ["a", "b", "c"]


def test_thresholds_become_facts():
    def low(disk: float, swap: float | None) -> set[str]:
        return {str(f) for f in sensors.of_machine(Machine(1, disk, None, swap))}

    assert low(0.5, 0.5) == set()
    assert low(0.0999, 0.8001) == {"disk_low", "swap_high"}
    assert low(0.10, 0.80) == set()
    assert low(0.5, None) == set()


def test_the_machine_is_measured(tmp_path: Path):
    info = tmp_path / "meminfo"
    info.write_text("MemTotal: 1000 kB\nMemAvailable: 250 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\nOdd line\n")
    state = sensors.machine(tmp_path, info)
    assert (state.memory_used, state.swap_used) == (0.75, 0.0)
    assert 0 <= state.disk_free <= 1
    assert state.disk_free_bytes > 0
    nowhere = sensors.machine(tmp_path, tmp_path / "absent")
    assert (nowhere.memory_used, nowhere.swap_used) == (None, None)


VIEW = sensors.View(
    "timmy",
    "hall",
    "hall",
    (RoomInfo("hall", "the Hall"), RoomInfo("workshop", "the Workshop")),
    (ExitInfo("hall", "workshop", "workshop", "It is locked."), ExitInfo("workshop", "hall", "hall")),
    (
        ItemInfo("lens", "survey lens", room="workshop"),
        ItemInfo("gauge", "test gauge", holder="ezra"),
        ItemInfo("trowel", "trowel", holder="timmy"),
        ItemInfo("cup", "cup", holder="person:Anna"),
        ItemInfo("ash", "ash"),
    ),
    Machine(1, 0.05),
)


KINDS = discover()[0]


def test_what_is_seen():
    assert {str(f) for f in VIEW.facts()} == {
        "at(me, hall)",
        "home(hall)",
        "open(workshop, hall)",
        "in(lens, workshop)",
        "has(me, trowel)",
        "disk_low",
    }
    assert {f.predicate for f in VIEW.facts()} <= sensors.SENSED


def test_facts_and_deeds_in_words():
    fact, deed = words.of_fact(VIEW), words.of_deed(VIEW, KINDS)
    assert fact(Fact.parse("has(me, lens)")) == "having the survey lens"
    assert fact(Fact.parse("open(hall, workshop)")) == "a free way from the Hall to the Workshop"
    assert fact(Fact.parse("odd_thing(lens)")) == "odd thing the survey lens"
    assert deed("move(hall, workshop)") == "walk from the Hall to the Workshop"
    assert deed("take(lens, workshop)") == "take the survey lens in the Workshop"
    assert deed("do_test_run") == "run the tests"
    assert deed("do_survey_broken") == "try each file and each link for cracks"
    assert deed("do_build_measure(workshop)") == "pace out the ground in the Workshop"
    assert deed("write_survey") == "write the report of survey"
    assert deed("tell_survey") == "tell in the Hall what survey found"
    assert deed("do_other(workshop)") == "do other the Workshop"
    assert words.of_deed(None)("move(hall, practice_grounds)") == "walk from Hall to Practice Grounds"
    assert words.of_deed(None)("begin, somehow") == "begin, somehow"


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        ("visited(practice_grounds)", "a round of the Practice Grounds"),
        ("rested(home)", "the way home"),
        ("task 3", "task 3"),
        ("put back lens", "put back lens"),
        ("odd_thing(lens)", "odd thing lens"),
    ],
)
def test_goals_are_told_as_nouns(goal, said):
    assert words.of_goal(goal) == said


@pytest.mark.parametrize(
    ("fact", "said", "holder"),
    [
        ("open(hall, workshop)", "the way from the Hall to the Workshop is barred: It is locked", ""),
        ("open(hall, moon)", "there is no way from the Hall to moon", ""),
        ("has(me, gauge)", "Ezra has the test gauge", "ezra"),
        ("in(cup, hall)", "Anna has the cup", "person:Anna"),
        ("has(me, ash)", "the ash is nowhere to be found", ""),
        ("ready(keep_journal)", "nothing was done", ""),
        ("done(survey, x)", "nothing brings about x (survey) done", ""),
    ],
)
def test_obstacles_are_read_off_the_world(fact, said, holder):
    found = words.obstacle(VIEW, Fact.parse(fact), {"ezra": "Ezra"}, {"keep_journal": "nothing was done."})
    assert (found.words, found.holder) == (said, holder)


def test_the_board_in_one_sentence():
    assert sentence({}) == "The board is empty."
    assert sentence({"COMPLETED": 1}) == "On the board: 1 is done."
    assert sentence({"COMPLETED": 2, "PENDING_APPROVAL": 1, "VETOED": 4}) == (
        "On the board: 1 waits for the owner's word, 2 are done."
    )

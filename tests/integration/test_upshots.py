"""What came of a task is told as what it is, wherever tasks are counted; and how soon work begins."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.events.models import Event
from agents.governance.rules import Actor
from agents.work.kind import Upshot
from agents.work.kinds import run_tests, survey
from commands import verbs
from commands.verbs import Caller
from tests.support import light_house
from tests.support.furnished import Furnished as House
from tests.support.light_house import OWNER, run
from tests.support.light_world import LightWorld
from world import screen
from world.functions import achievement_hall

pytestmark = pytest.mark.django_db

MIA = Actor("person", "mia")
ENDING = """

def _upshot(params, results):
    from agents.work.kind import Upshot
    return {
        "bad": Upshot("1 of 2 tests fails in ~/broken", well=False),
        "void": Upshot("no test ran in ~/void", done=False),
    }.get(params.subject, Upshot("2 tests passed in ~/sound"))


import dataclasses
KIND = dataclasses.replace(KIND, upshot=_upshot)
"""


@pytest.fixture
def house(tmp_path: Path) -> House:
    kinds = light_house.kinds_folder(tmp_path)
    (kinds / "chore.py").write_text(light_house.CHORE + ENDING)
    made = light_house.house(
        tmp_path, LightWorld.founding(), [light_house.persona("timmy")], kinds=kinds, seal_seconds=10
    )
    made.events.append("person.left", OWNER, via="system")
    return made


def asked(house: House, line: str, actor: Actor = OWNER, width: int = 78) -> str:
    word, _, rest = line.partition(" ")
    reply = verbs.run(house, Caller(actor, "telnet", "hall", width=width), word, rest)
    return "\n".join(screen.unmarked(one) for one in reply.lines)


def worked(house: House, *what: str) -> None:
    for number, one in enumerate(what, 1):
        house.work.propose(f"Chore {one}", "", OWNER, "telnet")
        asked(house, f"read {number}")
        asked(house, f"ok {number}")
    over = {"COMPLETED", "FAILED"}
    assert run(house, lambda: all(house.work.get(n).status in over for n in range(1, len(what) + 1)), seconds=900)


def test_the_first_step_comes_within_15_seconds_of_the_ok_when_somebody_is_free(house: House) -> None:
    run(house, seconds=30)
    for one in range(3):
        house.work.propose(f"Chore {one}", "", OWNER, "telnet")
    asked(house, "read 1-3")
    asked(house, "ok 2")
    assert run(house, lambda: house.work.get(2).steps_taken > 0, seconds=60)
    sealed = Event.objects.get(topic="approval.sealed", task=2).at
    first = Event.objects.filter(agent="timmy", task=2, topic__in=("agent.timmy.did", "agent.timmy.move")).first()
    assert first is not None
    assert timedelta(seconds=10) <= first.at - sealed <= timedelta(seconds=15)


def test_outcomes_are_told_on_arrival_board_lectern_and_with_the_task(house: House) -> None:
    worked(house, "bad", "void", "good")
    assert [house.work.get(n).status for n in (1, 2, 3)] == ["COMPLETED", "FAILED", "COMPLETED"]
    assert house.work.get(2).reason == "no test ran in ~/void", "what could not be tried is not done"
    assert house.work.artifacts(2), "its report stands all the same"
    arrived, board, lectern = (asked(house, line) for line in ("arrival", "board", "lectern"))
    assert "task 2                  no test ran in ~/void" in arrived
    assert "task 1                  1 of 2 tests fails in ~/broken" in arrived
    assert "2 done, 1 failed, 2 with bad news" in arrived
    for line in ("1 of 2 tests fails in ~/broken", "no test ran in ~/void", "2 tests passed in ~/sound"):
        assert line in board
    assert "1 of 2 tests fails in ~/broken (task 1)" in lectern and "~/sound" not in lectern
    assert "Outcome   1 of 2 tests fails in ~/broken" in asked(house, "task 1")
    assert "Timmy failed at task 2: no test ran in ~/void" in asked(house, "feed 100")
    assert "completed task 1: 1 of 2 tests fails in ~/broken" in asked(house, "feed 100")
    assert any("1 of 2 tests fails" in line for line in achievement_hall._tags(house, OWNER))


def test_what_came_of_it_is_the_owners_until_he_shows_it(house: House) -> None:
    worked(house, "bad")
    for line in ("board", "lectern", "arrival", "task 1", "feed 50"):
        assert "1 of 2" not in asked(house, line, MIA), line
    assert not any("1 of 2" in line for line in achievement_hall._tags(house, MIA))
    house.work.show(1, ["mia"], OWNER, "telnet")
    assert "1 of 2" in asked(house, "board", MIA) and "1 of 2" in asked(house, "task 1", MIA)


def test_a_task_that_is_tried_again_has_the_outcome_of_its_last_attempt(house: House) -> None:
    worked(house, "void")
    asked(house, "retry 1")
    assert house.work.upshots([house.work.get(1)]) == {}
    assert run(house, lambda: house.work.get(1).status == "FAILED", seconds=600)
    assert house.work.upshots([house.work.get(1)]) == {1: Upshot("no test ran in ~/void", well=False)}


FOUND = {"runner": "pytest", "passed": 1, "failed": 1, "errors": 0, "skipped": 0, "ran": 2, "failures": []}
RAN: dict[str, Any] = {"outcome": FOUND, "code": 1, "late": False, "missing": ""}


@pytest.mark.parametrize(
    ("changed", "line", "well", "done"),
    [
        ({}, "1 of 2 tests fails in ~/p", False, True),
        ({"outcome": {**FOUND, "failed": 2, "ran": 3}}, "2 of 3 tests fail in ~/p", False, True),
        ({"outcome": {**FOUND, "failed": 0}, "code": 0}, "1 test passed in ~/p", True, True),
        ({"outcome": {**FOUND, "failed": 0, "skipped": 3}, "code": 0}, "1 test passed in ~/p, 3 skipped", True, True),
        ({"outcome": {**FOUND, "failed": 0}}, "no test fails in ~/p, but the command ended with code 1", False, True),
        ({"outcome": {**FOUND, "passed": 0, "failed": 0, "ran": 0}, "code": 0}, "no test ran in ~/p", True, False),
        ({"outcome": None, "missing": "npm"}, "no test of ~/p ran: there is no npm in the sandbox", True, False),
        ({"outcome": None, "code": 0}, "the test command of ~/p ended well, and reported no test", True, True),
        ({"late": True}, "the tests of ~/p did not end within the time limit", False, True),
    ],
)
def test_what_a_run_of_tests_comes_to(changed: dict[str, Any], line: str, well: bool, done: bool) -> None:
    params = run_tests.Params(path=str(Path.home() / "p"), command="x", found="")
    assert run_tests.KIND.upshot is not None
    assert run_tests.KIND.upshot(params, {"run": RAN | changed}) == Upshot(line, well, done)


def test_what_a_survey_comes_to() -> None:
    params, upshot = survey.Params(path=str(Path.home() / "p")), survey.KIND.upshot
    assert upshot is not None
    found = {"files": {"files": 12}, "broken": {"count": 0}, "markers": {"count": 2}, "commits": {"head": "abc"}}
    assert upshot(params, found) == Upshot("nothing is broken among 12 files in ~/p, 2 open markers")
    assert upshot(params, {**found, "broken": {"count": 1}}) == Upshot("1 broken thing among 12 files in ~/p", False)
    assert upshot(params, {"commits": {"head": ""}}) == Upshot("~/p has no commits yet")

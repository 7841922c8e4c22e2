"""Events in words: one line a deed, no code in it, and nothing told twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.events.models import Event
from agents.events.topic import kind_of
from commands import telling
from world.screen import unmarked


def event(topic: str, step: str = "", **data: object) -> Event:
    return Event(
        seq=1, at=datetime(2026, 4, 1, tzinfo=UTC), topic=topic, actor="agent:ezra", agent="ezra", step=step, data=data
    )


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            event("agent.ezra.plan", steps=3, goal="visited(practice_grounds)", reason="he must know it"),
            "Ezra plan 0/3  for a round of the Practice Grounds: he must know it",
        ),
        (
            event("agent.ezra.did", "s1", index=4, of=6, text="run the tests", said="3 of 41 fail"),
            "Ezra plan 4/6  run the tests: 3 of 41 fail",
        ),
        (
            event("agent.ezra.step.failed", "s1", action="move(hall, practice_grounds)", error="The way is locked."),
            "Ezra FAIL  walk from Hall to Practice Grounds: The way is locked.",
        ),
        (event("agent.ezra.move", "s1", to="practice_grounds"), "Ezra goes to Practice Grounds"),
    ],
)
def test_an_event_is_a_sentence(told: Event, said: str) -> None:
    assert unmarked(telling.sentence(told)) == said


def test_one_step_is_told_once() -> None:
    step = [
        event("agent.ezra.emote", "s1", text="settles down."),
        event("agent.ezra.did", "s1", index=1, of=1, text="settle", said=""),
        event("agent.ezra.reached", goal="rested(home)"),
    ]
    assert [kind_of(e.topic) for e in step if not telling.is_quiet(e)] == ["emote"]
    assert [kind_of(e.topic) for e in step if telling.is_step_line(e)] == ["did"]


def test_who_left_is_said() -> None:
    left = Event(seq=1, at=datetime(2026, 4, 1, tzinfo=UTC), topic="person.left", actor="owner:alex", data={})
    assert telling.sentence(left) == "alex has left"


def life(agent: str, state: str) -> Event:
    return Event(
        seq=1,
        at=datetime(2026, 4, 1, tzinfo=UTC),
        topic=f"agent.{agent}.life",
        actor=f"agent:{agent}",
        agent=agent,
        data={"state": state},
    )


def test_who_wakes_or_closes_its_eyes_with_others_is_told_with_them() -> None:
    said = event("agent.ezra.say", "s1", text="hm")
    events = [
        life("timmy", "SHUTDOWN"),
        life("ezra", "SHUTDOWN"),
        life("timmy", "READY"),
        life("ezra", "READY"),
        said,
        life("ezra", "READY"),
    ]
    assert [unmarked(line).split(" ", 1)[1] for line in telling.lines(events)] == [
        "Timmy, Ezra close their eyes",
        "Timmy, Ezra are awake",
        'Ezra says "hm"',
        "Ezra is awake",
    ]


def test_rooms_and_steps_are_told_by_the_names_the_house_knows() -> None:
    from types import SimpleNamespace

    from agents.work.kind import discover

    names = {"hall": "Fraternity Hall"}
    known = SimpleNamespace(room_name=lambda key: names.get(key, key))
    house = SimpleNamespace(kinds=discover()[0], need=lambda port: known)
    assert (
        unmarked(telling.sentence(event("agent.ezra.move", "s1", to="hall"), house)) == "Ezra goes to Fraternity Hall"
    )
    assert unmarked(telling.sentence(event("agent.ezra.move", "s1", to="lost_room"), house)) == "Ezra goes to Lost Room"
    failed = event("agent.ezra.step.failed", "s1", action="do_test_run", error="no.")
    assert unmarked(telling.sentence(failed, house)) == "Ezra FAIL  run the tests: no."

"""The report of a run says what its tables say, whoever wrote the words in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest

from agents.events.models import Event
from agents.lineage import persona
from agents.mind.models import PlanRecord
from agents.simulation import account
from agents.simulation.run import LightPlace, Simulation
from agents.work.models import Step, Task
from server import reporting
from tests.support.pages import Page
from world import mapfile

pytestmark = pytest.mark.django_db
START = datetime(2026, 4, 1, 8, tzinfo=UTC)
HOSTILE = '"><script>alert(1)</script><img src=//x.example/y>\x1b[31m'


@pytest.fixture
def run(tmp_path):
    place = LightPlace(mapfile.read().rooms)
    place.world.room("hall", HOSTILE, place.world.functions["hall"])
    made = Simulation(place, persona.load_all()[0], 8, 5, tmp_path, start=START)
    made.house.events.unit.on_commit = lambda function: function()  # a test's own transaction is never committed
    made.run(3)
    return made


def read(run):
    names = {room.key: room.name for room in run.house.world.rooms()}
    return account.read(START, run.clock.now(), run.house.roster, names)


def test_each_table_of_the_page_has_what_the_tables_have(run):
    told = read(run)
    page = Page(reporting.page(reporting.Run(asdict(run.figures()), 5, "timmy simulate"), told))
    told_steps = [step for step in Step.objects.filter(state="done") if step.action != "tell_why"]

    # every five minutes, by kind of act
    head, *rows = page.tables["Steps done"]
    assert [row[0] for row in rows] == [f"{START + i * timedelta(minutes=5):%H:%M}" for i in range(36)]
    expected = Counter(
        ((s.finished_at - START) // timedelta(minutes=5), s.action.partition("(")[0]) for s in told_steps
    )
    shown = {(i, head[j]): int(row[j]) for i, row in enumerate(rows) for j in range(1, len(head)) if row[j] != "0"}
    assert shown == expected
    assert sum(shown.values()) == run.figures().agent_steps > 500

    # who did something
    acted = [
        len({s.agent for s in told_steps if (s.finished_at - START) // timedelta(minutes=5) == i}) for i in range(36)
    ]
    assert [int(row[1]) for row in page.tables["Agents"][1:]] == acted
    assert {int(row[2]) for row in page.tables["Agents"][1:]} == {8}, "by nine all are up"

    # tasks: what the events lead to is what the table has
    labels = account.OPEN | account.ENDED
    by_status = Counter(labels[status] for status in Task.objects.values_list("status", flat=True))
    assert {name: int(count) for name, count in page.tables["All tasks at the end"][1:]} == by_status
    head, *rows = page.tables["Open tasks"]
    assert dict(zip(head[1:], map(int, rows[-1][1:]), strict=True)) == {
        name: by_status[name] for name in account.OPEN.values()
    }
    head, *rows = page.tables["Tasks that ended"]
    done_at = Counter((t.finished_at - START) // timedelta(minutes=5) for t in Task.objects.filter(status="COMPLETED"))
    assert {i: int(row[head.index("done")]) for i, row in enumerate(rows) if row[head.index("done")] != "0"} == done_at
    assert sum(done_at.values()) == run.figures().tasks_done > 0

    # goals and plans
    own = Counter(PlanRecord.objects.exclude(origin="").filter(task=None).values_list("goal", "state"))
    _, *rows = page.tables["Goals pursued"]
    shown = {
        row[0]: list(map(int, (cell.replace(",", "") for cell in row[1:6])))
        for row in rows
        if not row[0].startswith("a task")
    }
    for goal, figures in shown.items():
        assert figures[1:] == [own[goal, state] for state in ("done", "dropped", "failed", "running")]
        assert figures[0] == sum(figures[1:])
    assert {goal for goal, _ in own} <= set(shown)
    head, *rows = page.tables["Steps of a plan"]
    assert head == ["steps", "searched", "known", "resumed"]
    lengths = Counter(len(steps) for steps in PlanRecord.objects.exclude(origin="").values_list("steps", flat=True))
    assert {int(row[0]): total for row in rows if (total := sum(map(int, row[1:])))} == lengths
    resumed = PlanRecord.objects.filter(origin__startswith="resumed").count()
    assert sum(int(row[3]) for row in rows) == resumed

    # what went wrong
    _, *rows = page.tables["What went wrong"]
    assert sum(int(row[1]) for row in rows) == Step.objects.filter(state="failed").count()
    assert sum(int(row[2]) for row in rows) == Event.objects.filter(topic__endswith=".replan").count()
    stuck = Counter(e.data["reason"] for e in Event.objects.filter(topic__regex=r"\.stuck$|^task\.escalated$"))
    assert sum(int(row[3]) for row in rows) == stuck.total()
    _, *rows = page.tables.get("Why goals were given up", [[]])
    assert {row[0]: int(row[1]) for row in rows} == dict(sorted(stuck.items(), key=lambda one: (-one[1], one[0]))[:12])
    failed = Counter(Step.objects.filter(state="failed").values_list("error", flat=True))
    _, *rows = page.tables.get("Why steps failed", [[]])
    assert {row[0]: int(row[1]) for row in rows} == dict(sorted(failed.items(), key=lambda one: (-one[1], one[0]))[:12])

    # rooms
    walked = Counter(event.data["to"] for event in Event.objects.filter(topic__endswith=".move"))
    names = {room.name: room.key for room in run.house.world.rooms()}
    _, *rows = page.tables["The busiest rooms"]
    hall = next(row for row in rows if "script" in row[0])
    assert int(hall[1]) == walked["hall"]
    assert {names[row[0]]: int(row[1]) for row in rows if row is not hall and row[1] != "0"} == {
        room: count for room, count in walked.items() if room != "hall"
    }
    assert sum(int(cell) for row in rows for cell in row[1:]) == len(told_steps)


def test_the_page_fetches_and_runs_nothing_whatever_names_say(run):
    Step.objects.filter(id=Step.objects.filter(state="done").first().id).update(state="failed", error=HOSTILE)
    text = reporting.page(reporting.Run(asdict(run.figures()), 5, f"timmy {HOSTILE}"), read(run))
    page = Page(text)
    assert not page.tags & {"script", "img", "link", "iframe", "object", "embed", "form", "a"}
    assert not [a for a in page.attributes if a[1].startswith("on") or a[1] in ("src", "href", "xlink:href")]
    assert "url(" not in text
    assert "@import" not in text
    assert "\x1b" not in text
    assert page.words.count("<script>alert(1)</script>") >= 3, "it is shown as what it is"
    assert run.figures().digest in page.words


def test_a_run_in_which_nothing_happened_has_a_page_too(tmp_path):
    made = Simulation(LightPlace(mapfile.read().rooms), {}, 0, 5, tmp_path, start=START)
    told = account.read(START, START, {}, {})
    assert told.columns == 1
    assert Page(reporting.page(reporting.Run(asdict(made.figures()), 5, "x"), told)).tables["Goals pursued"][1:] == []


@pytest.mark.parametrize("hours", [0.01, 1, 3, 24, 30, 24 * 7, 24 * 366])
def test_any_length_has_columns_that_can_be_told_apart(hours):
    told = account.read(START, START + timedelta(hours=hours), {}, {})
    assert 1 <= told.columns <= account.MOST_COLUMNS
    assert told.at(told.columns - 1) < told.end <= told.at(told.columns)

"""The real kinds of work done by a mind from proposal to report: survey, test, build (T7)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from agents.events.models import Event
from agents.kernel.errors import NotFound
from agents.work.kind import FOLDER as KINDS
from agents.work.models import Step, Task
from tests.support.light_house import OWNER, give, house, persona, run
from tests.support.light_world import LightWorld

pytestmark = pytest.mark.django_db


def git(folder: Path, *words: str) -> str:
    who = {
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
    }
    return subprocess.run(
        ["git", "-C", str(folder), *words], check=True, capture_output=True, text=True, env=who
    ).stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for n in range(3):
        (folder / f"part{n}.py").write_text(f"def f():\n    return {n}  # TODO\n")
        git(folder, "add", ".")
        git(folder, "commit", "-qm", f"part {n}")
    return folder


@pytest.fixture
def world() -> LightWorld:
    return LightWorld.founding()


def ended(task: Task) -> bool:
    task.refresh_from_db()
    return task.status in ("COMPLETED", "PAUSED", "FAILED")


def test_a_survey_from_proposal_to_report(tmp_path, world, project):
    built = house(tmp_path, world, [persona("timmy")], kinds=KINDS)
    task = give(built, f"Survey {project}", "timmy")
    assert run(built, lambda: ended(task))
    assert (task.status, task.reason) == ("COMPLETED", "")
    report = built.work.artifact_text(task.pk, "report")
    assert "Ada" in report
    results = built.work.artifact_text(task.pk, "results")
    assert git(project, "rev-list", "--count", "HEAD").strip() == "3"
    assert '"commits": 3' in results
    assert world.deeds("timmy", "say")[-1] == task.result
    assert world.standing["timmy"] == "hall"
    done = list(Step.objects.filter(task=task, state="done").order_by("id").values_list("action", flat=True))
    assert done[:2] == ["move(hall, workshop)", "take(lens, workshop)"]
    assert done[-1] == "tell_survey"
    kept = git(tmp_path / "state" / "homes" / "timmy", "log", "--format=%an %s")
    assert f"timmy Task {task.pk}: report" in kept


def test_a_room_is_built_and_can_be_visited(tmp_path, world):
    built = house(tmp_path, world, [persona("bezalel"), persona("timmy", "visited(reading_nook) 1h 1")], kinds=KINDS)
    task = give(built, 'Build Reading Nook beside Library = "Two chairs."', "bezalel")
    assert run(built, lambda: ended(task))
    assert (task.status, task.reason) == ("COMPLETED", "")
    assert ("library", "reading_nook") in world.ways
    events = Event.objects.filter(topic="agent.bezalel.build")
    assert [e.data["room"] for e in events] == ["reading_nook"]
    built.mind("timmy").waits.clear()
    built.minds.wake("timmy")
    assert run(built, lambda: world.standing.get("timmy") == "reading_nook")


def test_a_room_beside_none_is_refused_when_it_is_proposed(tmp_path, world):
    built = house(tmp_path, world, [persona("bezalel")], kinds=KINDS)
    with pytest.raises(NotFound, match=r"no room called Libary\. Nearest: library") as refused:
        built.work.propose("Build Reading Nook beside Libary", '"Two chairs."', OWNER, "telnet")
    assert refused.value.next == "map"
    assert not Task.objects.exists()
    task = built.work.propose("Build Reading Nook beside the Library", '"Two chairs."', OWNER, "telnet")
    with pytest.raises(NotFound, match="no room called Moon"):
        built.work.edit(task.pk, title="Build Reading Nook beside Moon", actor=OWNER, via="telnet")
    assert built.work.get(task.pk).title == "Build Reading Nook beside the Library"


def test_a_suite_is_run_and_its_failures_told(tmp_path, world, project):
    (project / "test_part.py").write_text(
        "import unittest\nclass T(unittest.TestCase):\n    def test_good(self): pass\n"
        "    def test_bad(self): self.fail('off by one')\n"
    )
    built = house(tmp_path, world, [persona("timmy")], kinds=KINDS)
    task = give(built, f"Test {project}", "timmy")
    assert run(built, lambda: ended(task))
    assert (task.status, task.reason) == ("COMPLETED", "")
    assert "1 passed, 1 failed" in task.result
    assert "off by one" in built.work.artifact_text(task.pk, "report")


def test_what_was_not_approved_is_not_done(tmp_path, world, project):
    """Somebody turns the task to another path behind the approval's back (A4)."""
    built = house(tmp_path, world, [persona("timmy")], kinds=KINDS)
    task = give(built, f"Survey {project}", "timmy")
    secret = tmp_path / "secret"
    secret.mkdir()
    Task.objects.filter(pk=task.pk).update(params={**task.params, "path": str(secret)})
    assert run(built, lambda: ended(task))
    assert task.status == "PAUSED"
    assert "it is not what was approved" in task.reason
    assert not Step.objects.filter(action__startswith="do_survey").exists()


def test_work_that_nobody_can_do_yet_stays_with_the_reason(tmp_path, world):
    built = house(tmp_path, world, [persona("timmy")], kinds=KINDS)
    task = give(built, "Write me a song", "timmy")
    run(built, seconds=60)
    task.refresh_from_db()
    assert task.status == "APPROVED"
    assert "no agent can" in built.work.waiting(task)

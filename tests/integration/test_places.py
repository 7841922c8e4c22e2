"""What was approved is a place, not a name: whatever becomes of the path, nothing else passes for it (A2)."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.governance import record
from agents.governance.models import Approval
from agents.kernel.errors import NotAllowed, NotFound
from agents.kernel.runtime import Runtime
from agents.work import artifacts, places
from agents.work.effect import Effect
from agents.work.ports import inline
from agents.work.sandbox import Job, Result
from agents.work.toolbox import Toolbox
from agents.work.tools.files import ListInput
from agents.work.tools.terminal import TerminalInput
from tests.support import services
from tests.support.sandboxes import settings
from tests.support.services import OWNER, Services

pytestmark = pytest.mark.django_db


@pytest.fixture
def house(tmp_path: Path) -> Services:
    return services.make(tmp_path / "state")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What is approved, two levels deep, beside what must not take its place."""
    for name in ("above/folder", "elsewhere/folder"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "file").write_text(name)
    return tmp_path / "above" / "folder"


def running(house: Services, path: Path, before: Callable[[], object] = lambda: None) -> int:
    """A task on `path` that runs; `before` is done when it was proposed and not yet read."""
    number = house.count(str(path))
    before()
    house.approve(number)
    house.work.assign(number, "timmy", OWNER, "telnet")
    house.work.claim(number, "timmy")
    return number


def authorised(house: Services, number: int, path: Path, kind: str = "read") -> dict[str, str]:
    return house.work.authorise(house.work.get(number), (Effect(kind, str(path)),))


def link_itself(folder: Path) -> None:
    folder.rename(folder.parent / "kept")
    folder.symlink_to(folder.parent.parent / "elsewhere" / "folder")


def link_to_itself(folder: Path) -> None:
    folder.rename(folder.parent / "kept")
    folder.symlink_to("kept")


def link_parent(folder: Path) -> None:
    folder.parent.rename(folder.parent.parent / "kept")
    folder.parent.symlink_to("elsewhere")


def other_parent(folder: Path) -> None:
    folder.parent.rename(folder.parent.parent / "kept")
    (folder.parent.parent / "elsewhere").rename(folder.parent)


def made_again(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def moved(folder: Path) -> None:
    folder.rename(folder.parent / "kept")


EXCHANGES = (link_itself, link_to_itself, link_parent, other_parent, made_again, moved)


@pytest.mark.parametrize("when", ["read", "used"])
@pytest.mark.parametrize("exchange", EXCHANGES)
def test_what_was_exchanged_is_refused_whenever_that_was(
    house: Services, folder: Path, exchange: Any, when: str
) -> None:
    number = running(house, folder, (lambda: exchange(folder)) if when == "read" else lambda: None)
    if when == "used":
        assert authorised(house, number, folder) == {str(folder): places.place_of(folder)}
        exchange(folder)
    with pytest.raises(NotAllowed, match=f"moved, replaced or recreated.*backlog {number} and then reopen {number}"):
        authorised(house, number, folder)
    assert house.events.last(1, "task.refused")[0].task == number
    house.work.block(number, "timmy", "x")
    house.work.backlog(number, "", OWNER, "telnet")
    house.work.reopen(number, OWNER, "telnet")
    house.approve(number)
    house.work.claim(number, "timmy")
    if exchange in (made_again, other_parent):
        assert authorised(house, number, folder), "what is there now was read and approved"


def test_what_was_exchanged_and_put_back_is_the_same(house: Services, folder: Path) -> None:
    number = running(house, folder)
    link_itself(folder)
    folder.unlink()
    (folder.parent / "kept").rename(folder)
    (folder / "more").write_text("what is in it may change")
    assert authorised(house, number, folder)


def test_the_place_is_part_of_what_is_approved(house: Services, folder: Path, tmp_path: Path) -> None:
    number = running(house, folder)
    approval = Approval.objects.get(task=number)
    effects = [approval.effects[0] | {"place": places.place_of(tmp_path / "elsewhere" / "folder")}]
    Approval.objects.filter(id=approval.id).update(effects=effects)
    with pytest.raises(NotAllowed, match="not what was approved"):
        authorised(house, number, folder)


def test_what_was_approved_before_places_were_recorded_is_approved_again(house: Services, folder: Path) -> None:
    number = running(house, folder)
    approval = Approval.objects.get(task=number)
    approval.effects = [{"kind": "read", "target": str(folder)}]
    approval.digest = record.content_digest(approval)
    approval.save()
    with pytest.raises(NotAllowed, match=f"was not recorded.*backlog {number} and then reopen {number}"):
        authorised(house, number, folder)


def test_what_appears_where_nothing_was_is_refused(house: Services, tmp_path: Path) -> None:
    path = tmp_path / "nothing yet"
    number = running(house, path)
    assert authorised(house, number, path) == {}
    path.symlink_to("/etc")
    with pytest.raises(NotAllowed, match="was not recorded"):
        authorised(house, number, path)


def test_a_file_that_is_to_be_written_is_held_by_the_folder_around_it(folder: Path) -> None:
    (effect,) = places.declared([Effect("write", str(folder / "new"))])
    assert places.changed(effect) == ""
    (folder / "new").write_text("written by the first step")
    assert places.changed(effect) == ""
    (folder / "new").unlink()
    (folder / "new").symlink_to("/etc/passwd")
    assert "replaced" in places.changed(effect)
    (folder / "new").unlink()
    link_parent(folder)
    assert "replaced" in places.changed(effect)


def test_effects_that_are_no_paths_have_no_place() -> None:
    effects = [
        Effect("world", "garden"),
        Effect("execute", "/bin/true"),
        Effect("read", "relay.example"),
        Effect("read", "/no\0path"),
    ]
    assert all(set(found) == {"kind", "target"} for found in places.declared(effects))


# -- the tools ---------------------------------------------------------------------------


class Sandbox:
    """Runs nothing; `before` is done in the instant in which a job would begin."""

    name = "recorder"

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def run(self, job: Job) -> Result:
        self.jobs.append(job)
        return Result(0, b"", b"", 0.1)


@pytest.fixture
def box(tmp_path: Path, folder: Path) -> Toolbox:
    given = settings(tmp_path, read_paths=(tmp_path,))
    events = SimpleNamespace(append=lambda *args, **more: None)
    return Toolbox(
        Runtime(given), "timmy", ("core", "hands"), Sandbox(), inline, artifacts.ensure_home(given, "timmy"), events
    )  # type: ignore[arg-type]


def test_every_job_names_what_its_folders_are(box: Toolbox, folder: Path) -> None:
    asyncio.run(box.call("files.list", ListInput(path=folder)))
    asyncio.run(box.call("terminal", TerminalInput(shell="true", read=(folder,), write_home=True)))
    for job in box.sandbox.jobs:  # type: ignore[attr-defined]
        assert set(job.places) == {*job.read, *([job.write] if job.write else [])}
        assert all(place == places.place_of(path) != "" for path, place in job.places.items())


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_tool_uses_only_what_was_approved_for_the_step(box: Toolbox, folder: Path, exchange: Any) -> None:
    held = box.at("S", None, 1, {str(folder): places.place_of(folder)})  # type: ignore[arg-type]
    asyncio.run(held.call("files.list", ListInput(path=folder)))
    os.chmod(folder, 0o755)  # changes nothing
    asyncio.run(held.call("files.list", ListInput(path=folder)))
    exchange(folder)
    with pytest.raises((NotAllowed, NotFound), match=r"replaced|There is no"):
        asyncio.run(held.call("files.list", ListInput(path=folder)))
    assert len(held.sandbox.jobs) == 2  # type: ignore[attr-defined]

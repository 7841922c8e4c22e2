"""The real server: a job cannot call what listens in its project, and what was exchanged after the approval is not
done.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system import jobs
from tests.system.harness import World
from tests.system.jobs import Control

CALL = """
import os, socket, sys
folder = sys.argv[1]
for name in sorted(os.listdir(folder)):
    path = os.path.join(folder, name)
    if not os.path.isfile(path):
        try:
            if name.endswith("sock"): socket.socket(socket.AF_UNIX).connect(path)
            else: os.open(path, os.O_WRONLY | os.O_NONBLOCK)
            print(name, "answers")
        except OSError: print(name, "is deaf")
"""


@pytest.fixture
def shell(busy_world: World) -> Iterator[Control]:
    link = jobs.control(busy_world)
    yield link
    link.close()


def test_a_job_reaches_nothing_that_listens_in_its_project(busy_world: World, shell: Control) -> None:
    folder = Path(str(busy_world.settings["read_paths"])) / "listening"
    folder.mkdir()
    (folder / "call.py").write_text(CALL)
    os.mkfifo(folder / "dev.pipe")
    pipe = os.open(folder / "dev.pipe", os.O_RDONLY | os.O_NONBLOCK)
    before = os.getcwd()
    with socket.socket(socket.AF_UNIX) as listener:
        os.chdir(folder)
        try:
            listener.bind("dev.sock")
        finally:
            os.chdir(before)
        listener.listen()
        listener.setblocking(False)
        for name in ("dev.sock", "dev.pipe"):
            (folder / name).chmod(0o777)
        number = jobs.proposed(shell, f"Test {folder} = $ python3 call.py {folder}")
        assert shell.ask("ok", str(number))["exit"] == 0
        assert jobs.ended(busy_world, [number]) == {number: "COMPLETED"}
        report = shell.ask("task", f"{number}/report")["data"]["text"]
        assert "dev.pipe is deaf\ndev.sock is deaf" in report
        with pytest.raises(BlockingIOError):
            listener.accept()
    os.close(pipe)


def test_what_was_exchanged_after_the_approval_is_not_done(busy_world: World, shell: Control) -> None:
    around = Path(str(busy_world.settings["read_paths"])) / "exchanged"
    numbers = {}
    for how in ("link", "other", "stays"):
        for name in (how, f"{how}-secret"):
            (around / name).mkdir(parents=True)
            (around / name / "file").write_text(name)
        numbers[how] = jobs.proposed(shell, f"Test {around / how} = $ cat file")
    assert shell.ask("ok", " ".join(map(str, numbers.values())))["exit"] == 0
    for how in ("link", "other"):
        (around / how).rename(around / f"{how}-away")
    (around / "link").symlink_to("link-secret")
    (around / "other-secret").rename(around / "other")
    wanted = {numbers["link"]: "PAUSED", numbers["other"]: "PAUSED", numbers["stays"]: "COMPLETED"}
    assert jobs.ended(busy_world, wanted) == wanted
    for how in ("link", "other"):
        told = "\n".join(shell.ask("task", str(numbers[how]))["lines"])
        assert "moved, replaced or recreated" in told
        query = (
            "select count(*) as n from agents_step where task_id = ? and state = 'done' and action like 'do_test_run%'"
        )
        assert jobs.rows(busy_world, query, numbers[how]) == [{"n": 0}]

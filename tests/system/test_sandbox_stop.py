"""A world that goes down does not wait for the commands of its agents (T5)."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from agents.kernel.errors import Unavailable
from agents.work.sandbox import Job, Limits
from agents.work.sandbox.bare import Bare
from tests.support.sandboxes import running, usable

HOUR = Limits(seconds=3600)


@pytest.mark.parametrize("name", ["bubblewrap", "landlock", "bare"])
def test_commands_under_way_are_ended_and_no_more_are_begun(name, tmp_path):
    box = Bare() if name == "bare" else usable(name, tmp_path)
    marker = f"3599.{time.monotonic_ns()}"
    with ThreadPoolExecutor() as threads:
        waiting = [
            threads.submit(box.run, Job(("sh", "-c", f"sleep {marker} & sleep {marker}"), limits=HOUR))
            for _ in range(3)
        ]
        deadline = time.monotonic() + 60
        while len([pid for pid in running(marker) if "sleep" in _name(pid)]) < 6 and time.monotonic() < deadline:
            time.sleep(0.05)
        box.stop()
        results = [one.result(timeout=60) for one in waiting]
    assert [result.ended for result in results] == ["stop"] * 3
    assert not any(result.ok for result in results)
    deadline = time.monotonic() + 60  # what was killed with its parent is gone when init has taken it up
    while running(marker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running(marker) == []
    with pytest.raises(Unavailable, match="shutting down"):
        box.run(Job(("true",)))


def _name(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/comm") as file:
            return file.read()
    except (FileNotFoundError, ProcessLookupError):
        return ""

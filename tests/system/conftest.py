"""Worlds for system tests: one shared by those who do not harm it, fresh ones for the others."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.system import harness
from tests.system.harness import World

LONGEST = (
    "test_main_job", "test_faults_clock", "test_wire", "test_following", "test_operations_troubles", "test_faults_minds", "test_survival",
    "test_logins", "test_shown_is_done", "test_operations", "test_crowd", "test_bad_input", "test_faults_kills", "test_text_of_others",
    "test_web_client", "test_simulate_saving",
)  # fmt: skip
"""Files that are begun first, so that none of them is left alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here starts real processes, and so may take its time."""
    here = Path(__file__).parent
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.system)
            item.add_marker(pytest.mark.timeout(7200 if item.get_closest_marker("soak") else 900))


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A state folder as `timmy run` prepares it, made once by whichever worker comes first; worlds begin from a copy."""
    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        folder = folder.parent
    made, whole = World(folder / "prepared"), folder / "prepared" / "whole"
    with (folder / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            done = made.python("-m", "server.prepare")
            assert done.returncode == 0, done.stderr
            whole.touch()
    return made.state


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[World]:
    """A running world for tests that leave it as they found it."""
    with harness.world(tmp_path_factory.mktemp("w"), prepared) as made:
        yield made


@pytest.fixture(scope="session")
def busy_world(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[World]:
    """A running world that many tests may fill with tasks: quick agents, verdicts that take effect at
    once, and `readable` beside its state as the one folder that may be read.
    """
    folder = tmp_path_factory.mktemp("b")
    (folder / "readable").mkdir()
    quick = {"seal_seconds": 0, "step_seconds": 0.05, "grace_seconds": 0.5, "read_paths": folder / "readable"}
    with harness.world(folder, prepared, **quick) as made:
        yield made


@pytest.fixture
def fresh_world(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[Callable[..., World]]:
    """Starts a world of the test's own: `fresh_world(grace_seconds=1)`."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(
            harness.world(tmp_path_factory.mktemp("f"), prepared, **settings)
        )


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A model file of llama.cpp's, and its hash."""
    from tests.support import tiny_gguf

    path = tmp_path_factory.mktemp("model") / "tiny.gguf"
    return path, tiny_gguf.make(path)

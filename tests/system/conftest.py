"""Worlds for system tests: one shared by those who do not harm it, fresh ones for the others."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support import durations
from tests.system import harness
from tests.system.harness import World


def pytest_configure(config: pytest.Config) -> None:
    """How long tests take is kept by the process that hears of all of them."""
    if hasattr(config, "cache") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(durations.Durations(config.cache))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Everything here starts real processes, and so may take its time. Files that took longest are begun first."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.system)
            item.add_marker(pytest.mark.timeout(7200 if item.get_closest_marker("soak") else 900))
    items[:] = durations.longest_first(
        items,
        durations.known(getattr(config, "cache", None)),
        lambda item: str(item.path),
        lambda item: durations.name(item.nodeid),
        worlds,
    )


def worlds(item: pytest.Item) -> Iterator[str]:
    """The worlds that are started for a test: each begins from `prepared`. A fixture's is one for all that share it."""
    needs = item._fixtureinfo  # type: ignore[attr-defined]
    if "prepared" in needs.argnames:
        yield item.nodeid
    for name, found in needs.name2fixturedefs.items():
        if "prepared" in found[-1].argnames:
            yield item.nodeid if found[-1].scope == "function" else name


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A state folder as `timmy run` prepares it, made once by whichever worker comes first; worlds begin
    from a copy.
    """
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
    quick = {
        "seal_seconds": 0,
        "step_seconds": 0.05,
        "grace_seconds": 0.5,
        "read_paths": folder / "readable",
        "web_body_kb": 128,  # at the rate of a connection, a megabyte takes half a minute
    }
    with harness.world(folder, prepared, **quick) as made:
        yield made


@pytest.fixture
def fresh_world(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[Callable[..., World]]:
    """Starts a world of the test's own: `fresh_world(grace_seconds=1)`."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(harness.world(tmp_path_factory.mktemp("f"), prepared, **settings))


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A model file of llama.cpp's, and its hash."""
    from tests.support import tiny_gguf

    path = tmp_path_factory.mktemp("model") / "tiny.gguf"
    return path, tiny_gguf.make(path)

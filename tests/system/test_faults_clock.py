"""The machine's clock is set while a world runs: beats go on at their pace, and a seal has its time."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.system import jobs
from tests.system.harness import World, until
from tests.system.test_survival import SLUGS

JUMPS = {"an hour ahead": 3600, "an hour back": -3600, "a day ahead": 86400, "a day back": -86400}
SEAL = 5
# libfaketime (0.9.10) cannot leave running time alone: with that option a sleep of Python's is EINVAL.
DIAL = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile long *dial;

__attribute__((constructor)) static void begin(void) {
    char path[4096];
    snprintf(path, sizeof path, "%s/../dial", getenv("TIMMY_STATE_DIR"));
    int file = open(path, O_RDONLY | O_CLOEXEC);
    void *found = file < 0 ? MAP_FAILED : mmap(0, sizeof(long), PROT_READ, MAP_SHARED, file, 0);
    if (found != MAP_FAILED) dial = found;
    if (file >= 0) close(file);
}

int clock_gettime(clockid_t which, struct timespec *told) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int done = real(which, told);
    if (!done && dial && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) told->tv_sec += *dial;
    return done;
}

int gettimeofday(struct timeval *told, void *zone) {
    struct timespec now;
    int done = clock_gettime(CLOCK_REALTIME, &now);
    told->tv_sec = now.tv_sec, told->tv_usec = now.tv_nsec / 1000;
    return done;
}

time_t time(time_t *told) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (told) *told = now.tv_sec;
    return now.tv_sec;
}
"""


class Faked(World):
    """A world whose wall clock is off by what a file says; running time is the machine's."""

    library = Path()

    @property
    def dial(self) -> Path:
        """The file."""
        return self.state.parent / "dial"

    def set(self, seconds: int) -> None:
        """Set the clock of all its processes."""
        with self.dial.open("r+b") as file:
            file.write(seconds.to_bytes(8, sys.byteorder, signed=True))

    def environment(self) -> dict[str, str]:
        """With the library that lies about the time loaded into each process."""
        return super().environment() | {"LD_PRELOAD": str(self.library)}


@pytest.fixture
def faked(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[Callable[..., Faked]]:
    """Starts a world whose clock can be set."""
    if not sys.platform.startswith("linux") or shutil.which("cc") is None:
        pytest.skip(
            "setting the clock of single processes takes Linux and a C compiler (apt-get install gcc libc6-dev)"
        )
    library = tmp_path_factory.mktemp("l") / "dial.so"
    done = subprocess.run(
        ["cc", "-shared", "-fPIC", "-O2", "-o", library, "-x", "c", "-", "-ldl"],
        input=DIAL,
        text=True,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"the C compiler here cannot be used: {done.stderr[:300]}")
    worlds = []

    def start(**settings: object) -> Faked:
        made = Faked(tmp_path_factory.mktemp("k"), prepared, **settings)
        made.library = library
        made.dial.write_bytes(bytes(8))
        worlds.append(made)
        made.start()
        return made

    yield start
    for made in worlds:
        made.close()


@pytest.mark.parametrize("few", [pytest.param(True, id="few"), pytest.param(False, id="all", marks=pytest.mark.soak)])
def test_a_jump_of_the_clock_is_told_and_changes_no_pace(
    faked: Callable[..., Faked], tmp_path: Path, few: bool
) -> None:
    """All agents are at work meanwhile: visits and steps come at the rate they came before, a seal takes effect
    after its own seconds, not before and not an hour later, no task is lost by it, and the jump is told once.
    """
    repositories = [jobs.repository(tmp_path / "readable" / f"r{n}", 3) for n in range(2)]
    world = faked(seal_seconds=SEAL, step_seconds=0.5, step_budget=500, read_paths=tmp_path / "readable")
    player, link = world.login(), jobs.control(world)
    jobs.all_awake(world)
    given: list[int] = []

    def give() -> None:
        """Surveys for every agent, and wait until each is at one."""
        made = [
            (jobs.proposed(link, f"Survey {repositories[n % 2]} = {name} {n}"), SLUGS[n % len(SLUGS)])
            for n in range((1 if few else 2) * len(SLUGS))
        ]
        for number, slug in made:
            for verb, argument in (("ok", f"{number}"), ("assign", f"{number} = {slug}")):
                assert link.ask(verb, argument)["exit"] == 0
        given.extend(number for number, _ in made)
        until(lambda: running() >= len(SLUGS), "every agent is at a task", 30 * SEAL)

    def running() -> int:
        return int(
            jobs.rows(world, "select count(distinct assignee) as n from agents_task where status = 'RUNNING'")[0]["n"]
        )

    def counts() -> tuple[int, int]:
        """Visits of minds, and steps done."""
        steps = jobs.rows(world, "select count(*) as n from agents_step where state = 'done'")[0]["n"]
        return int(world.status()["inside"]["minds"]["visits"]), int(steps)

    def pace(seconds: float = 4) -> tuple[float, float]:
        before, begun = counts(), time.monotonic()
        time.sleep(seconds)
        after, took = counts(), time.monotonic() - begun
        return (after[0] - before[0]) / took, (after[1] - before[1]) / took

    for turn, (name, offset) in enumerate(list(JUMPS.items())[:: 3 if few else 1], 1):
        give()
        usual = pace()
        assert min(usual) > 0, "nobody is busy"
        number = jobs.proposed(link, f"Ponder {name} = whether it holds")
        assert link.ask("ok", str(number))["exit"] == 0
        begun = time.monotonic()
        world.set(offset)
        until(lambda turn=turn: world.status()["inside"]["clock"]["jumps"] == 2 * turn - 1, "the jump is noticed")
        state = "select state, verdict from agents_approval where task = ?"
        assert jobs.rows(world, state, number) == [{"state": "pending", "verdict": "approved"}], (
            "it can be undone still"
        )
        player.ask("look", "FRATERNITY HALL")
        after = pace()
        until(
            lambda number=number, state=state: jobs.rows(world, state, number)[0]["state"] == "approved",
            "the seal runs out",
            20 * SEAL,
        )
        took = time.monotonic() - begun
        assert took > SEAL - 1
        world.set(0)
        until(lambda turn=turn: world.status()["inside"]["clock"]["jumps"] == 2 * turn, "the way back is noticed")
        lag = world.status()["inside"]["lag_ms"]
        print(
            f"{name}: {usual[0]:.1f} visits and {usual[1]:.1f} steps a second before, {after[0]:.1f} and "
            f"{after[1]:.1f} after; "
            f"a seal of {SEAL} s took {took:.1f} s; lag p99 {lag['p99']} ms"
        )
        assert all(now < 3 * then + 5 for then, now in zip(usual, after, strict=True)), "no storm"
        assert min(after) > 0, "nobody sleeps through the hour either"
    jumped = jobs.rows(world, "select data from agents_event where topic = 'log.jumped'")
    assert len(jumped) == world.log().count("the machine's clock jumped") == 2 * turn
    player.ask("say The hour is late.", "The hour is late")
    assert world.status()["processes"][2]["crashes"] == 0
    assert set(jobs.ended(world, given).values()) == {"COMPLETED"}
    jobs.nothing_twice(world)
    jobs.all_awake(world)
    jobs.record_is_whole(world)
    assert jobs.faults(world) == []
    link.close()

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

JUMPS = {"an hour ahead": 3600, "an hour back": -3600, "a day ahead": 86400, "a day back": -86400}
SEAL = 10
# libfaketime (0.9.10) cannot leave running time alone: with that option a sleep of Python's is EINVAL.
DIAL = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile long *dial;

__attribute__((constructor)) static void begin(void) {
    int file = open(getenv("DIAL"), O_RDONLY | O_CLOEXEC);
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
        return super().environment() | {"LD_PRELOAD": str(self.library), "DIAL": str(self.dial)}


@pytest.fixture
def faked(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[Callable[..., Faked]]:
    """Starts a world whose clock can be set."""
    if not sys.platform.startswith("linux") or shutil.which("cc") is None:
        pytest.skip("setting the clock of single processes takes Linux and a C compiler (apt-get install gcc libc6-dev)")
    library = tmp_path_factory.mktemp("l") / "dial.so"
    done = subprocess.run(
        ["cc", "-shared", "-fPIC", "-O2", "-o", library, "-x", "c", "-", "-ldl"], input=DIAL, text=True, capture_output=True, check=False
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
def test_a_jump_of_the_clock_is_told_and_changes_no_pace(faked: Callable[..., Faked], few: bool) -> None:
    """Steps come at the rate they came before, a seal takes effect after its own seconds, not before and not
    an hour later, and the jump is told once."""
    world = faked(seal_seconds=SEAL, step_seconds=0.5, tick_seconds=5)
    player, link = world.login(), jobs.control(world)
    jobs.all_awake(world)

    def visits() -> int:
        return int(jobs.rows(world, "select count(*) as n from agents_event")[0]["n"])

    def pace(seconds: float = 4) -> float:
        before, begun = visits(), time.monotonic()
        time.sleep(seconds)
        return (visits() - before) / (time.monotonic() - begun)

    for turn, (name, offset) in enumerate(list(JUMPS.items())[:: 3 if few else 1], 1):
        usual = pace()
        number = jobs.proposed(link, f"Ponder {name} = whether it holds")
        assert link.ask("ok", str(number))["exit"] == 0
        begun = time.monotonic()
        world.set(offset)
        until(lambda turn=turn: world.status()["inside"]["clock"]["jumps"] == 2 * turn - 1, "the jump is noticed")
        state = "select state, verdict from agents_approval where task = ?"
        assert jobs.rows(world, state, number) == [{"state": "pending", "verdict": "approved"}], "it can be undone still"
        player.ask("look", "FRATERNITY HALL")
        after = pace()
        until(lambda number=number, state=state: jobs.rows(world, state, number)[0]["state"] == "approved", "the seal runs out", 20 * SEAL)
        took = time.monotonic() - begun
        assert took > SEAL - 1
        world.set(0)
        until(lambda turn=turn: world.status()["inside"]["clock"]["jumps"] == 2 * turn, "the way back is noticed")
        lag = world.status()["inside"]["lag_ms"]
        print(f"{name}: events a second {usual:.1f} before, {after:.1f} after; a seal of {SEAL} s took {took:.1f} s; lag p99 {lag['p99']} ms")
        assert after < 10 * usual + 20, "no storm"
    jumped = jobs.rows(world, "select data from agents_event where topic = 'log.jumped'")
    assert len(jumped) == world.log().count("the machine's clock jumped") == 2 * turn
    player.ask("say The hour is late.", "The hour is late")
    assert world.status()["processes"][2]["crashes"] == 0
    jobs.all_awake(world)
    jobs.record_is_whole(world)
    assert jobs.faults(world) == []
    link.close()

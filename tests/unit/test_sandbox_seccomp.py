"""The filter of system calls, run by a small machine of our own, for both architectures."""

from __future__ import annotations

import errno
import platform
import struct

import pytest

from agents.kernel.errors import Unavailable
from agents.work.sandbox import seccomp

MACHINES = sorted(seccomp.ARCHITECTURES)
ALLOW = 0x7FFF0000


def judged(machine: str, number: int, *words: int, architecture: int | None = None) -> int:
    """What the filter says to a call: 0 when it is allowed, else its error."""
    given = (architecture or seccomp.ARCHITECTURES[machine], 0, *(*words, 0, 0, 0, 0, 0, 0)[:6])
    data = struct.pack("=iIQ6Q", number, *(word & (1 << 64) - 1 for word in given))
    program, at, held = seccomp.instructions(machine), 0, 0
    while True:
        code, true, false, constant = program[at]
        at += 1
        if code == 0x20:
            held = struct.unpack_from("=I", data, constant)[0]
        elif code == 0x06:
            return 0 if constant == ALLOW else constant - 0x00050000
        else:
            holds = {0x15: held == constant, 0x35: held >= constant, 0x45: bool(held & constant)}[code]
            at += true if holds else false


def number(machine: str, name: str) -> int:
    """The number of a refused call, or of one of these which are not in the tables."""
    others = {
        "read": (0, 63),
        "openat": (257, 56),
        "socket": (41, 198),
        "clone": (56, 220),
        "unshare": (272, 97),
        "ioctl": (16, 29),
        "socketpair": (53, 199),
        "execve": (59, 221),
        "seccomp": (317, 277),
        "prctl": (157, 167),
    }
    found = {**seccomp.REFUSED, **seccomp.UNKNOWN, **others}[name][list(seccomp.ARCHITECTURES).index(machine)]
    assert found is not None
    return found


@pytest.mark.parametrize("machine", MACHINES)
def test_every_call_of_the_tables_is_refused_and_its_neighbours_are_not(machine: str) -> None:
    which = list(seccomp.ARCHITECTURES).index(machine)
    refused = {n[which]: errno.EPERM for n in seccomp.REFUSED.values()} | {
        n[which]: errno.ENOSYS for n in seccomp.UNKNOWN.values()
    }
    refused.pop(None, None)
    ruled = {rule.call[which] for rule in seccomp.RULES}
    assert not ruled & set(refused)
    for call in set(range(500)) - ruled:
        assert judged(machine, call) == refused.get(call, 0), call


@pytest.mark.parametrize("machine", MACHINES)
def test_arguments_decide_by_what_the_kernel_reads_of_them(machine: str) -> None:
    socket, high = number(machine, "socket"), 1 << 32
    assert [f for f in range(50) if judged(machine, socket, f, 1, 0) == 0] == [1, 2, 10, 16]
    for family in (17, high | 17, -1 << 32 | 17, 38, 40):
        assert judged(machine, socket, family, 1, 0) == errno.EPERM
    assert judged(machine, socket, high | 1, 1, 0) == 0, "the kernel reads the low half, and so do we"
    assert [p for p in range(30) if judged(machine, socket, 16, 3, p) == 0] == [0]
    assert judged(machine, socket, 16, 3, high | 12) == errno.EPERM
    assert judged(machine, socket, 2, 1, 6) == 0
    assert [f for f in range(50) if judged(machine, number(machine, "socketpair"), f) == 0] == [1]
    for flag in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        assert judged(machine, number(machine, "clone"), flag | 17) == errno.EPERM
        assert judged(machine, number(machine, "unshare"), flag) == errno.EPERM
    assert judged(machine, number(machine, "unshare"), 0x80) == errno.EPERM
    assert judged(machine, number(machine, "unshare"), 0x400) == 0  # CLONE_FILES
    assert judged(machine, number(machine, "clone"), 0x003D0F00) == 0, "a thread as the C library makes it"
    assert judged(machine, number(machine, "clone"), 0x01200011) == 0, "a fork"
    for request in (0x5412, 0x541C, high | 0x5412):
        assert judged(machine, number(machine, "ioctl"), 0, request) == errno.EPERM
    assert judged(machine, number(machine, "ioctl"), 0, 0x5401) == 0


@pytest.mark.parametrize("machine", MACHINES)
def test_no_other_way_into_the_kernel_is_open(machine: str) -> None:
    for architecture in (0x40000003, 0x40000028, 1):  # i386, arm
        for call in (0, 20, 102, 400):
            assert judged(machine, call, architecture=architecture) == errno.ENOSYS
    if machine == "x86_64":
        assert judged(machine, 0x40000000 | 41, 2, 1, 0) == errno.ENOSYS
        assert judged(machine, -1) == errno.ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
def test_the_program_is_one_that_the_kernel_takes(machine: str) -> None:
    program = seccomp.instructions(machine)
    assert len(program) < 4096
    for at, (code, true, false, _) in enumerate(program):
        assert code == 0x06 or at + 1 + max(true, false) < len(program)
        assert max(true, false) < 256
    assert program[-1][0] == 0x06


def test_where_no_numbers_are_known_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    seccomp.program.cache_clear()
    try:
        with pytest.raises(Unavailable, match="riscv64"):
            seccomp.program()
    finally:
        seccomp.program.cache_clear()

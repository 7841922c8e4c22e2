"""The filter of system calls in every sandbox: which calls fail there, as a BPF program.

Everything is allowed except what is in the tables: entries into the kernel that commands do not need and in which
bugs are found again and again. Owns the tables and their translation into classic BPF (seccomp_data of
linux/seccomp.h, little-endian); installs nothing. Refuses an architecture whose numbers it does not have.
"""

from __future__ import annotations

import errno
import platform
import struct
from dataclasses import dataclass
from functools import cache
from typing import Literal

from agents.kernel.errors import Unavailable

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""The kernel's own number of each architecture (AUDIT_ARCH_)."""
_X32 = 0x40000000  # numbers from here on are a second entry into an x86_64 kernel

REFUSED: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    # namespaces and mounts
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    "open_by_handle_at": (304, 265),
    # large parts of the kernel that few programs use
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "fanotify_init": (300, 262),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # the machine itself
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "syslog": (103, 116),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "vhangup": (153, 58),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
}
"""Calls that always fail with EPERM: their numbers on x86_64 and aarch64 (None: it does not exist there)."""

UNKNOWN: dict[str, tuple[int | None, int | None]] = {"clone3": (435, 435)}
"""Calls that fail with ENOSYS, so that programs use an older one: a filter cannot inspect their flags."""


@dataclass(frozen=True)
class Rule:
    """A call (its numbers on x86_64 and aarch64) that fails with EPERM if all of `when` holds for its arguments:
    argument `number` (the low 32 bits, which is all that the kernel reads of these) compared with a constant.
    """

    call: tuple[int, int]
    when: tuple[tuple[int, Literal["==", "!=", "&"], int], ...]


_UNIX, _INET, _INET6, _NETLINK, _NETLINK_ROUTE = 1, 2, 10, 16, 0
_SOCKET, _PAIR, _CLONE, _UNSHARE, _IOCTL = (41, 198), (53, 199), (56, 220), (272, 97), (16, 29)
_NAMESPACES = 0x7E020080
"""CLONE_NEW…: time, mounts, cgroup, uts, ipc, user, pid, network."""
RULES = (
    Rule(_SOCKET, tuple((0, "!=", family) for family in (_UNIX, _INET, _INET6, _NETLINK))),
    Rule(_SOCKET, ((0, "==", _NETLINK), (2, "!=", _NETLINK_ROUTE))),  # getaddrinfo and the like look up addresses
    Rule(_PAIR, ((0, "!=", _UNIX),)),
    Rule(_CLONE, ((0, "&", _NAMESPACES & ~0xFF),)),  # here the low byte is a signal
    Rule(_UNSHARE, ((0, "&", _NAMESPACES),)),
    Rule(_IOCTL, ((1, "==", 0x5412),)),  # TIOCSTI and TIOCLINUX type into a terminal
    Rule(_IOCTL, ((1, "==", 0x541C),)),
)

_LOAD, _EQUAL, _GREATER_EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
Instruction = tuple[int, int, int, int]
"""Code, instructions to skip if true, if false, and the constant."""
_CALL: Instruction = (_LOAD, 0, 0, 0)
_ARCHITECTURE: Instruction = (_LOAD, 0, 0, 4)


def _return(error: int = 0) -> Instruction:
    return (_RETURN, 0, 0, _ERRNO | error if error else _ALLOW)


def instructions(machine: str) -> list[Instruction]:
    """The filter for a kernel of `machine`; raises Unavailable if there is none for it."""
    if machine not in ARCHITECTURES:
        raise Unavailable(f"There is no filter of system calls for {machine}, only for {' and '.join(ARCHITECTURES)}.")
    which = list(ARCHITECTURES).index(machine)
    program = [_ARCHITECTURE, (_EQUAL, 1, 0, ARCHITECTURES[machine]), _return(errno.ENOSYS), _CALL]
    if machine == "x86_64":
        program += [(_GREATER_EQUAL, 0, 1, _X32), _return(errno.ENOSYS)]
    for table, error in ((REFUSED, errno.EPERM), (UNKNOWN, errno.ENOSYS)):
        for numbers in table.values():
            if (number := numbers[which]) is not None:
                program += [(_EQUAL, 0, 1, number), _return(error)]
    for rule in RULES:
        body = _refusal(rule)
        program += [(_EQUAL, 0, len(body), rule.call[which]), *body]
    return [*program, _return()]


def _refusal(rule: Rule) -> list[Instruction]:
    """Returns if all conditions hold; otherwise continues with the call's number loaded again."""
    body: list[Instruction] = []
    for i, (argument, test, constant) in enumerate(rule.when):
        fails = 2 * (len(rule.when) - i) - 1  # to behind the return
        holds = {"==": (_EQUAL, 0, fails), "!=": (_EQUAL, fails, 0), "&": (_ANY_BIT, 0, fails)}[test]
        body += [(_LOAD, 0, 0, 16 + 8 * argument), (*holds, constant)]
    return [*body, _return(errno.EPERM), _CALL]


@cache
def program() -> bytes:
    """The filter for this machine, as its kernel and bubblewrap take it: 8 bytes for each instruction. Raises
    Unavailable.
    """
    return b"".join(struct.pack("=HBBI", *one) for one in instructions(platform.machine()))

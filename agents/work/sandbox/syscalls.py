"""System calls that Python's standard library lacks: namespaces, mounts, places, filters, Landlock, capabilities.

Owns numbers, structures and the conversion of an errno into an OSError; decides nothing. The launcher imports it,
so it uses only the standard library. Numbers from 424 on are the same on all of Linux's architectures.
"""

from __future__ import annotations

import ctypes
import os
import struct

_LIBC = ctypes.CDLL(None, use_errno=True)
_HERE = -100
_OPEN_TREE, _MOVE_MOUNT, _FSOPEN, _FSCONFIG, _FSMOUNT, _MOUNT_SETATTR = 428, 429, 430, 431, 432, 442
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_EMPTY_PATH, _MOVE_EMPTY_PATH = 0x1000, 4
_INODE, _BORN = 0x100, 0x800
_STATX = struct.Struct("=I28xQ40xqI44xII")
"""From struct statx: mask, inode, birth (seconds, nanoseconds), device (major, minor)."""

NEW_USER, NEW_MOUNTS = 0x10000000, 0x00020000
NEW_ALL = NEW_MOUNTS | 0x20000000 | 0x40000000 | 0x08000000 | 0x04000000 | 0x02000000
"""Flags of unshare: a user namespace; mount namespace; mount, pid, net, ipc, uts and cgroup namespaces."""
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC = 1, 2, 4, 8
"""Flags of a mount, in both the old and the new interface."""
_MS_RECURSIVE, _MS_PRIVATE = 0x4000, 1 << 18

# Landlock's rights over files, in the order of its versions (linux/landlock.h).
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
_TRUNCATE, _IOCTL_DEVICE = 1 << 14, 1 << 15
_ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | _TRUNCATE | _IOCTL_DEVICE
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_SCOPE_SOCKETS_AND_SIGNALS = 3

DAC_READ_SEARCH = 2
"""The capability to read any file that is shown."""
_LAST_CAPABILITY = 63


def _check(result: int, what: str) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result


def unshare(flags: int) -> None:
    """Enter new namespaces; raises OSError."""
    _check(_LIBC.unshare(flags), "namespaces")


def die_with_parent() -> None:
    """Be killed when the thread that started us ends. Fork and a change of user reset this."""
    _check(_LIBC.prctl(1, 9, 0, 0, 0), "parent's death")


def mount(kind: str, path: str, flags: int = 0, options: str = "") -> None:
    """Mount a new file system of `kind` at `path`."""
    names = (kind.encode(), os.fsencode(path), kind.encode())
    _check(_LIBC.mount(*names, ctypes.c_ulong(flags), options.encode()), f"mount {kind} at {path}")


def make_mounts_private() -> None:
    """Make none of our mounts visible outside."""
    _check(_LIBC.mount(None, b"/", None, ctypes.c_ulong(_MS_RECURSIVE | _MS_PRIVATE), None), "private mounts")


def clone_mount(at: int, flags: int) -> int:
    """A descriptor of the subtree at descriptor `at`, cloned, with `flags` set."""
    tree = _check(_LIBC.syscall(_OPEN_TREE, at, b"", 1 | _EMPTY_PATH | os.O_CLOEXEC), "show a file")
    set_flags("", flags, tree)
    return tree


def overlay(options: dict[str, str], flags: int) -> int:
    """A descriptor of a new overlay that is not attached yet, with `flags` set. An option may have no value ('')."""
    made = _check(_LIBC.syscall(_FSOPEN, b"overlay", 1), "overlay")
    try:
        for name, value in options.items():
            given = (1, name.encode(), os.fsencode(value)) if value else (0, name.encode(), None)
            _check(_LIBC.syscall(_FSCONFIG, made, *given, 0), f"overlay's {name}")
        _check(_LIBC.syscall(_FSCONFIG, made, 6, None, None, 0), "overlay")
        return _check(_LIBC.syscall(_FSMOUNT, made, 1, flags), "overlay")
    finally:
        os.close(made)


def place(at: int) -> str:
    """What identifies the file or folder of descriptor `at` among all that exist or existed: device, inode and time of
    birth, because inode numbers are reused.
    """
    found = ctypes.create_string_buffer(256)
    _check(_LIBC.statx(at, b"", _EMPTY_PATH, _INODE | _BORN, found), "place")
    known, inode, born, nanoseconds, major, minor = _STATX.unpack_from(found)
    return f"{major}:{minor}/{inode}" + (f"/{born}.{nanoseconds:09}" if known & _BORN else "")


def set_flags(path: str, flags: int, tree: int = _HERE) -> None:
    """Set `flags` on the mount at `path`, or on that of descriptor `tree` if `path` is empty."""
    attributes = struct.pack("=QQQQ", flags, 0, 0, 0)
    how = 0 if path else _EMPTY_PATH
    done = _LIBC.syscall(_MOUNT_SETATTR, tree, os.fsencode(path), how, attributes, len(attributes))
    _check(done, f"protect {path or 'a mount'}")


def attach(tree: int, path: str) -> None:
    """Attach the mounts of descriptor `tree` at `path`, and close it."""
    done = _LIBC.syscall(_MOVE_MOUNT, tree, b"", _HERE, os.fsencode(path), _MOVE_EMPTY_PATH)
    _check(done, f"mount at {path}")
    os.close(tree)


def become_root_folder(path: str) -> None:
    """Make `path` the root folder and detach the old one."""
    os.chdir(path)
    _check(_LIBC.pivot_root(b".", b"."), "change of root folder")
    _check(_LIBC.umount2(b".", 2), "leaving the old root folder")
    os.chdir("/")


def drop_capabilities(*kept: int) -> None:
    """Drop every capability except `kept`, permanently, and the ability to gain any by running a program.

    The kept ones survive a change of user and are inherited by programs; access(2) honours them.
    """
    _check(_LIBC.prctl(28, 1 << 2, 0, 0, 0), "secure bits")  # SECBIT_NO_SETUID_FIXUP
    for capability in range(_LAST_CAPABILITY + 1):
        if capability not in kept and _LIBC.prctl(24, capability, 0, 0, 0) < 0:
            break  # beyond the last one this kernel knows
    _check(_LIBC.prctl(38, 1, 0, 0, 0), "no new privileges")


def keep_capabilities(*kept: int) -> None:
    """Hold exactly `kept` and pass them on; after this nothing else can be held."""
    bits = sum(1 << capability for capability in kept)
    low, high = bits & 0xFFFFFFFF, bits >> 32
    header, data = struct.pack("=Ii", 0x20080522, 0), struct.pack("=6I", *(low,) * 3, *(high,) * 3)
    _check(_LIBC.capset(header, data), "capabilities")
    for capability in kept:
        _check(_LIBC.prctl(47, 2, capability, 0, 0), "capabilities")


def filter_calls(program: bytes) -> None:
    """Let the kernel filter each of our calls with `program` (see `seccomp`), permanently. By now no new privileges
    can be gained.
    """
    instructions = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(instructions))
    _check(_LIBC.prctl(22, 2, header, 0, 0), "filter of system calls")


def landlock_version() -> int:
    """Landlock's version in this kernel; raises OSError if it does not exist or is off."""
    return _check(_LIBC.syscall(_LANDLOCK_CREATE, None, 0, 1), "Landlock")


def landlock(rules: dict[str, int]) -> None:
    """Permanently allow only `rules` on files (path to rights, for everything below it; 0 means every right)."""
    version = landlock_version()
    every = _RIGHTS[max(v for v in _RIGHTS if v <= version)]
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    attributes = struct.pack("=QQQ", every, 0, _SCOPE_SOCKETS_AND_SIGNALS)[:size]
    ruleset = _check(_LIBC.syscall(_LANDLOCK_CREATE, attributes, size, 0), "Landlock")
    for path, rights in rules.items():
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        allowed = (rights or every) & (every if os.path.isdir(path) else _ON_FILES & every)
        _check(_LIBC.syscall(_LANDLOCK_ADD, ruleset, 1, struct.pack("=Qi", allowed, place), 0), f"Landlock: {path}")
        os.close(place)
    _check(_LIBC.syscall(_LANDLOCK_RESTRICT, ruleset, 0), "Landlock")
    os.close(ruleset)

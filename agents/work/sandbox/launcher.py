"""The first program of a sandboxed command: sets limits on itself, then becomes the command.

A script of the standard library alone, run as `python -I -S -B launcher.py SPEC COMMAND…`, so
that no limit is set between fork and exec of a threaded server. `SPEC` is JSON:
`limits` (name of an RLIMIT_ to a number), `identity` (enter a user namespace first) and, for a
command without a sandbox, `status` (descriptor to report on), `cwd` and `environment`.

Identity: Linux ignores the limit of processes for root, in whatever namespace, as long as
the kernel's own user id is 0 (measured: 60 of 60 children started under a limit of 20). So
when the world runs as root, the command must become another user for real. That user could
not read the owner's folders (`/root` is 0700), and the capability to read anything is a known
way out of a sandbox when held outside (open_by_handle_at). Both are solved by a user
namespace in which every id means itself: the mounts are made by its root, then the command
becomes user 61000 and keeps only CAP_DAC_READ_SEARCH, which the kernel honours for files
shown to it and nowhere else.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sys
from collections.abc import Callable

CLONE_NEWUSER = 0x10000000
_ALL_IDS = "0 0 4294967295"


def call(result: int, what: str) -> int:
    """`result` of a C function; raises OSError with its errno when it is negative."""
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result


def limit(limits: dict[str, int]) -> None:
    """Set each limit, soft and hard, never above what we have.

    Also makes us the first to be ended when memory runs out, and the last for the processor.
    """
    for name, value in limits.items():
        which = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    os.nice(10)


def enter_identity_namespace(libc: ctypes.CDLL) -> None:
    """Enter a user namespace where each id is itself; no further ones can be made inside.

    Only root can: the map is written by a child that stays outside. Raises OSError.
    """
    entered, ready = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        os.close(ready)
        os.read(entered, 1)
        for name in ("uid_map", "gid_map"):
            with open(f"/proc/{parent}/{name}", "w") as file:
                file.write(_ALL_IDS)
        os._exit(0)
    os.close(entered)
    call(libc.unshare(CLONE_NEWUSER), "unshare user namespace")
    os.close(ready)
    if os.waitpid(child, 0)[1] != 0:
        raise OSError("the ids of the user namespace could not be set")
    with open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("0")


def attend(status: int, start: Callable[[], None]) -> None:
    """Run `start` in a child, tell `status` its id and at its end its code, and exit.

    `start` becomes the command and does not return. Speaks as `bwrap --json-status-fd` does.
    """
    os.set_inheritable(status, False)
    child = os.fork()
    if child == 0:
        try:
            start()
        except OSError as error:
            os.write(2, f"{error}\n".encode(errors="surrogateescape"))
        os._exit(127)
    os.write(status, f'{{"child-pid": {child}}}\n'.encode())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.write(status, f'{{"exit-code": {code if code >= 0 else 128 - code}}}\n'.encode())
    os._exit(0)


def main(argv: list[str]) -> None:
    """Run by the interpreter; does not return when the command could be started."""
    spec, command = json.loads(argv[1]), argv[2:]
    try:
        limit(spec["limits"])
        if spec["identity"]:
            enter_identity_namespace(ctypes.CDLL(None, use_errno=True))
        if "status" in spec:
            os.chdir(spec["cwd"])
            attend(spec["status"], lambda: os.execvpe(command[0], command, spec["environment"]))  # noqa: S606
        os.execvp(command[0], command)  # noqa: S606 - to become the command is what this is for
    except OSError as error:
        sys.exit(f"launcher: {error}")


if __name__ == "__main__":
    main(sys.argv)

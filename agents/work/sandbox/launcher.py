"""The first program of a sandboxed command: sets limits on itself, then becomes the command.

Uses only the standard library; started as `python -E -s -S -B -c … FOLDER SPEC COMMAND…` (see `process`), so that
no limit is set between fork and exec of a threaded server. `SPEC` is `marshal` in hexadecimal: `limits` (name of an
RLIMIT_ to a number), `parent` (who must be alive) and `identity` (whether we are root, see below). In a sandbox
also `mounts` (what it shows), `user` and `filter` (see `seccomp`). If it does not hand over to bubblewrap, also
`status` (descriptor to report on), `cwd` and `environment`, and for an enclosure `processes`.

Bubblewrap does not know overlays, so what `layers` holds is put where bubblewrap finds it by number; it also gets
the filter of system calls.

Identity: Linux ignores the limit on processes for root, in any namespace, as long as the kernel's own user id is 0
(measured: 60 of 60 children started under a limit of 20). So if the world runs as root, the command must really
become another user. That user could not read the owner's folders (`/root` is 0700), and the capability to read
anything is a known way out of a sandbox if it is held outside (open_by_handle_at). A user namespace in which every
id maps to itself solves both: its root makes the mounts, then the command becomes user 61000 and keeps only
CAP_DAC_READ_SEARCH, which the kernel honours for files shown to it and nowhere else.
"""

from __future__ import annotations

import _signal  # `signal`, `json` and `typing` take longer to import than everything else takes to run
import marshal
import os
import resource
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    from agents.work.sandbox import syscalls as kernel
    from agents.work.sandbox.layers import Held
else:
    import syscalls as kernel  # beside this file: it runs alone

_ALL_IDS = "0 0 4294967295"


def limit(limits: dict[str, int]) -> None:
    """Set each limit, soft and hard, never above the current one.

    Also makes us the first to be killed when memory runs out, and the last to get the processor.
    """
    for name, value in limits.items():
        which = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    os.nice(10)


def enter_mounts(user: int, root: bool) -> bool:
    """Enter a private mount namespace, as an ordinary user through a user namespace; returns whether root's was
    entered for it.

    As root before any user namespace, if that is allowed: inside one the kernel shows nothing of a folder that
    contains a mount.
    """
    if root:
        try:
            kernel.unshare(kernel.NEW_MOUNTS)
        except PermissionError:  # perhaps the root of a container
            enter_identity_namespace()
            kernel.unshare(kernel.NEW_MOUNTS)
            return True
    else:
        uid, gid = os.geteuid(), os.getegid()
        kernel.unshare(kernel.NEW_USER | kernel.NEW_MOUNTS)
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {uid} 1"), ("gid_map", f"{user} {gid} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    return False


def filter_of_bubblewrap(program: bytes) -> list[str]:
    """The option with which bubblewrap takes the filter of system calls, from an inherited descriptor."""
    read, write = os.pipe()
    os.write(write, program)
    os.close(write)
    os.set_inheritable(read, True)
    return ["--seccomp", str(read)]


def enter_identity_namespace() -> None:
    """Enter a user namespace in which each id maps to itself; no further ones can be created inside.

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
    kernel.unshare(kernel.NEW_USER)
    os.close(ready)
    if os.waitpid(child, 0)[1] != 0:
        raise OSError("the ids of the user namespace could not be set")
    with open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("0")


def attend(status: int, prepare: Callable[[], None], run: Callable[[], int]) -> NoReturn:
    """Prepare and run a command in a child, report its id and at its end its exit code to `status`, and exit.

    Reports no code if `prepare` failed: then the command was never started. Writes the same format as `bwrap
    --json-status-fd`. Neither the child nor what it starts can access `status`.
    """
    ready_read, ready_write = os.pipe()
    go_read, go_write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(status)
        os.close(go_write)
        try:
            prepare()
            if os.read(go_read, 1):  # no signal comes if our parent died before this
                os.write(ready_write, b"!")
                os.close(ready_write)
                os._exit(run())
        except OSError as error:
            os.write(2, f"launcher: {error}\n".encode(errors="surrogateescape"))
        os._exit(1)
    os.close(ready_write)
    os.close(go_read)
    os.write(status, f'{{"child-pid": {child}}}\n'.encode())
    os.write(go_write, b"!")
    started = os.read(ready_read, 1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if started:
        os.write(status, f'{{"exit-code": {code if code >= 0 else 128 - code}}}\n'.encode())
    os._exit(0)


def bare(command: list[str], spec: dict[str, Any]) -> int:
    """Become `command` without a sandbox; returns only if that fails."""
    try:
        os.chdir(spec["cwd"])
        os.execvpe(command[0], command, spec["environment"])  # noqa: S606
    except OSError as error:
        os.write(2, f"{error}\n".encode(errors="surrogateescape"))
    return 127


def main(argv: list[str]) -> None:
    """Called by the interpreter with the arguments after `-c`; does not return if the command could be started."""
    spec, command = marshal.loads(bytes.fromhex(argv[1])), argv[2:]  # noqa: S302 - our own words
    # Python ignores some signals, background jobs others, and ignored signals stay ignored in the command.
    for number in set(_signal.valid_signals()) - {_signal.SIGKILL, _signal.SIGSTOP}:
        _signal.signal(number, _signal.SIG_DFL)
    try:
        limit(spec["limits"])
        root = spec["identity"]
        if "mounts" in spec:
            import layers

            inside = enter_mounts(spec["user"], root)
            held: list[Held] = layers.hold(spec["mounts"])
            if "processes" not in spec:
                layers.stage(held)
                command[1:1] = filter_of_bubblewrap(spec["filter"])
            if root and not inside:
                enter_identity_namespace()
        kernel.die_with_parent()
        if os.getppid() != spec["parent"]:
            sys.exit("launcher: whoever asked for this is gone")
        if "processes" in spec:
            import enclosure

            kernel.unshare(kernel.NEW_ALL)
            attend(
                spec["status"],
                lambda: enclosure.become_init(spec, held, root),
                lambda: enclosure.run(command, spec),
            )
        if "status" in spec:
            attend(spec["status"], kernel.die_with_parent, lambda: bare(command, spec))
        try:
            os.execvp(command[0], command)  # noqa: S606 - to become the command is what this is for
        except FileNotFoundError:
            sys.exit(f"launcher: {command[0]} is not installed")
    except OSError as error:
        sys.exit(f"launcher: {error}")

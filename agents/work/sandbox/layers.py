"""Holds what a job is shown of the host, with every way out of it closed.

Part of the launcher (only the standard library). A socket, a FIFO or a device inside a folder works whether or not
the folder is writable, whoever created it and whenever. So a folder is shown only through an overlay, in which each
of these has a different inode, on which nobody listens. A writable folder is the upper layer of an overlay, so that
what is written goes to it at once and the job's own sockets work. Owns the overlays, and that what is shown is
exactly what was requested (`place`, see `syscalls.place`). Refuses to show a folder if the kernel cannot make an
overlay of it, and anything but folders and regular files.
"""

from __future__ import annotations

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from agents.work.sandbox import syscalls as kernel
else:
    import syscalls as kernel  # beside this file: the launcher runs alone

STAGE = "/sys"
"""Where we build, in mounts that only we see: a folder of every Linux that contains nothing worth showing."""
_PLAIN = kernel.NO_SUID | kernel.NO_DEVICES
_EMPTY = f"{STAGE}/empty"

Held = list[tuple[str, int]]
"""Mounts by descriptor, each with its path below the first one's."""


def hold(mounts: list[dict[str, Any]]) -> list[Held]:
    """What each mount shows of the host ([] for those that show nothing of it). Raises OSError.

    Call it in a private mount namespace, where `STAGE` is covered from then on.
    """
    kernel.make_mounts_private()
    below = _mounted()
    kernel.mount("tmpfs", STAGE, _PLAIN, "mode=0755,size=1m")
    os.mkdir(_EMPTY, 0o555)
    return [_held(m, below) if m["kind"] in ("read", "write") else [] for m in mounts]


def stage(held: list[Held]) -> None:
    """Put each held mount at `STAGE`/number, for a program that builds the view from paths."""
    for number, trees in enumerate(held):
        for path, tree in trees:
            attach(tree, f"{STAGE}/{number}{path}")


def attach(tree: int, path: str) -> None:
    """Put the mount with descriptor `tree` at `path`, which is created if it does not exist."""
    if os.path.isdir(f"/proc/self/fd/{tree}"):
        os.makedirs(path, mode=0o755, exist_ok=True)
    elif not os.path.lexists(path):
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
    kernel.attach(tree, path)


def _mounted() -> list[str]:
    """Where file systems are mounted, the shallowest first."""
    with open("/proc/self/mountinfo", "rb") as file:
        paths = {line.split()[4].decode("unicode_escape").encode("latin-1") for line in file}
    return sorted((os.fsdecode(path) for path in paths if not path.endswith(b"//deleted")), key=len)


def _held(mount: dict[str, Any], below: list[str]) -> Held:
    """The source itself, and what is mounted below one that is read-only."""
    path, place = mount["source"], mount["place"]
    at = _open(path)
    if place and kernel.place(at) != place:
        raise OSError(f"{path} is not what it was when it was looked at: it was moved, replaced or recreated")
    if mount["kind"] == "write":
        return [("", _shown(path, at, _open(mount["work"])))]
    held, real = [("", _shown(path, at))], os.readlink(f"/proc/self/fd/{at}")
    for inner in below:
        if inner.startswith(f"{real}/"):
            try:
                held.append((inner[len(real) :], _shown(inner, _open(inner))))
            except OSError:
                continue  # an empty folder takes its place
    return held


def _open(path: str) -> int:
    return os.open(path, os.O_PATH | os.O_CLOEXEC)


def _shown(name: str, at: int, work: int = -1) -> int:
    mode, flags = os.fstat(at).st_mode, _PLAIN if work >= 0 else _PLAIN | kernel.READ_ONLY
    if stat.S_ISREG(mode):
        return kernel.clone_mount(at, flags)
    if not stat.S_ISDIR(mode):
        raise OSError(f"{name} is neither a folder nor a plain file, so it is not shown")
    folder, empty = f"/proc/self/fd/{at}", _EMPTY
    options = {"lowerdir": f"{folder}:{empty}"}
    if work >= 0:
        # It records in user attributes that a folder was moved: no others may be set in a user namespace.
        options = {"lowerdir": empty, "upperdir": folder, "workdir": f"/proc/self/fd/{work}", "userxattr": ""}
    try:
        return kernel.overlay(options | {"index": "off", "xino": "off"}, flags)
    except OSError as error:
        raise OSError(
            f"{name} cannot be shown without the sockets in it, for the kernel makes no overlay of it "
            f"({error.strerror}): it may hold another file system, or lie on one that takes no overlay"
        ) from error

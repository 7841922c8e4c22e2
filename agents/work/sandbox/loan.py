"""Makes a folder ready to be written by a sandbox, and puts all back.

Owns who it belongs to while the world runs as root (lent to the sandbox's user: modes stay, links are
not followed, set-user-id bits are cleared by the kernel when a file changes its owner) and the folder
beside it that the kernel works in.
"""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from agents.kernel.errors import Unavailable
from agents.work.sandbox import syscalls
from agents.work.sandbox.view import USER


@contextmanager
def lent(folder: Path | None, places: Mapping[Path, str]) -> Iterator[None]:
    """While inside, `folder` and all below belongs to the sandbox's user (None: nothing is done).

    A crash in between leaves it lent; the next loan of the folder ends that too. Raises Unavailable when it is
    not what `places` says.
    """
    if folder is None:
        yield
        return
    try:
        at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise Unavailable(f"{folder} cannot be written: {error.strerror}.") from error
    try:
        if (place := places.get(folder)) and syscalls.place(at) != place:
            raise Unavailable(f"{folder} is not what it was: it was moved, replaced or recreated.")
        owner = os.fstat(at)
        if owner.st_uid == USER:  # left so by a crash: the folder around it tells whose it was
            owner = os.stat("..", dir_fd=at)
        _give(at, USER, USER)
        try:
            yield
        finally:
            _give(at, owner.st_uid, owner.st_gid)
    finally:
        os.close(at)


@contextmanager
def workspace(folder: Path | None) -> Iterator[str]:
    """A new folder beside `folder`, on the same disk, as an overlay needs it ('' for None).

    A crash in between leaves it, empty; the next one of the same folder takes it away. Raises Unavailable.
    """
    if folder is None:
        yield ""
        return
    prefix = f".{folder.name}.work-"
    try:
        for left in folder.parent.glob(f"{glob.escape(prefix)}*"):
            if not Path("/proc", left.name.removeprefix(prefix).partition("-")[0]).exists():
                _remove(left)
        work = tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=folder.parent)
    except OSError as error:
        raise Unavailable(
            f"Beside {folder} there is no room to work in: {error.strerror}.", next="timmy doctor"
        ) from error
    try:
        yield work
    finally:
        _remove(Path(work))


def _remove(work: Path) -> None:
    """Take away a folder that the kernel worked in, with the empty one that it made there and may not be entered."""
    with suppress(OSError):
        for inner in work.iterdir():
            inner.rmdir()
        work.rmdir()


def _give(folder: int, user: int, group: int) -> None:
    for _, folders, files, at in os.fwalk(".", follow_symlinks=False, dir_fd=folder):
        os.fchown(at, user, group)
        for name in (*folders, *files):
            os.chown(name, user, group, dir_fd=at, follow_symlinks=False)

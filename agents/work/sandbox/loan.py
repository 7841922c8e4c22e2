"""Prepares a folder to be written by a sandbox, and restores it afterwards.

Owns the folder's ownership while the world runs as root (lent to the sandbox's user: modes stay, links are not
followed, the kernel clears set-user-id bits when a file changes its owner), and the folder beside it in which the
kernel works.
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
    """Inside, `folder` and everything below belongs to the sandbox's user (None: nothing is done).

    A crash in between leaves it lent; the folder's next loan ends that, too. Raises Unavailable if it is not what
    `places` says.
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
        if owner.st_uid == USER:  # a crash left it so: the folder around it shows whose it was
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

    A crash in between leaves it there, empty; the next one of the same folder removes it. Raises Unavailable.
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
    """Remove a folder in which the kernel worked, with the empty, inaccessible one that it created there."""
    with suppress(OSError):
        for inner in work.iterdir():
            inner.rmdir()
        work.rmdir()


def _give(folder: int, user: int, group: int) -> None:
    for _, folders, files, at in os.fwalk(".", follow_symlinks=False, dir_fd=folder):
        os.fchown(at, user, group)
        for name in (*folders, *files):
            os.chown(name, user, group, dir_fd=at, follow_symlinks=False)

"""Lends a folder of root's to the sandbox's user, and takes it back.

Only needed when the world runs as root. Owns ownership alone: modes stay, links are not
followed, set-user-id bits are cleared by the kernel when a file changes its owner.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.work.sandbox.view import USER


@contextmanager
def lent(folder: Path | None) -> Iterator[None]:
    """While inside, `folder` and all below belongs to the sandbox's user (None: nothing is done).

    A crash in between leaves it lent; the next loan of the folder ends that too.
    """
    if folder is None:
        yield
        return
    owner = folder.stat()
    if owner.st_uid == USER:  # left so by a crash: the folder around it tells whose it was
        owner = folder.parent.stat()
    _give(folder, USER, USER)
    try:
        yield
    finally:
        _give(folder, owner.st_uid, owner.st_gid)


def _give(folder: Path, user: int, group: int) -> None:
    for _, folders, files, at in os.fwalk(folder, follow_symlinks=False):
        os.fchown(at, user, group)
        for name in (*folders, *files):
            os.chown(name, user, group, dir_fd=at, follow_symlinks=False)

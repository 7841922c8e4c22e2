"""Exactly which file or folder a path referred to when it was checked.

Owns the comparison, by device, inode and time of birth, of what is at the path without any link on the way. So
nothing that was moved, exchanged or recreated passes for what was approved. Follows no links.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from agents.work.effect import Effect
from agents.work.sandbox import syscalls

_KINDS = frozenset({"read", "write"})
_WITHIN = "in "
"""Prefix for the place of the folder around something that will be written and does not exist yet."""


def place_of(path: Path) -> str:
    """What identifies the thing at `path`; '' if nothing is there or a link leads there."""
    if sys.platform != "linux":  # even without a sandbox
        try:
            return str(os.lstat(path).st_ino) if path.resolve() == path else ""
        except OSError:
            return ""
    try:
        at = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (OSError, ValueError):
        return ""
    try:
        return syscalls.place(at) if os.readlink(f"/proc/self/fd/{at}") == str(path) else ""
    finally:
        os.close(at)


def declared(effects: Iterable[Effect]) -> list[dict[str, str]]:
    """Effects as an approval stores them: with the place of each path at which something exists."""
    return [
        {"kind": e.kind, "target": e.target} | ({"place": place} if (place := _now(e.kind, e.target)) else {})
        for e in effects
    ]


def _is_path(kind: str, target: str) -> bool:
    return kind in _KINDS and target.startswith("/")


def _now(kind: str, target: str) -> str:
    if not _is_path(kind, target):
        return ""
    path = Path(target)
    place = place_of(path)
    if not place and kind == "write" and not os.path.lexists(path) and (around := place_of(path.parent)):
        return _WITHIN + around
    return place


def changed(effect: Mapping[str, str]) -> str:
    """Why the path of a declared effect is no longer what it was when it was declared; '' if it still is."""
    kind, target = effect["kind"], effect["target"]
    if not _is_path(kind, target):
        return ""
    place, path = effect.get("place", ""), Path(target)
    if not place:
        known = not os.path.lexists(path)  # nothing was there, and nothing is
        return (
            ""
            if known
            else f"which {target} is meant was not recorded: it did not exist then, or an earlier version did not check"
        )
    if place.startswith(_WITHIN):
        same = _WITHIN + place_of(path.parent) == place and not path.is_symlink()
    else:
        same = place_of(path) == place
    return "" if same else f"{target} is not what it was then: it was moved, replaced or recreated"


def pinned(effects: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The places that declared effects name, by path."""
    return {e["target"]: place for e in effects if (place := e.get("place", "")) and not place.startswith(_WITHIN)}

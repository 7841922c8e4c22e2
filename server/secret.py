"""The world's own secrets: the signing key and the owner's first password.

Owns the 0600 files in the state folder that hold them. Refuses keys that are public, short or missing, so that no
world ever signs a session with a key that others know.
"""

from __future__ import annotations

import os
from pathlib import Path

from agents.kernel import randomness
from agents.kernel.errors import NotFound

KEY, PASSWORD = "secret-key", "owner-password"
_PUBLIC = ("changeme", "django-insecure", "set-by-secret")
_LEAST = 40


def keep_to_owner() -> None:
    """From now on this process and its children create files that only their owner can read."""
    os.umask(0o077)


def keep(folder: Path, name: str, text: str) -> Path:
    """Write `text` to a file that only its owner can read, all or nothing; returns its path."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target, fresh = folder / name, folder / f".{name}.new"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text + "\n")
    fresh.replace(target)
    return target


def read(folder: Path, name: str) -> str:
    """The secret in the file; '' if there is none."""
    try:
        return (folder / name).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def ensure_key(folder: Path) -> None:
    """Create the signing key if there is none; an unusable one is left for `key` to refuse."""
    if not read(folder, KEY):
        keep(folder, KEY, randomness.secret(64))


def key(folder: Path) -> str:
    """The signing key. Raises NotFound if it is missing, public or too short."""
    value = read(folder, KEY)
    if len(value) < _LEAST or value.lower().startswith(_PUBLIC):
        why = (
            f"is missing: {folder / KEY} holds none yet. One is made when the world is started."
            if not value
            else f"is too short or publicly known: {folder / KEY} must hold {_LEAST} or more random characters. "
            f"Remove the file and a new one is made."
        )
        raise NotFound(f"The world's secret key {why}", next="timmy run")
    return value

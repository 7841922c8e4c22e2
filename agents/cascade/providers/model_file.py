"""The file of a local model: what it must be before llama.cpp, which is native code, may read it.

Owns the cheap checks (does it exist, is it a GGUF) and the comparison with the hash that the owner recorded.
Refuses a file whose hash nobody recorded: a person says once what is trusted.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from agents.cascade.ports import Fault, ProviderFault
from agents.kernel.text import visible

MAGIC = b"GGUF"
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Look:
    """The current state of a file; if another look is equal, nobody has changed it in between."""

    inode: int
    size: int
    changed: int


def look(path: Path, sha256: str) -> Look:
    """The file as it is now. Raises ProviderFault if it cannot be a model, or if no hash of it is recorded."""
    shown = visible(str(path))
    try:
        with open(
            path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)
        ) as file:  # a pipe must not block us
            found = os.fstat(file.fileno())
            magic = file.read(len(MAGIC)) if stat.S_ISREG(found.st_mode) else b""
    except FileNotFoundError:
        raise _no(f"there is no file {shown}") from None
    except IsADirectoryError:
        raise _no(f"{shown} is a folder; name the GGUF file in it") from None
    except (OSError, ValueError) as error:
        raise _no(f"{shown} cannot be read ({getattr(error, 'strerror', None) or error})") from None
    if not stat.S_ISREG(found.st_mode):
        raise _no(f"{shown} is not a file")
    if magic != MAGIC:
        raise _no(f"{shown} is not a GGUF file" + (", it is empty" if not found.st_size else ""))
    if not SHA256.fullmatch(sha256.strip().lower()):
        raise _no(
            f"no SHA-256 is recorded for {shown}; if you trust the file, put what `sha256sum` says of it "
            f"into TIMMY_LLAMA_SHA256"
        )
    return Look(found.st_ino, found.st_size, found.st_mtime_ns)


def check(path: Path, sha256: str) -> None:
    """Read the whole file and compare its hash. Raises ProviderFault if it differs."""
    look(path, sha256)
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256.strip().lower():
        raise _no(
            f"{visible(str(path))} is not the file whose hash was recorded: its SHA-256 is {found}, not "
            f"{sha256.strip().lower()}"
        )


def _no(said: str) -> ProviderFault:
    return ProviderFault(Fault.NO_MODEL, said)

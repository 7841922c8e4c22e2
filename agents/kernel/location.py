"""Where this world keeps its state, and on which ports, read without any library.

For programs that must start at once (`timmy status`, the supervisor): the same three
settings as in `settings`, from the environment or `.env`, parsed by the standard
library alone. Owns no default of its own beyond those three, and validates nothing
else; a test compares it with the full model.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

_NEEDED = re.compile(
    r"""TIMMY_\w+
        | PATH | HOME | USER | LOGNAME | SHELL | TERM | TMPDIR | TZ | LANG | LANGUAGE | LC_\w+ | XDG_\w+
        | SSH_AUTH_SOCK                                                    # git, where the anchors' copy is pushed to
        | LD_\w+ | DYLD_\w+ | NIX_LD\w*                                    # where native code finds its libraries
        | (?: CUDA | NVIDIA | HIP | ROCR | HSA | GGML | OMP | MKL | OPENBLAS )_\w+      # how models use this machine
        | PYTHON (?: HASHSEED | DEVMODE | FAULTHANDLER | DONTWRITEBYTECODE | PYCACHEPREFIX | MALLOC | TRACEMALLOC )
    """,
    re.VERBOSE,
)
"""The names of variables that are handed on. None of them makes a library go elsewhere or changes what Python's words
mean (`PYTHONOPTIMIZE` takes assertions out, `PYTHONWARNINGS=error` makes errors of what is none).
"""
NOT_OURS = ("PYTHONOPTIMIZE", "PYTHONWARNINGS")
"""What tells Python to run programs otherwise than they are written: libraries that we stand on do not bear it."""

_LINE = re.compile(
    r"""^\s*(?:export\s+)?(?P<name>TIMMY_\w+)\s*=\s*
        (?:'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<bare>[^\n]*?))(?:\s+\#.*)?\s*$""",
    re.VERBOSE,
)


def dotenv(path: Path = PROJECT / ".env") -> dict[str, str]:
    """The `TIMMY_` lines of a `.env` file, later lines winning; empty when there is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError):
        return {}
    found = (_LINE.match(line) for line in text.splitlines())
    return {m["name"]: m["single"] or m["double"] or m["bare"] or "" for m in found if m}


def setting(name: str, default: str = "") -> str:
    """The text of the setting `TIMMY_<name>`; the environment goes before `.env`."""
    return os.environ.get(f"TIMMY_{name}") or dotenv().get(f"TIMMY_{name}") or default


def anchored(path: str | Path) -> Path:
    """`path` made absolute: `~` is the home folder, a relative one starts at the project."""
    return (PROJECT / Path(path).expanduser()).resolve()


def state_dir() -> Path:
    """The folder of database, secrets, logs and run files."""
    return anchored(setting("STATE_DIR", "server/state"))


def run_dir() -> Path:
    """The folder of locks, sockets and first output of the running processes."""
    return state_dir() / "run"


def log_dir() -> Path:
    """The folder of the rotated logs."""
    return state_dir() / "logs"


def plain_environment() -> dict[str, str]:
    """This process's environment without `NOT_OURS`."""
    return {name: value for name, value in os.environ.items() if name not in NOT_OURS}


def child_environment(**extra: str) -> Mapping[str, str]:
    """What a process of the same world needs of this one's environment, with `extra` on top.

    The rest is meant for other programs of the owner's: a library that reads a proxy, a file of certificates or
    another server's address when it is imported may fail by it, and take the process along.
    """
    kept = {name: value for name, value in os.environ.items() if _NEEDED.fullmatch(name)}
    return {**kept, **extra}


def environment(name: str) -> str:
    """A variable of the environment that is a convention of all programs (`NO_COLOR`), or ''."""
    return os.environ.get(name, "")

"""Where this world keeps its state, and on which ports, read without any library.

For programs that must start fast (`timmy status`, the supervisor): the same three settings as in `settings`, from
the environment or `.env`, parsed with only the standard library. Owns only these three defaults and validates
nothing else; a test compares it with the full model.
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
"""Names of the variables that are passed on. None of them makes a library connect elsewhere or changes the meaning of
Python code (`PYTHONOPTIMIZE` removes assertions, `PYTHONWARNINGS=error` turns warnings into errors).
"""
NOT_OURS = ("PYTHONOPTIMIZE", "PYTHONWARNINGS")
"""Variables that make Python run programs differently than they are written, which the libraries we use do not
survive.
"""

_LINE = re.compile(
    r"""^\s*(?:export\s+)?(?P<name>TIMMY_\w+)\s*=\s*
        (?:'(?P<single>[^']*)'|"(?P<double>[^"]*)"|(?P<bare>[^\n]*?))(?:\s+\#.*)?\s*$""",
    re.VERBOSE,
)


def dotenv(path: Path = PROJECT / ".env") -> dict[str, str]:
    """The `TIMMY_` lines of a `.env` file; later lines win. Empty if there is no file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError):
        return {}
    found = (_LINE.match(line) for line in text.splitlines())
    return {m["name"]: m["single"] or m["double"] or m["bare"] or "" for m in found if m}


def setting(name: str, default: str = "") -> str:
    """The text of the setting `TIMMY_<name>`; the environment takes precedence over `.env`."""
    return os.environ.get(f"TIMMY_{name}") or dotenv().get(f"TIMMY_{name}") or default


def anchored(path: str | Path) -> Path:
    """`path` made absolute: `~` is the home folder, and relative paths start at the project."""
    return (PROJECT / Path(path).expanduser()).resolve()


def state_dir() -> Path:
    """The folder with database, secrets, logs and run files."""
    return anchored(setting("STATE_DIR", "server/state"))


def run_dir() -> Path:
    """The folder with locks, sockets and first output of the running processes."""
    return state_dir() / "run"


def log_dir() -> Path:
    """The folder of the rotated logs."""
    return state_dir() / "logs"


def plain_environment() -> dict[str, str]:
    """This process's environment without `NOT_OURS`."""
    return {name: value for name, value in os.environ.items() if name not in NOT_OURS}


def child_environment(**extra: str) -> Mapping[str, str]:
    """The part of this environment that a process of the same world needs, with `extra` on top.

    The rest is meant for the owner's other programs: a library that reads a proxy, a certificate file or another
    server's address at import may fail because of it, and take the process down.
    """
    kept = {name: value for name, value in os.environ.items() if _NEEDED.fullmatch(name)}
    return {**kept, **extra}


def environment(name: str) -> str:
    """An environment variable that is a convention among programs (`NO_COLOR`), or ''."""
    return os.environ.get(name, "")

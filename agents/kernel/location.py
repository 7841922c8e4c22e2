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
PORTS = {"telnet": 0, "web": 1, "websocket": 2, "cascade": 3, "web internal": 5, "link": 6}
"""Distance of each port from the base. `link` joins Portal and Server."""

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


def ports(base: int) -> dict[str, int]:
    """Every port a world with this base listens on, by what it serves."""
    return {name: base + distance for name, distance in PORTS.items()}


def child_environment(**extra: str) -> Mapping[str, str]:
    """This process's environment, for a process of the same world, with `extra` on top."""
    return {**os.environ, **extra}


def environment(name: str) -> str:
    """A variable of the environment that is a convention of all programs (`NO_COLOR`), or ''."""
    return os.environ.get(name, "")

"""The processes of a running world: one row each.

Everything that deals with processes follows these rows: locks, ports, the supervisor, `timmy run`, `stop`, `status`
and `doctor`. Owns the rows and what follows from them. Standard library only. Neither starts nor looks for
processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Process(NamedTuple):
    """One process. `name` is that of its lock, its log and its first output; `title`: what people call it."""

    name: str
    title: str
    module: str
    """What it runs: a module with a `main`, or a program of the engine's for twistd."""
    kept_by: str = ""
    """The process that starts it and restarts it when it dies; '' for the owner, or systemd."""
    vital: bool = False
    """Whether the world is down without it. Others live and die beside the world."""
    twisted: bool = False
    """Whether it is a program for twistd."""
    ports: Mapping[str, int] = MappingProxyType({})
    """What it serves, and how far that port is from the base."""
    loopback: bool = False
    """Whether its ports are only on loopback, wherever the others listen."""


PROCESSES = (
    Process("supervisor", "supervisor", "server.supervisor", vital=True),
    Process(
        "portal",
        "Portal",
        "evennia.server.portal.portal",
        kept_by="supervisor",
        vital=True,
        twisted=True,
        ports={"telnet": 0, "web": 1, "websocket": 2},
    ),
    Process("server", "Server", "evennia.server.server", kept_by="portal", vital=True, twisted=True),
    Process("cascade", "cascade", "server.cascading", kept_by="supervisor", ports={"cascade": 3}, loopback=True),
)
"""In the order in which they are listed."""

NAMES = tuple(one.name for one in PROCESSES)
_BY_NAME = {one.name: one for one in PROCESSES}


def named(name: str) -> Process:
    """The row of `name`. Raises KeyError if there is none."""
    return _BY_NAME[name]


def kept_by(name: str) -> tuple[Process, ...]:
    """Those that the process `name` keeps running."""
    return tuple(one for one in PROCESSES if one.kept_by == name)


def titles(last: str = ", ") -> str:
    """All of them in words for people; `last` is the word before the last one."""
    *others, final = (one.title for one in PROCESSES)
    return f"{', '.join(others)}{last}{final}"

"""The processes that a running world is made of: one row each.

Whoever has to do with processes follows these rows: locks, ports, the supervisor, `timmy run`, `stop`, `status` and
`doctor`. Owns the rows and what is to be read from them. Standard library only. Refuses to start and to look for any.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Process(NamedTuple):
    """One process. `name` is that of its lock, its log and its first output; `title`: how people are told of it."""

    name: str
    title: str
    module: str
    """What it runs: a module with a `main`, or a program of the engine's for twistd."""
    kept_by: str = ""
    """The process that starts it, and starts it anew when it has died; '' for the owner, or systemd."""
    vital: bool = False
    """Whether the world is down without it. What is not vital lives and dies beside the others."""
    twisted: bool = False
    """Whether it is a program for twistd."""
    ports: Mapping[str, int] = MappingProxyType({})
    """What it serves, and how far from the base that port is."""
    loopback: bool = False
    """Whether its ports are this machine's alone, wherever the others listen."""


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
"""In the order in which they are told of."""

NAMES = tuple(one.name for one in PROCESSES)
_BY_NAME = {one.name: one for one in PROCESSES}


def named(name: str) -> Process:
    """The row of `name`. Raises KeyError where there is none."""
    return _BY_NAME[name]


def kept_by(name: str) -> tuple[Process, ...]:
    """Those that the process `name` keeps alive."""
    return tuple(one for one in PROCESSES if one.kept_by == name)


def titles(last: str = ", ") -> str:
    """All of them as people are told; `last` stands before the last."""
    *others, final = (one.title for one in PROCESSES)
    return f"{', '.join(others)}{last}{final}"

"""The ports of this world: their numbers, and whether each is free before a start.

Owns their derivation from the rows of `server.processes`. Does not listen on any.
"""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

from agents.kernel import location
from agents.kernel.errors import Conflict, TimmyError
from agents.kernel.text import visible
from server import locks, processes

if TYPE_CHECKING:
    from agents.kernel.settings import Settings

LOOPBACK = "127.0.0.1"


def base() -> int:
    """The first port, unchecked: the settings model checks it when a world is started."""
    text = location.setting("PORT_BASE", "4000")
    return int(text) if text.isdigit() else 4000


def of(base: int) -> dict[str, int]:
    """Every port of a world with this base, by what it serves."""
    return {what: base + distance for one in processes.PROCESSES for what, distance in one.ports.items()}


def check(ours: Settings) -> None:
    """Raises Conflict that names each port in use, or TimmyError for an address that this machine does not have,
    before anything is started.
    """
    taken, numbers = [], of(ours.port_base)
    for one in processes.PROCESSES:
        if not one.vital and locks.holder(location.run_dir(), one.name):
            continue  # our own, left by a supervisor that was killed; it is adopted
        host = LOOPBACK if one.loopback else ours.interface
        for what in one.ports:
            if (error := _refused(host, numbers[what])) is None:
                continue
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise TimmyError(
                    f"This machine has no address {visible(host)} to listen on: {error.strerror}. "
                    "Set TIMMY_INTERFACE to one that it has.",
                    next="TIMMY_INTERFACE=127.0.0.1 make run",
                )
            taken.append(f"{numbers[what]} ({what}: {error.strerror})")
    if taken:
        raise Conflict(
            f"Another program holds port {', '.join(taken)}; nothing was started. Set TIMMY_PORT_BASE to move "
            f"all ports of this world.",
            next=f"TIMMY_PORT_BASE={ours.port_base + 100} make run",
        )


def _refused(host: str, port: int) -> OSError | None:
    """Why nobody can listen there now; None if somebody can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None

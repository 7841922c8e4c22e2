"""A player's `look` while strangers attack, beside calm in the same world: p95 and its ratio, what the
Portal's memory grew by, faults, log. Wall-clock.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support import wire
from tests.support.wire import Peer
from tests.system import harness, siege
from tests.system.harness import World
from tests.system.siege import Siege

MB = 1_000_000


def measure(quick: bool = False) -> dict[str, Any]:
    """Each attack, repeated so that there are looks enough to tell the 95th of a hundred."""
    times, mutants = (2, 500) if quick else (20, 10_000)
    attacks: dict[str, Callable[[World], Any]] = {
        "40 MB line": _line,
        "16 MB websocket frame": _frame,
        "100 MB POST": _post,
    }
    with tempfile.TemporaryDirectory(prefix="timmy-bench-") as name, harness.world(Path(name)) as world:
        watch = Siege(world, siege.LOOKS, pause=0)
        told = {
            what: _told(watch, lambda attack=attack: [attack(world) for _ in range(times)])
            for what, attack in attacks.items()
        }
        told[f"{mutants} mutations"] = _told(watch, lambda: siege.mutations(world, mutants, seed=1))
        return told


def _told(watch: Siege, attack: Callable[[], Any]) -> dict[str, Any]:
    figures = watch.under(attack)
    shown = dataclasses.asdict(figures) | {"ratio": figures.siege_p95 / figures.calm_p95, "faults": len(figures.faults)}
    del shown["result"]
    return {key: round(value, 2) for key, value in shown.items()}


def _line(world: World) -> None:
    _until_cut(Peer(world.ports["telnet"]), b"x" * 40 * MB)


def _frame(world: World) -> None:
    _until_cut(siege.socket_of(world), wire.said("text", ["x" * 16 * MB], {}))


def _post(world: World) -> None:
    head = b"POST /auth/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000000\r\n\r\n"
    _until_cut(Peer(world.ports["web"], head), b"x" * 100 * MB)


def _until_cut(peer: Peer, data: bytes) -> None:
    peer.send(data)
    peer.hung_up()
    peer.close()

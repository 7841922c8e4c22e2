"""How long the life of a world takes: start, recovery after each kill, reload, status. Seconds."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.system.harness import World


def _timed(function: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    function()
    return round(time.perf_counter() - begin, 3)


def measure(quick: bool = False) -> dict[str, Any]:
    """Figures of one world on this machine, and the machine's load beside them."""
    with tempfile.TemporaryDirectory(prefix="tb-") as folder:
        world = World(Path(folder), step_seconds=1)
        figures: dict[str, Any] = {"load_before": os.getloadavg()[0]}
        try:
            figures["first start with all preparation"] = _timed(world.start)
            status = [_timed(lambda: world.cli("status")) for _ in range(3 if quick else 20)]
            figures["timmy status, median"] = statistics.median(status)
            player = world.login()

            def answered_after_kill() -> None:
                world.kill("server")
                player.expect("stumbled")
                player.send("look")
                player.expect("The world is back")
                player.expect("(?i)fraternity hall")

            def told_after_kill() -> None:
                world.kill("server")
                player.expect("stumbled")

            figures["kill -9 of the Server to a player's command answered"] = [
                _timed(answered_after_kill) for _ in range(1 if quick else 3)
            ]
            figures["kill -9 of the Server to the player told"] = _timed(told_after_kill)
            player.expect("The world is back")
            figures["timmy reload"] = _timed(lambda: world.cli("reload"))
            portal = world.kill("portal")
            figures["kill -9 of the Portal to ready"] = _timed(lambda: world.back("portal", portal))
            figures["timmy stop"] = _timed(lambda: world.cli("stop"))
            figures["second start"] = _timed(world.start)
            figures["load_after"] = os.getloadavg()[0]
        finally:
            world.close()
        return figures

"""A world under attack, as a player inside and the machine see it: answers, memory, faults, logs.

Owns the measuring of one attack beside calm in the same run. Refuses to judge the figures.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from typing import Any

from tests.support import wire
from tests.support.wire import Peer
from tests.system import jobs
from tests.system.harness import World

LOOKS, FEW = 30, 10
"""How often a player looks about during an attack, at least; and in calm before and after it, where calm makes a bound
and no measure: an outlier in it only makes the bound wider.
"""
PIECES = 24  # mutants that one connection sends


@dataclass
class Figures:
    """What one attack did. Times in milliseconds, memory in MB."""

    calm_p95: float
    siege_p95: float
    looks: int
    grown: float  # the Portal's memory at its highest, above what it was
    seconds: float
    faults: list[str]
    logs: int  # bytes that the logs grew by
    result: Any

    def __str__(self) -> str:
        return (
            f"look p95 {self.siege_p95:.0f} ms of {self.looks} (calm {self.calm_p95:.0f} ms, ratio "
            f"{self.siege_p95 / self.calm_p95:.2f}), "
            f"Portal +{self.grown:.1f} MB, logs +{self.logs} bytes, {len(self.faults)} faults, "
            f"{self.seconds:.1f} s; {self.result}"
        )


class Siege:
    """A player who looks about, before, during and after attacks."""

    def __init__(self, world: World, calm: int = FEW, pause: float = 0.1) -> None:
        """`pause`: seconds between looks, once there were enough."""
        self.world, self.player, self.calm, self.pause = world, world.login(), calm, pause
        self.portal = world.pid("portal")
        assert self.portal

    def look(self) -> float:
        """How long an answer to `look` takes, in milliseconds."""
        player = self.player
        player.raw, player.text, player.read = b"", "", 0
        begun = time.perf_counter()
        player.ask("look", "Exits:")
        return (time.perf_counter() - begun) * 1000

    def looks(self, times: int) -> list[float]:
        """So many, with a breath between them."""
        found = []
        for _ in range(times):
            found.append(self.look())
            time.sleep(0.03)
        return found

    def logged(self) -> int:
        """Bytes of all logs."""
        return sum(file.stat().st_size for file in (self.world.state / "logs").iterdir())

    def under(self, attack: Callable[[], Any]) -> Figures:
        """Look about while `attack` runs in another thread, and in calm before and after it."""
        assert self.portal
        faults, logs, least = len(jobs.faults(self.world)), self.logged(), wire.memory(self.portal)
        calm, siege, most, answers = self.looks(self.calm), [], least, []
        failures: list[BaseException] = []

        def run() -> None:
            try:
                answers.append(attack())
            except BaseException as failure:
                failures.append(failure)

        thread = Thread(target=run, daemon=True)
        begun = time.monotonic()
        thread.start()
        while thread.is_alive() or len(siege) < LOOKS:
            siege += self.looks(1)
            time.sleep(self.pause if len(siege) > LOOKS else 0)
            most = max(most, wire.memory(self.portal))
        seconds = time.monotonic() - begun
        calm += self.looks(self.calm)
        if failures:
            raise failures[0]
        assert self.world.pid("portal") == self.portal, "the Portal died"
        return Figures(
            p95(calm),
            p95(siege),
            len(siege),
            (most - least) / 1e6,
            seconds,
            jobs.faults(self.world)[faults:],
            self.logged() - logs,
            answers[0],
        )


def p95(times: list[float]) -> float:
    """The time that 19 of 20 stay below."""
    return statistics.quantiles(times, n=20)[-1]


# -- attacks ---------------------------------------------------------------------------------


def socket_of(world: World, source: str = "") -> Peer:
    """A stranger's open websocket."""
    port = world.ports["websocket"]
    peer = Peer(port, wire.handshake(port), source)
    assert peer.hears(b"\r\n\r\n"), peer.heard
    return peer


def mutations(
    world: World, count: int, seed: int, sources: tuple[str, ...] = ("",), at_once: int = 12
) -> dict[str, int]:
    """Send `count` mutants by telnet and websocket, from several addresses, each connection until all of
    it has been read: it says that it has no more to send, and waits for the world to hang up.
    """
    dice = random.Random(seed)
    pieces = {"telnet": wire.telnet_mutants(dice), "websocket": wire.message_mutants(dice)}
    sent = connections = cut = broken = 0
    while sent < count:
        peers = []
        for number in range(at_once):
            door = dice.choice(list(pieces))
            port, first = world.ports[door], b""
            if door == "websocket":
                first = wire.handshake(port)
                if dice.random() < 0.1:
                    first, broken = wire.mutated(first, dice), broken + 1
            peers.append((door, Peer(port, first, sources[number % len(sources)])))
        connections += at_once
        for door, peer in peers:
            parts = [next(pieces[door]) for _ in range(PIECES)] + (
                [wire.frame_mutant(dice)] if door == "websocket" else []
            )
            for part in parts:
                if not (peer.open and peer.send(part)):
                    break
                sent += 1
        for _, peer in peers:
            cut += not peer.open
            peer.finish()
            assert peer.hung_up(), "a connection without an end"
            peer.close()
    return {"mutants": sent, "connections": connections, "cut short": cut, "broken handshakes": broken}

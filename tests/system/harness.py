"""A real world for a test: its own state folder and ports, its command line, telnet clients.

Owns the starting and the certain ending of real processes. Waits are for conditions, with
limits generous enough for a loaded machine; nothing passes or fails by the clock.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from agents.kernel import location
from agents.kernel.errors import Unavailable
from server import client, locks

PATIENCE = 120.0
OWNER, PASSWORD = "owner", "correct-horse-battery"

_IAC = re.compile(rb"\xff\xfa.*?\xff\xf0|\xff[\xfb-\xfe].|\xff[\xf1-\xf9]", re.DOTALL)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def until(condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Wait until `condition` yields something true, and return that; fail naming `what`."""
    end = time.monotonic() + patience
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience:.0f} s in vain: {what}")
        time.sleep(0.05)
    return found


def free_base() -> int:
    """A port base all of whose ports can be bound now."""
    while True:
        base = random.randrange(20000, 31000)
        with contextlib.ExitStack() as held:
            try:
                for port in location.ports(base).values():
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            return base


class Telnet:
    """A player's plain telnet client: sends lines, waits for text, keeps all it saw."""

    def __init__(self, port: int) -> None:
        """Connect to the world on `port`."""
        self.link = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.raw = b""
        self.text = ""
        self.read = 0

    def send(self, line: str) -> None:
        """Type a line."""
        self.link.sendall(line.encode() + b"\r\n")

    def pump(self, seconds: float) -> bool:
        """Take in what arrives within `seconds`; False when the world has hung up."""
        if not select.select([self.link], [], [], seconds)[0]:
            return True
        try:
            data = self.link.recv(65536)
        except ConnectionError:
            data = b""
        if not data:
            return False
        self.raw += data
        cut = self.raw.rfind(b"\xff", max(0, len(self.raw) - 3))
        whole = self.raw if cut < 0 else self.raw[:cut]
        self.text = _ANSI.sub("", _IAC.sub(b"", whole).decode("utf-8", "replace")).replace("\r", "")
        return True

    def expect(self, pattern: str, patience: float = PATIENCE) -> re.Match[str]:
        """Wait for `pattern` in what has not been expected before; what follows it stays unread."""
        end = time.monotonic() + patience
        while True:
            if found := re.compile(pattern).search(self.text, self.read):
                self.read = found.end()
                return found
            if time.monotonic() > end or not self.pump(0.2):
                raise AssertionError(f"never saw {pattern!r}; unread: {self.text[self.read :][-3000:]!r}")

    def ask(self, line: str, pattern: str, patience: float = PATIENCE) -> re.Match[str]:
        """Type a line and wait for `pattern`."""
        self.send(line)
        return self.expect(pattern, patience)

    def hung_up(self) -> bool:
        """Whether the world has closed the connection."""
        return not self.pump(0.05)

    def close(self) -> None:
        """Hang up."""
        self.link.close()


class World:
    """One world of this clone, with a state folder and ports of its own."""

    def __init__(self, folder: Path, template: Path | None = None, **settings: object) -> None:
        """`folder` holds its state; `template` is a prepared state folder to begin from;
        `settings` are setting names without the prefix, in lower case."""
        self.state = folder / "state"
        if template is not None:
            shutil.copytree(template, self.state)
        base = free_base()
        self.settings = {"owner": OWNER, "owner_password": PASSWORD, "port_base": base, "state_dir": self.state}
        self.settings |= settings
        self.clients: list[Telnet] = []
        self.project = location.PROJECT

    @property
    def ports(self) -> dict[str, int]:
        """Its ports by what they serve."""
        return location.ports(int(str(self.settings["port_base"])))

    @property
    def run_dir(self) -> Path:
        """Its locks and sockets."""
        return self.state / "run"

    def environment(self) -> dict[str, str]:
        """The environment of its processes: this one's, without other TIMMY_ settings."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("TIMMY_", "PYTEST_"))}
        return kept | {f"TIMMY_{k.upper()}": str(v) for k, v in self.settings.items()}

    def python(self, *args: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run this clone's Python with `args` as one of the world's programs."""
        return subprocess.run(
            [sys.executable, *args], cwd=self.project, env=self.environment(), text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=600, check=False, **more,
        )

    def cli(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run `timmy args…`."""
        return self.python("-m", "server.cli", *args)

    def read(self, *args: str) -> Any:
        """The data of `timmy args… --json`, which must succeed (3: what was asked for waits for approval)."""
        done = self.cli(*args, "--json")
        assert done.returncode in (0, 3), f"timmy {args} exit {done.returncode}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout)

    def status(self) -> dict[str, Any]:
        """`timmy status --json`, whatever its exit code."""
        told: dict[str, Any] = json.loads(self.cli("status", "--json").stdout)
        return told

    def ready(self) -> bool:
        """Whether Portal and Server answer, asked as `timmy status` asks them but without a process for each look."""
        try:
            return bool(client.ask(self.run_dir / "portal.sock", {"do": "status"}, 5.0).get("ready")
                        and client.ask(self.run_dir / "timmy.sock", {"verb": "health"}, 5.0).get("data"))  # fmt: skip
        except Unavailable:
            return False

    def start(self) -> World:
        """`timmy run`; fails with all that was said when the world does not come up."""
        done = self.cli("run")
        assert done.returncode == 0, f"timmy run exit {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return self

    def pid(self, name: str) -> int | None:
        """The process id of supervisor, portal or server."""
        return locks.holder(self.run_dir, name)

    def kill(self, name: str) -> int:
        """`kill -9` the process; its id."""
        pid = self.pid(name)
        assert pid, f"{name} does not run"
        os.kill(pid, signal.SIGKILL)
        return pid

    @contextlib.contextmanager
    def held(self, name: str) -> Iterator[None]:
        """The process stands still meanwhile: all that is sent to it waits, and is then there at once."""
        pid = self.pid(name)
        assert pid, f"{name} does not run"
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def back(self, name: str, old: int) -> int:
        """Wait until the process `name` runs with another id than `old` and the world is ready."""

        def fresh() -> int | None:
            pid = self.pid(name)
            return pid if pid not in (None, old) and self.ready() else None

        return int(until(fresh, f"{name} is back"))

    def telnet(self) -> Telnet:
        """A client that has connected but not logged in."""
        client = Telnet(self.ports["telnet"])
        self.clients.append(client)
        return client

    def login(self, name: str = OWNER, password: str = PASSWORD) -> Telnet:
        """A client that stands in the world as its character."""
        client = self.telnet()
        client.expect(r"(?i)connect <")
        client.send(f"connect {name} {password}")
        client.expect("(?i)fraternity hall")
        return client

    def log(self, name: str = "server") -> str:
        """Everything the process has logged."""
        return (self.state / "logs" / f"{name}.log").read_text(errors="replace")

    def close(self) -> None:
        """End everything, by force if need be; fails when a process had to be forced or is left."""
        for link in self.clients:
            link.close()
        done = self.cli("stop")
        left = [name for name in locks.NAMES if self.pid(name)]
        for name in left:
            self.kill(name)
        assert done.returncode == 0 and not left, f"stop exit {done.returncode}, left {left}: {done.stderr}"


@contextlib.contextmanager
def world(folder: Path, template: Path | None = None, **settings: object) -> Iterator[World]:
    """A started world that is certain to be ended."""
    made = World(folder, template, **settings)
    try:
        yield made.start()
    finally:
        made.close()

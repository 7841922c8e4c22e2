"""A real world for a test: its own state folder and ports, its command line, telnet clients.

Owns the starting and the certain ending of real processes. Waits are for conditions, with
limits generous enough for a loaded machine; nothing passes or fails by the clock.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
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

import pytest

from agents.kernel import location, settings
from agents.kernel.errors import Unavailable
from server import cli, client, locks, model_service, ports, processes, status, verbs
from tests.support.process import free_base

PATIENCE = 120.0
SOON, SELDOM = 0.03, 0.25
"""Seconds between two looks at what is waited for, at first and after a while."""
NOT_THEIRS = ("TIMMY_", "PYTEST_", "MAKE", "MFLAGS")
"""How variables begin that a world's processes do not inherit: make tells a make below it to print more."""
OWNER, PASSWORD = "owner", "correct-horse-battery"

_IAC = re.compile(rb"\xff\xfa.*?\xff\xf0|\xff[\xfb-\xfe].|\xff[\xf1-\xf9]", re.DOTALL)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def until(condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Wait until `condition` yields something true, and return that; fail naming `what`. It is asked less often the
    longer it takes, for asking a world keeps it from its work.
    """
    end, pause = time.monotonic() + patience, SOON
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience:.0f} s in vain: {what}")
        time.sleep(pause)
        pause = min(1.2 * pause, SELDOM)
    return found


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
        self.settings["keep_hours"] = False  # whatever the hour of a run, its agents are up
        self.settings |= settings
        self.clients: list[Telnet] = []
        self.project = location.PROJECT
        self.supervisor: subprocess.Popen[bytes] | None = None

    @property
    def ports(self) -> dict[str, int]:
        """Its ports by what they serve."""
        return ports.of(int(str(self.settings["port_base"])))

    @property
    def run_dir(self) -> Path:
        """Its locks and sockets."""
        return self.state / "run"

    def environment(self) -> dict[str, str]:
        """The environment of its processes: this one's, without what concerns the tests and the make around them."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(NOT_THEIRS)}
        return kept | {f"TIMMY_{k.upper()}": str(v) for k, v in self.settings.items()}

    def python(self, *args: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run this clone's Python with `args` as one of the world's programs."""
        return subprocess.run(
            [sys.executable, *args],
            cwd=self.project,
            env=self.environment(),
            text=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=600,
            check=False,
            **more,
        )

    def cli(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run `timmy args…`."""
        return self.python("-m", "server.cli", *args)

    def read(self, *args: str) -> Any:
        """The data of `timmy args… --json`, which must succeed (3: what was asked for waits for approval)."""
        done = self.cli(*args, "--json")
        assert done.returncode in (0, 3), f"timmy {args} exit {done.returncode}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout)

    def told(self, verb: str, argument: str = "") -> Any:
        """The data of a verb that must succeed (3: what was asked for waits for approval): what `timmy verb --json`
        prints, asked for as it asks but without a process for each question.
        """
        answer = client.ask(self.run_dir / "timmy.sock", verbs.question(verb, argument, True), PATIENCE)
        assert answer["exit"] in (0, 3), f"{verb} {argument} exit {answer['exit']}: {answer['lines']}"
        return answer["data"]

    @contextlib.contextmanager
    def _meant(self) -> Iterator[pytest.MonkeyPatch]:
        """Inside, this process has the world's settings, as a program of the world's has them."""
        with pytest.MonkeyPatch.context() as ours:
            for name, value in self.settings.items():
                ours.setenv(f"TIMMY_{name.upper()}", str(value))
            settings.current.cache_clear()
            yield ours
        settings.current.cache_clear()

    def typed(self, *args: str) -> subprocess.CompletedProcess[str]:
        """`timmy args…` run by its code in this process, for words that only ask a running Server or model service."""
        out, error = io.StringIO(), io.StringIO()
        with self._meant(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            code = cli.main(args)
        return subprocess.CompletedProcess(args, code, out.getvalue(), error.getvalue())

    def status(self) -> dict[str, Any]:
        """What `timmy status --json` prints, gathered by its code in this process, which waits longer for an answer."""
        with self._meant() as ours:
            ours.setattr(status, "SECONDS", PATIENCE)
            return status.gather()

    def ready(self) -> bool:
        """Whether Portal and Server answer."""
        try:
            return bool(
                client.ask(self.run_dir / "portal.sock", {"do": "status"}, 5.0).get("ready")
                and client.ask(self.run_dir / "timmy.sock", {"verb": "health"}, 5.0).get("data")
            )
        except Unavailable:
            return False

    def run(self) -> World:
        """`timmy run`; fails with all that was said when the world does not come up."""
        done = self.cli("run")
        assert done.returncode == 0, f"timmy run exit {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return self

    def start(self) -> World:
        """Start what is prepared, and wait for as much as `timmy run` waits for; fails with what the processes said
        when the world does not come up.
        """
        assert (self.state / "timmy.db3").exists(), f"{self.state} is not prepared"
        if self.supervisor is not None:
            self.supervisor.wait(PATIENCE)  # it was killed
        self.supervisor = begun = subprocess.Popen(
            [sys.executable, "-m", "server.supervisor"],
            cwd=self.project,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        up = self.ports["cascade"]
        try:
            until(
                lambda: begun.poll() is not None or (self.ready() and model_service.listens(up)),
                "the world is up",
                2 * PATIENCE,
            )
            assert begun.returncode is None, "the world could not start"
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n{self.last_words()}") from None
        return self

    def last_words(self) -> str:
        """What its processes said last."""
        files = [*self.run_dir.glob("*.out"), *(self.state / "logs").glob("*.log")]
        return "\n".join(f"{file.name}: {file.read_text(errors='replace')[-3000:]}" for file in files)

    def reload(self) -> int:
        """Have the Server started anew as `timmy reload` does, and wait until the world is ready; its new id."""
        old = self.pid("server")
        assert old and client.ask(self.run_dir / "portal.sock", {"do": "reload"}, PATIENCE)["begun"]
        return self.back("server", old)

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
        """End everything as `timmy stop` does; fails when a process had to be forced."""
        for link in self.clients:
            link.close()
        if self.pid("supervisor") is None and self.supervisor is not None:
            self.supervisor.terminate()  # one that is too young to hold its lock; nothing, where it has ended
        forced = [name for name in processes.NAMES if locks.end(self.run_dir, name, PATIENCE)]
        if self.supervisor is not None:
            self.supervisor.wait(PATIENCE)
        assert not forced, f"{forced} did not end: {self.last_words()}"


@contextlib.contextmanager
def world(folder: Path, template: Path | None = None, **settings: object) -> Iterator[World]:
    """A started world that is certain to be ended."""
    made = World(folder, template, **settings)
    try:
        yield made.run() if template is None else made.start()
    finally:
        made.close()

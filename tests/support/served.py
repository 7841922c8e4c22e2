"""A cascade served over a real socket from a thread of the test, and the world's own client in a process of its own."""

from __future__ import annotations

import atexit
import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import uvicorn

from agents.cascade import service
from agents.cascade.cascade import Cascade
from tests.support.process import free_port, until

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "t" * 40


class Served:
    """`make` builds the cascade inside the loop that serves it."""

    def __init__(self, make: Callable[[], Cascade]) -> None:
        self.port, self._make = free_port(), make
        self.cascade: Cascade | None = None
        self._server: uvicorn.Server | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        self.cascade = self._make()
        app = service.app(self.cascade, TOKEN)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                host="127.0.0.1",
                port=self.port,
                log_config=None,
                ws="none",
                timeout_graceful_shutdown=1,
            )
        )
        self._server.run()

    def __enter__(self) -> Served:
        self._thread.start()
        until(lambda: self._server and self._server.started, "the service listens")
        return self

    def __exit__(self, *error: object) -> None:
        assert self._server
        self._server.should_exit = True
        self._thread.join(30)


def _started() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.language_child"],
        cwd=ROOT,
        text=True,
        bufsize=1,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def _ended(process: subprocess.Popen[str]) -> None:
    assert process.stdin and process.stdout
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    process.wait(30)
    process.stdout.close()


class Asker:
    """The client in its process, which serves the next test when this one is over."""

    _idle: ClassVar[list[subprocess.Popen[str]]] = []

    def __init__(self, port: int, token: str = TOKEN, patience: float = 60.0) -> None:
        self.process = self._idle.pop() if self._idle else _started()
        self.do("begin", port=port, token=token, patience=patience)

    def __enter__(self) -> Asker:
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.do("end")
        if any("ended" in one for one in self.told()):
            self._idle.append(self.process)
        else:
            _ended(self.process)

    @classmethod
    def send_away(cls) -> None:
        """End the processes that wait for somebody."""
        while cls._idle:
            _ended(cls._idle.pop())

    def do(self, do: str, id: str = "", **more: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"do": do, "id": id, **more}) + "\n")

    def told(self) -> Iterator[dict[str, Any]]:
        """Each thing that happens."""
        assert self.process.stdout
        for line in self.process.stdout:
            yield json.loads(line)

    def next(self) -> dict[str, Any]:
        return next(self.told())

    def ended(self, id: str) -> tuple[str, dict[str, Any]]:
        """What was heard of an answer, and what came of it."""
        heard = []
        for one in self.told():
            assert one["id"] == id
            if "heard" not in one:
                return "".join(heard), one
            heard.append(one["heard"])
        raise AssertionError("the client's process has ended")

    def kill(self) -> None:
        self.process.kill()


atexit.register(Asker.send_away)

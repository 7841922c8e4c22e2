"""What tests of a running world ask again and again: repositories to work on, the world's tables,
its control socket, whether its record is whole and whether anything broke.

Owns no fixture and no process. Refuses to write into a world's tables: they are opened for reading.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.system.harness import PATIENCE, World, until

AGENTS = 5


def git(folder: Path, *args: str, who: str = "Ada") -> str:
    """Run git in `folder` as the author `who`, with nothing of this machine's configuration."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    identity = ("-c", f"user.name={who}", "-c", f"user.email={who.lower()}@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(("git", *identity, *args), cwd=folder, env=env, check=True, capture_output=True, text=True)
    return done.stdout


def repository(folder: Path, commits: int = 2) -> Path:
    """A small repository of so many commits, a file each."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    for number in range(commits):
        (folder / f"part{number}.py").write_text(f"x = {number}\n")
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", f"part {number}")
    return folder


def rows(world: World, query: str, *values: object) -> list[dict[str, Any]]:
    """What the world's database says, read from outside."""
    link = sqlite3.connect(f"file:{world.state}/timmy.db3?mode=ro", uri=True, timeout=60)
    try:
        link.row_factory = sqlite3.Row
        return [dict(row) for row in link.execute(query, values)]
    finally:
        link.close()


def task(world: World, number: int) -> dict[str, Any]:
    """A task as its table has it."""
    return rows(world, "select * from agents_task where id = ?", number)[0]


class Control:
    """One lasting connection to the world's control socket, as a program of the owner's has it."""

    def __init__(self, world: World) -> None:
        """Connect; raises OSError while the Server is away."""
        self.link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.link.settimeout(PATIENCE)
        try:
            self.link.connect(str(world.run_dir / "timmy.sock"))
        except OSError:
            self.link.close()
            raise
        self.lines = self.link.makefile("rb")

    def send(self, verb: str, argument: str = "") -> None:
        """Ask for a verb without waiting for the answer."""
        self.link.sendall(json.dumps({"verb": verb, "argument": argument, "width": 120}).encode() + b"\n")

    def answer(self) -> dict[str, Any]:
        """The next answer; raises ConnectionError when the Server went away before it."""
        line = self.lines.readline()
        if not line.endswith(b"\n"):
            raise ConnectionError("the Server went away before it had answered")
        told: dict[str, Any] = json.loads(line)
        return told

    def ask(self, verb: str, argument: str = "") -> dict[str, Any]:
        """A verb and its answer: {"lines", "data", "exit"}."""
        self.send(verb, argument)
        return self.answer()

    def close(self) -> None:
        """Hang up."""
        self.lines.close()
        self.link.close()


def control(world: World) -> Control:
    """A connection to the control socket, as soon as the Server answers there."""

    def attempt() -> Control | None:
        try:
            return Control(world)
        except OSError:
            return None

    found: Control = until(attempt, "the control socket answers")
    return found


def proposed(link: Control, text: str) -> int:
    """Propose a task (`Survey … = why`) and return its number; it counts as shown to the owner."""
    told = link.ask("task", f"add {text}")
    assert told["exit"] in (0, 3), told["lines"]  # 3: it waits for approval
    return int(told["data"]["number"])


def ended(world: World, numbers: Iterable[int]) -> dict[int, str]:
    """Wait until none of the tasks is approved or running; their statuses."""
    wanted = list(numbers)
    marks = ",".join("?" * len(wanted))

    def settled() -> dict[int, str] | None:
        found = {
            r["id"]: r["status"]
            for r in rows(world, f"select id, status from agents_task where id in ({marks})", *wanted)
        }
        return None if {"APPROVED", "RUNNING"} & set(found.values()) else found

    found: dict[int, str] = until(settled, f"the tasks {wanted} have ended", 20 * PATIENCE) if wanted else {}
    return found


def all_awake(world: World) -> None:
    """Wait until every agent's mind is awake."""
    link = control(world)
    try:
        until(lambda: sum(p["awake"] for p in link.ask("agents")["data"]) == AGENTS, "every mind is awake")
    finally:
        link.close()


def record_is_whole(world: World) -> None:
    """`audit verify`: the chain holds, and the tables are what the log says."""
    link = control(world)
    try:
        told = link.ask("audit", "verify")
    finally:
        link.close()
    assert told["exit"] == 0 and told["data"]["ok"], told["lines"]


def nothing_twice(world: World) -> None:
    """No step is done twice under its key, no task completed twice, no file committed twice."""
    keys = Counter(r["key"] for r in rows(world, "select key from agents_step where state = 'done'"))
    assert {k: n for k, n in keys.items() if n > 1} == {}
    done = Counter(r["task"] for r in rows(world, "select task from agents_event where topic = 'task.completed'"))
    assert {t: n for t, n in done.items() if n > 1} == {}
    assert set(done) == {r["id"] for r in rows(world, "select id from agents_task where status = 'COMPLETED'")}
    for made in rows(world, 'select agent, path, "commit" from agents_artifact'):
        commits = git(world.state / "homes" / made["agent"], "log", "--format=%H", "--", made["path"]).split()
        assert commits == [made["commit"]], made
    for home in (world.state / "homes").glob("*/.git"):
        subjects = Counter(re.findall(r"^Key: (.+)$", git(home.parent, "log", "--all", "--format=%B"), re.MULTILINE))
        assert {k: n for k, n in subjects.items() if n > 1} == {}


def faults(world: World) -> list[str]:
    """Whatever broke inside: bugs filed, and log lines with a traceback or of a Python error."""
    filed = [f"filed: {r['data']}" for r in rows(world, "select data from agents_event where topic = 'bug.filed'")]
    logged = []
    for log in sorted((world.state / "logs").glob("*.log*")):
        for line in log.read_text(errors="replace").splitlines():
            if '"trace"' in line or "Traceback (most recent call last)" in line:
                logged.append(f"{log.name}: {line[:3000]}")
    return filed + logged

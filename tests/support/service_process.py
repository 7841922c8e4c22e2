"""A process of its own that runs the services on a SQLite file, for tests that race and kill.

As a program: `python -m tests.support.service_process serve|chaos <state folder> <seed>`. `serve` answers one
JSON line for each it is given; `chaos` does one random deed after another and acknowledges each by
a line once it is committed. `Child` is the other end.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Child:
    """A started process; a context manager that ends it."""

    def __init__(self, folder: Path, mode: str = "serve", seed: int = 0) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.service_process", mode, str(folder), str(seed)],
            cwd=ROOT,
            text=True,
            bufsize=1,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={
                **os.environ,
                "SERVICES_DATABASE": str(folder / "world.db3"),
                "DJANGO_SETTINGS_MODULE": "tests.support.services_settings",
            },
        )
        assert self.process.stdin
        assert self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        self.mode = mode
        if mode == "serve":
            assert self.receive() == "ready"

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *error: object) -> None:
        if self.mode == "chaos":
            self.process.kill()  # it never ends by itself
        self.stdin.close()
        self.process.wait(60)
        self.stdout.close()

    def send(self, do: str, **more: Any) -> None:
        self.stdin.write(json.dumps({"do": do, **more}) + "\n")

    def receive(self) -> Any:
        line = self.stdout.readline()
        assert line, f"the process ended with {self.process.wait(10)}"
        return json.loads(line)

    def ask(self, do: str, **more: Any) -> Any:
        self.send(do, **more)
        return self.receive()

    def kill(self) -> list[str]:
        """`kill -9`, and what it had still said."""
        self.process.kill()
        return self.stdout.read().splitlines()


def main(mode: str, folder: Path, seed: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from agents.kernel.clock import SystemClock
    from tests.support import services

    call_command("migrate", verbosity=0)
    chaos = mode == "chaos"
    house = services.make(folder, clock=SystemClock(), seed=seed, seal_seconds=0.01 if chaos else 0, grace_seconds=0)
    if chaos:
        Chaos(house, folder / "effects", seed).run()
    say("ready")  # the tables are there: another process may start
    for line in sys.stdin:
        asked = json.loads(line)
        say(globals()[f"do_{asked.pop('do')}"](house, **asked))


def say(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def do_propose(house: Any, count: int) -> list[int]:
    return [house.count(f"/srv/{n}") for n in range(count)]


def do_show(house: Any, viewer: str, numbers: list[int]) -> int:
    for number in numbers:
        house.show(number, _owner(viewer))
    return len(numbers)


def do_decide(house: Any, viewer: str, number: int, verdict: str, at: float) -> dict[str, Any]:
    """Decide as near to the instant `at` (of the machine's monotonic clock) as can be."""
    from agents.kernel.errors import Conflict

    while time.monotonic() < at:
        pass
    try:
        (receipt,) = house.work.decide([str(number)], verdict, _owner(viewer), "telnet" if viewer == "alex" else "web")
    except Conflict as error:
        return {"lost": str(error)}
    return {"won": receipt.id, "verdict": receipt.verdict}


def do_append(house: Any, count: int, at: float) -> int:
    while time.monotonic() < at:
        pass
    for n in range(count):
        house.events.append("agent.timmy.say", "agent:timmy", data={"n": n, "pid": os.getpid()})
    return count


def do_pragmas(house: Any) -> dict[str, Any]:
    from django.db import connection, transaction

    from agents.events.durable import durable

    def read(name: str) -> Any:
        with connection.cursor() as cursor:
            return cursor.execute(f"PRAGMA {name}").fetchone()[0]

    connection.close()
    seen = {"mode": read("journal_mode"), "before": read("synchronous")}
    with durable():
        seen["within"] = read("synchronous")
        with durable():
            seen["nested"] = read("synchronous")
    seen["after"] = read("synchronous")
    try:
        with durable():
            raise KeyError
    except KeyError:
        seen["after_error"] = read("synchronous")
    try:
        with transaction.atomic(), durable():
            seen["refused"] = False
    except RuntimeError:
        seen["refused"] = True
    return seen


def do_state(house: Any) -> dict[str, Any]:
    from agents.events.models import Event
    from agents.governance.models import Approval
    from agents.work import replay
    from agents.work.models import Task

    resolved: dict[int, int] = {}
    for number in Event.objects.filter(topic__in=("approval.approved", "approval.rejected")).values_list(
        "approval", flat=True
    ):
        resolved[number] = resolved.get(number, 0) + 1
    report = house.events.verify()
    return {
        "tasks": {t.id: t.status for t in Task.objects.all()},
        "titles": list(Task.objects.values_list("title", flat=True)),
        "deciders": dict(Approval.objects.exclude(decided_by="").values_list("task", "decided_by")),
        "chain": [report.ok, report.why],
        "differences": replay.compare(),
        "events": Event.objects.count(),
        "resolved": resolved,
        "digests": dict(Event.objects.values_list("seq", "digest")),
    }


def _owner(name: str) -> Any:
    from agents.governance.rules import Actor

    return Actor("owner", name)


class Chaos:
    """Random deeds on random tasks, legal or not, each acknowledged with the head of the log."""

    def __init__(self, house: Any, effects: Path, seed: int) -> None:
        self.house, self.work, self.effects = house, house.work, effects
        self.random = random.Random(seed)
        self.seed = seed
        self.count = 0

    def run(self) -> None:
        from agents.kernel.errors import TimmyError

        self.work.drain()
        self.acknowledge("drain", {})
        deeds = [n for n in dir(self) if n.startswith("deed_")]
        while True:
            self.count += 1
            deed = self.random.choice(deeds)
            try:
                told = getattr(self, deed)() or {}
            except TimmyError as error:
                told = {"refused": type(error).__name__}
            self.acknowledge(deed, told)

    def acknowledge(self, deed: str, told: dict[str, Any]) -> None:
        head = self.house.events.last(1)
        say({"deed": deed, "seq": head[0].seq if head else 0, "digest": head[0].digest if head else "", **told})

    def any_task(self) -> int:
        from agents.work.models import Task

        numbers = list(Task.objects.values_list("id", flat=True))
        return self.random.choice(numbers[-12:]) if numbers else self.propose()

    def propose(self) -> int:
        return self.house.count(f"/srv/{self.seed}-{self.count}")

    def deed_propose(self) -> dict[str, Any]:
        return {"title": self.work.get(self.propose()).title}

    def deed_decide(self) -> None:
        number = self.any_task()
        self.house.show(number)
        self.work.decide(
            [str(number)], self.random.choice(("ok", "ok", "no")), _owner("alex"), "telnet", reason="chaos"
        )

    def deed_settle(self) -> None:
        time.sleep(0.01)
        self.work.settle()

    deed_settle_again = deed_settle

    def deed_undo(self) -> None:
        self.work.undo(_owner("alex"), "telnet")

    def deed_steer(self) -> None:
        number, owner = self.any_task(), _owner("alex")
        self.random.choice(
            [
                lambda: self.work.pause(number, owner, "web"),
                lambda: self.work.resume(number, owner, "web"),
                lambda: self.work.retry(number, owner, "web"),
                lambda: self.work.reopen(number, owner, "web"),
                lambda: self.work.backlog(number, "chaos", owner, "web"),
                lambda: self.work.assign(number, "timmy", owner, "web"),
                lambda: self.work.prioritise(number, "HIGH", owner, "web"),
                lambda: self.work.edit(number, description=str(self.count), actor=owner, via="web"),
            ]
        )()

    def deed_claim(self) -> None:
        task = self.work.next_for("timmy", ("terminal",))
        if task is not None:
            self.work.claim(task.id, "timmy")

    deed_claim_again = deed_claim

    def deed_step(self) -> dict[str, Any]:
        """One journalled step, whose effect is a line in a file; the key comes round again."""
        from agents.work.models import Task

        task = Task.objects.filter(status="RUNNING").order_by("id").first()
        if task is None:
            return {}
        repeat = self.random.choice(("pure", "keyed", "once"))
        key = f"{task.id}/{task.attempt}/{repeat}/{self.random.randrange(3)}"
        step = self.house.journal.begin("timmy", "PLAN", 0, f"do({key})", task=task, key=key, repeat=repeat)
        if step.state == "done":
            return {"skipped": key}
        with self.effects.open("a") as file:
            file.write(key + "\n")
        self.house.journal.finish(step, {"at": self.count})
        self.work.note_progress(self.work.get(task.id))
        return {"finished": key}

    deed_step_again = deed_step_once_more = deed_step

    def deed_end(self) -> None:
        number = self.any_task()
        end = self.random.choice((self.work.complete, self.work.fail, self.work.block))
        end(number, "timmy", "chaos")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))

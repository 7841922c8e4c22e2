"""The whole Server is killed again and again while two clients and five agents work: what was
acknowledged is there, nothing is done twice, and everybody finds the world as it was.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from agents.kernel.errors import Unavailable
from commands.verbs.tasks import WAITING_EXIT
from server import client
from tests.system import harness, jobs
from tests.system.harness import Telnet, World, until

SLUGS = ("timmy", "allegro", "ezra", "bezalel", "allegro-primus")
PRIORITIES = ("low", "normal", "high", "urgent")
PROPOSED = re.compile(r"Task (\d+) is proposed\.")
RECEIPT = re.compile(r"(?<!\S)(\d+) (approved|rejected)(?:, takes effect in [^:]*)?: [^:]*?Receipt (\w{26})\.")
ASSIGNED = re.compile(rf"(?<!\S)(\d+) is ({'|'.join(sorted(SLUGS, key=len, reverse=True))})'s\. Now")
PRIORITISED = re.compile(rf"(?<!\S)(\d+) is ({'|'.join(PRIORITIES)})\. Now")


class Worker(Thread):
    """A client that proposes, approves, vetoes, assigns and reprioritises by chance, and keeps every
    line it sent and every word it was answered.
    """

    def __init__(self, world: World, name: str, seed: float, repositories: list[Path], surveys: int) -> None:
        super().__init__(name=name, daemon=True)
        self.world, self.dice, self.repositories, self.surveys = world, random.Random(seed), repositories, surveys
        self.enough = Event()
        self.since = int(jobs.rows(world, "select max(seq) as seq from agents_event")[0]["seq"])
        self.sent: list[str] = []
        self.fault: BaseException | None = None

    def transcript(self) -> str:
        """All that it was told, without line breaks."""
        raise NotImplementedError

    def speak(self, line: str) -> None:
        """Send a line and take in what is answered, for a moment."""
        raise NotImplementedError

    def lines(self) -> Iterator[str]:
        """What it types, for ever: `surveys` surveys, each given to an agent, among tasks that only wait."""
        mine: list[int] = []
        for turn in range(10**6):
            text = f"turn {turn} of {self.name}"
            survey = self.surveys > 0 and turn % 3 == 0
            yield (
                f"task add Survey {self.dice.choice(self.repositories)} = {text}"
                if survey
                else f"task add words Ponder {text} = {text}"
            )
            before, mine = len(mine), [int(n) for n in PROPOSED.findall(self.transcript())]
            if len(mine) == before:
                continue
            self.surveys -= survey
            newest, some = mine[-1], self.dice.choice(mine)
            yield f"ok {newest}" if survey or self.dice.random() < 0.7 else f"no {newest} = not now"
            if survey or self.dice.random() < 0.3:
                yield f"assign {newest if survey else some} = {self.dice.choice(SLUGS)}"
            if self.dice.random() < 0.5:
                yield f"prioritise {some} = {self.dice.choice(PRIORITIES)}"

    def run(self) -> None:
        """Type until it is enough."""
        try:
            for line in self.lines():
                if self.enough.is_set():
                    return
                self.sent.append(line)
                self.speak(line)
        except BaseException as fault:
            self.fault = fault


class Gamer(Worker):
    """The owner at a telnet client."""

    def __init__(self, *args: object, link: Telnet) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.link = link

    def transcript(self) -> str:
        """What the screen has shown."""
        return " ".join(self.link.text.split())

    def speak(self, line: str) -> None:
        """Type a line and read on for a moment."""
        self.link.send(line)
        refused = self.link.text.endswith("when it is back)\n")  # the world is away: no use in typing on
        end = time.monotonic() + (2 if refused else self.dice.uniform(0.05, 0.4))
        while (left := end - time.monotonic()) > 0:
            assert self.link.pump(left), "the player was disconnected"


class Scripter(Worker):
    """The owner's program at the control socket, a connection a line, as `timmy` is."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.told: list[str] = []

    def transcript(self) -> str:
        """What it was answered."""
        return " ".join(" ".join(self.told).split())

    def speak(self, line: str) -> None:
        """Ask, and remember the answer if there is one."""
        verb, _, argument = line.partition(" ")
        question = {"verb": verb, "argument": argument, "width": 120}
        try:
            answer = client.ask(self.world.run_dir / "timmy.sock", question)
        except Unavailable:
            self.enough.wait(1)
        else:
            self.told += answer["lines"]
        self.enough.wait(self.dice.uniform(0.0, 0.3))


@pytest.mark.parametrize("kills", [pytest.param(2, id="few"), pytest.param(50, id="many", marks=pytest.mark.soak)])
def test_kills_at_random_moments_lose_nothing_and_double_nothing(
    fresh_world: Callable[..., World], tmp_path: Path, kills: int
) -> None:
    """`kill -9` of the Server while it works and sometimes while it boots; now and then a reload between,
    which forgives the deaths before it, so that the wait before a restart does not grow."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    repositories = [jobs.repository(tmp_path / "readable" / f"r{n}") for n in range(3)]
    world = fresh_world(
        seal_seconds=0.3, step_seconds=0.05, grace_seconds=1, step_budget=500, read_paths=tmp_path / "readable"
    )
    player = world.login()
    player.ask("library", "LEARNING LIBRARY")
    body = "select db_location_id as place, id from objects_objectdb where db_key = 'owner'"
    stood = jobs.rows(world, body)
    workers = [
        Gamer(world, "telnet", dice.random(), repositories, 1 + kills // 5, link=player),
        Scripter(world, "cli", dice.random(), repositories, 1 + kills // 5),
    ]
    for worker in workers:
        worker.start()
    for turn in range(kills):
        time.sleep(dice.uniform(0.5, 6 if kills > 5 else 3))
        old = until(lambda: world.pid("server"), "a Server runs")
        assert world.kill("server") == old
        if turn % 5 == 1:
            fresh = until(lambda old=old: world.pid("server") not in (None, old) and world.pid("server"), "it boots")
            time.sleep(dice.uniform(0, 4))
            assert world.kill("server") == fresh
            old = fresh
        world.back("server", old)
        if turn % 5 == 4:
            assert world.cli("reload").returncode == 0
    time.sleep(3)
    for worker in workers:
        worker.enough.set()
        worker.join(60)
        assert not worker.is_alive()
        assert worker.fault is None, worker.fault
    player.pump(2)

    jobs.all_awake(world)
    wanted = [
        r["id"]
        for r in jobs.rows(
            world, "select id from agents_task where kind = 'survey' and status not in ('PENDING_APPROVAL', 'VETOED')"
        )
    ]
    outcome = jobs.ended(world, wanted)
    assert set(outcome.values()) == {"COMPLETED"}, [jobs.task(world, n) for n, s in outcome.items() if s != "COMPLETED"]
    until(
        lambda: not jobs.rows(world, "select id from agents_approval where state = 'pending' and verdict != ''"),
        "the last verdicts take effect",
    )

    for worker in workers:
        all_acknowledged_is_on_record(world, worker)
    jobs.nothing_twice(world)
    jobs.record_is_whole(world)
    assert jobs.faults(world) == []

    assert jobs.rows(world, body) == stood
    assert not player.hung_up()
    assert world.status()["connections"] == 1
    player.ask("look", "LEARNING LIBRARY")
    player.ask("say Still here.", 'You say, "Still here')
    print(
        f"{kills} kills; {sum(len(w.sent) for w in workers)} lines sent; "
        f"{len(jobs.rows(world, 'select id from agents_task'))} tasks, {len(outcome)} surveys completed; "
        f"{jobs.rows(world, 'select count(*) as n from agents_event')[0]['n']} events"
    )


def all_acknowledged_is_on_record(world: World, worker: Worker) -> None:
    """Each answer has its row and its event; and nothing was done more often than it was asked for."""
    told, via, since = worker.transcript(), worker.name, worker.since
    numbers = [int(n) for n in PROPOSED.findall(told)]
    assert numbers and len(set(numbers)) == len(numbers)
    typed = (line.removeprefix("task add ") for line in worker.sent if line.startswith("task add "))
    titles = Counter(line.removeprefix("words ") for line in typed)
    made = jobs.rows(
        world,
        "select t.id, t.title, t.description from agents_task t join agents_event e on e.task = t.id "
        "where e.topic = 'task.proposed' and e.via = ? and e.seq > ?",
        via,
        since,
    )
    assert set(numbers) <= {r["id"] for r in made}
    assert Counter(f"{r['title']} = {r['description']}" for r in made) <= titles

    receipts = RECEIPT.findall(told)
    assert receipts
    sealed = {
        (r["task"], r["verdict"], r["receipt"]): r["state"]
        for r in jobs.rows(
            world,
            "select a.* from agents_approval a join agents_event e on e.approval = a.id "
            "where e.topic = 'approval.sealed' and e.via = ? and e.seq > ?",
            via,
            since,
        )
    }
    for number, verdict, receipt in receipts:
        assert sealed.get((int(number), verdict, receipt)) == verdict, (number, verdict, receipt)
    assert len(sealed) <= sum(line.startswith(("ok ", "no ")) for line in worker.sent)

    for topic, column, acknowledged, asked in (
        ("task.assigned", "assignee", ASSIGNED.findall(told), "assign"),
        ("task.prioritised", "priority", PRIORITISED.findall(told), "prioritise"),
    ):
        done = Counter(
            (str(r["task"]), r["value"].lower())
            for r in jobs.rows(
                world,
                f"select task, json_extract(data, '$.{column}') as value from agents_event "
                "where topic = ? and via = ? and seq > ?",
                topic,
                via,
                since,
            )
        )
        lines = Counter(
            tuple(part.strip() for part in line.removeprefix(asked).split("="))
            for line in worker.sent
            if line.startswith(asked)
        )
        assert Counter(acknowledged) <= done <= lines


# -- a full disk -------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of its own with 48 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=48m,mode=700", "timmy-test", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount on this machine")
    if done.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Take all the room there is on `disk`; the file to remove."""
    ballast = disk / "ballast"
    with ballast.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return ballast


def test_a_full_disk_is_told_and_survived(prepared: Path, small_disk: Path, tmp_path: Path) -> None:
    """Work goes on when there is room again; until then nothing is acknowledged that is not kept."""
    repositories = [jobs.repository(tmp_path / "readable" / f"r{n}", 3) for n in range(2)]
    quick = {"seal_seconds": 0, "step_seconds": 0.3, "grace_seconds": 1, "read_paths": tmp_path / "readable"}
    with harness.world(small_disk, prepared, **quick) as world:
        player, link = world.login(), jobs.control(world)
        running = jobs.proposed(link, f"Survey {repositories[0]} = while the disk fills")
        for verb, argument in (("ok", f"{running}"), ("assign", f"{running} = timmy")):
            assert link.ask(verb, argument)["exit"] == 0
        until(lambda: jobs.task(world, running)["steps_taken"] >= 2, "the survey is under way")
        asked = jobs.proposed(link, "Ponder the room there is = before the disk is full")

        ballast = fill(small_disk)
        until(lambda: link.ask("ok", str(asked))["exit"] or not os.statvfs(small_disk).f_bavail, "the disk is full")
        kept: dict[int, str] = {}
        refusals = []
        for turn in range(400):
            if not os.statvfs(small_disk).f_bavail:
                answer = link.ask("task", f"add Ponder turn {turn} = {'filler ' * 2000}")
                if answer["exit"] not in (0, WAITING_EXIT):
                    refusals.append(" ".join(answer["lines"]))
                else:
                    kept[answer["data"]["number"]] = answer["data"]["title"]
            else:
                fill(small_disk)
            if len(refusals) >= 3:
                break
        assert len(refusals) >= 3, "the disk was never too full"
        assert all(re.search("(?i)disk.*full|no room|no space", told) for told in refusals), refusals
        told = "is proposed"
        while told == "is proposed":  # the world had found a little room yet
            ballast = fill(small_disk)
            told = player.ask(
                "task add words Ponder this too = " + "filler " * 500, "(?i)disk.*full|no room|no space|is proposed"
            )[0]
        player.ask("look", "FRATERNITY HALL")
        time.sleep(3)  # the minds meet it as well

        ballast.unlink()
        number = until(lambda: link.ask("task", "add Ponder on = there is room again")["data"].get("number"), "room")
        assert jobs.task(world, number)["title"] == "Ponder on"
        for made, title in kept.items():
            assert jobs.task(world, made)["title"] == title
        assert jobs.ended(world, [running]) == {running: "COMPLETED"}
        again = jobs.proposed(link, f"Survey {repositories[1]} = afterwards")
        link.ask("ok", str(again))
        assert jobs.ended(world, [again]) == {again: "COMPLETED"}
        assert re.search("(?i)disk.*full|no space", world.log())
        jobs.all_awake(world)
        jobs.nothing_twice(world)
        jobs.record_is_whole(world)
        player.ask("say Room enough.", "Room enough")
        link.close()

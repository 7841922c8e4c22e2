"""A real world whose log holds a million events of two days: how long `footprints` and `rewind` hold the
reactor, beside `feed` and `look`, and how long an event takes to write with the rooms' indices and without.
"""

from __future__ import annotations

import json
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from tests.system import jobs
from tests.system.harness import Telnet, World

EVENTS, DAYS, AGENTS = 1_000_000, 2, 25
ROOMS = ("hall", "workshop", "forge", "shrine", "grove", "archives", "spire", "library", "observatory", "treasury")
INDICES = ("event_came", "event_left", "event_place")
COLUMNS = "seq, at, topic, actor, via, agent, task, approval, step, data, previous, digest"
LINES = (
    "footprints in hall",
    "footprints yesterday in hall",
    "footprints 2d in hall",
    "footprints timmy 2d in hall",
    "footprints in orb",
    "rewind 20m in hall",
    "rewind yesterday 03:10 in hall",
    "rewind 2026-01-01 in hall",
    "rewind yesterday in workshop",
    "feed 100",
)


def measure(quick: bool = False) -> dict[str, Any]:
    """Milliseconds on the reactor for the owner and for a guest, and microseconds an event."""
    count = EVENTS // 50 if quick else EVENTS
    with tempfile.TemporaryDirectory(prefix="timmy-bench-") as name:
        world = World(Path(name))
        done = world.python("-m", "server.prepare")
        if done.returncode:
            raise RuntimeError(done.stderr)
        writes = _fill(world.state / "timmy.db3", count)
        try:
            world.run()
            jobs.all_awake(world)
            owner = world.login()
            found = {
                kind: {line: _asked(owner, kind, line, 3 if quick else 15) for line in LINES}
                for kind in ("owner", "person")
            }
        finally:
            world.close()
    return {"events": count, "reactor_ms": found, "write_us_an_event": writes}


def _asked(owner: Telnet, kind: str, line: str, times: int) -> dict[str, float]:
    told = owner.ask(
        f"@py from tests.bench import rooms; print(rooms.inside({kind!r}, {line!r}, {times}))", r"TOOK(\{[\s\S]*?\})"
    )[1]
    taken: dict[str, float] = json.loads(told)
    return taken


def inside(kind: str, line: str, times: int) -> str:
    """Run in the Server: what a line typed by somebody of that kind takes, by the processor and by the wall."""
    from agents.governance.rules import Actor
    from agents.house.house import current
    from commands import verbs
    from commands.verbs import Caller

    word, _, rest = line.partition(" ")
    caller, house = Caller(Actor(kind, "owner"), "telnet", "hall"), current()  # type: ignore[arg-type]
    assert house is not None
    taken = []
    for _ in range(times):
        begun = time.thread_time(), time.perf_counter()
        reply = verbs.run(house, caller, word, rest)
        taken.append((1000 * (time.thread_time() - begun[0]), 1000 * (time.perf_counter() - begun[1])))
        if reply.exit:
            raise RuntimeError(f"{line}: {reply.lines}")
    cpu, wall = zip(*taken, strict=True)
    figures = {"cpu": round(median(cpu), 1), "wall": round(median(wall), 1), "longest": round(max(wall), 1)}
    return f"TOOK{json.dumps(figures)}"


def _fill(path: Path, count: int) -> dict[str, float]:
    link = sqlite3.connect(path, isolation_level=None)
    (first,) = link.execute("select coalesce(max(seq), 0) from agents_event").fetchone()
    rows = _rows(first + 1, count + 4000, random.Random(7))
    _write(link, rows, count, count)
    taken = {"with": _write(link, rows, 2000, 5)}
    made = [sql for (sql,) in link.execute("select sql from sqlite_master where name in (?, ?, ?)", INDICES).fetchall()]
    for index in INDICES:
        link.execute(f"drop index {index}")
    taken["without"] = _write(link, rows, 2000, 5)
    begun = time.perf_counter()
    for sql in made:
        link.execute(sql)
    taken["seconds_to_index_all"] = round(time.perf_counter() - begun, 2)
    link.close()
    return taken


def _write(link: sqlite3.Connection, rows: Iterator[tuple[Any, ...]], count: int, at_once: int) -> float:
    marks = ",".join("?" * 12)
    parts = [[next(rows) for _ in range(at_once)] for _ in range(count // at_once)] if at_once < count else []
    begun = time.process_time()
    for part in parts or [rows_of(rows, count)]:
        link.execute("begin immediate")
        link.executemany(f"insert into agents_event ({COLUMNS}) values ({marks})", part)
        link.execute("commit")
    return round(1e6 * (time.process_time() - begun) / count, 1)


def rows_of(rows: Iterator[tuple[Any, ...]], count: int) -> Iterator[tuple[Any, ...]]:
    """The next so many rows, one at a time."""
    return (next(rows) for _ in range(count))


def _rows(first: int, count: int, chance: random.Random) -> Iterator[tuple[Any, ...]]:
    """Walks, gestures, words and finished steps; most walks lead through the Hall, as they do in the world."""
    begun = datetime.now(UTC) - timedelta(days=DAYS)
    slugs = ["timmy", "ezra", "allegro", "bezalel", *(f"a{n}" for n in range(AGENTS - 4))]
    deeds: tuple[tuple[str, Callable[[], dict[str, Any]]], ...] = (
        ("move", lambda: {"from": "hall", "to": chance.choice(ROOMS[1:])}),
        ("move", lambda: {"from": chance.choice(ROOMS[1:]), "to": "hall"}),
        ("emote", lambda: {"room": chance.choice(ROOMS[:4]), "text": "counts the candles: 5 of 5 burn."}),
        (
            "say",
            lambda: {"room": "hall", "text": "I have surveyed garden: 1 commit, 3 files, 2 tests, 0 broken things."},
        ),
        (
            "did",
            lambda: {
                "action": "move(hall, workshop)",
                "index": 3,
                "of": 8,
                "said": "",
                "text": "walk from Hall to Workshop",
            },
        ),
    )
    for number in range(count):
        slug, (deed, data) = chance.choice(slugs), deeds[chance.choice((0, 1, 2, 4, 4, 4, 3, 2))]
        at = begun + timedelta(days=DAYS) * (number / count)
        yield (
            first + number,
            at.strftime("%Y-%m-%d %H:%M:%S.%f"),
            f"agent.{slug}.{deed}",
            f"agent:{slug}",
            "mind",
            slug,
            None,
            None,
            f"{number:026d}",
            json.dumps(data()),
            f"{chance.getrandbits(256):064x}",
            f"{chance.getrandbits(256):064x}",
        )

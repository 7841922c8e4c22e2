"""Following by real connections while five agents work as fast as they can: W7, P2; and W17 afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agents.events.models import Event
from agents.events.topic import kind_of
from agents.governance.rules import Actor
from agents.kernel.clock import SystemClock
from commands import sight, telling
from tests.system import harness, jobs
from tests.system.harness import OWNER, Telnet, World, until

REPOSITORIES = 5
QUICK = {"seal_seconds": 0, "step_seconds": 0, "grace_seconds": 0.2}
RATE = 3
"""Lines a second: few, so that there are too many of them on any machine."""
AGENTS = "timmy ezra allegro bezalel allegro-primus"
TOLD = re.compile(r"^\d\d:\d\d ", re.MULTILINE)
LEFT_OUT = re.compile(r"^\((\d+) lines? left out", re.MULTILINE)
TOGETHER = re.compile(
    r"^\d\d:\d\d [A-Z][\w-]+(?:(?:,|\s+and)\s+[\w-]+)*"
    r"\s+(?:is awake|are awake|closes its eyes|close their eyes|(?:has|have)\s+(?:come\s+into|left)\s+the\s+world)",
    re.MULTILINE,
)
"""Lines that are told a while after, of several events together, whatever somebody follows."""
VIEWERS = {"owner": Actor("owner", OWNER), "mia": Actor("person", "mia")}


def last(world: World) -> int:
    return int(jobs.rows(world, "select max(seq) as seq from agents_event")[0]["seq"])


def events(world: World, after: int, upto: int) -> list[Event]:
    """What is on record behind `after`, up to `upto`."""
    rows = jobs.rows(
        world,
        "select topic, actor, agent, task, step, data from agents_event where seq > ? and seq <= ?",
        after,
        upto,
    )
    return [Event(**{**row, "data": json.loads(row["data"])}) for row in rows]


def wanted(viewer: Actor, happened: list[Event]) -> int:
    """How many events the viewer, who watches all agents and follows the feed, is to be told or counted; without those
    that `tally` leaves out.
    """
    deep = telling.is_step_line if viewer.kind == "owner" else telling.is_deed
    found = 0
    for event in happened:
        # Shown to nobody here.
        reported = viewer.kind == "person" and event.task is not None and kind_of(event.topic) == "say"
        if telling.stirs(event) or telling.is_news(event) or reported or not sight.sees(viewer, event):
            continue
        found += bool(deep(event) if event.agent else not telling.is_quiet(event))
    return found


def tally(text: str) -> tuple[int, int]:
    """(lines told, lines counted as left out); who wakes, sleeps, comes or goes has lines of their own kind."""
    return len(TOLD.findall(text)) - len(TOGETHER.findall(text)), sum(map(int, LEFT_OUT.findall(text)))


@pytest.fixture
def begin(fresh_world: Callable[..., World], tmp_path: Path) -> Callable[..., World]:
    """Starts a world whose agents take no pause between steps, with repositories to survey."""

    def begun(**settings: object) -> World:
        world = fresh_world(**QUICK, read_paths=tmp_path, **settings)
        for number in range(REPOSITORIES):
            jobs.repository(tmp_path / f"r{number}")
        jobs.all_awake(world)
        return world

    return begun


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory, prepared: Path) -> Iterator[World]:
    """Such a world for tests that need no bound of what is told; `readable` beside its state may be read."""
    folder = tmp_path_factory.mktemp("y")
    with harness.world(folder, prepared, **QUICK, read_paths=folder / "readable", feed_rate=1000) as made:
        jobs.all_awake(made)
        yield made


def ask(world: World, verb: str, argument: str) -> dict[str, Any]:
    """A verb and its answer, by a connection of its own to the control socket."""
    with closing(jobs.control(world)) as link:
        return link.ask(verb, argument)


def propose(world: World, text: str) -> int:
    with closing(jobs.control(world)) as link:
        return jobs.proposed(link, text)


def test_w7_p2_busy_agents_flood_nobody_and_every_line_left_out_is_counted(
    begin: Callable[..., World], tmp_path: Path
) -> None:
    busy = begin(feed_rate=RATE)
    secret = ask(busy, "guest", "add mia")["data"]["password"]
    clients = {"owner": busy.login(), "mia": busy.login("mia", secret), "again": busy.login()}
    first, started, clock = last(busy), {}, SystemClock()
    begun = clock.monotonic()
    for client in clients.values():
        client.send("archives")  # to where no agent goes: what is seen in the room is not told again
        client.ask("memorial wall", "MEMORIAL WALL")
        client.ask(f"watch {AGENTS}", "You are watching .*primus")
        client.ask("feed on", "You are following the feed")
        started[client] = client.read
    seen = last(busy)
    numbers = [propose(busy, f"Survey {tmp_path / f'r{n}'} = to be busy") for n in range(REPOSITORIES)]
    ask(busy, "ok", " ".join(map(str, numbers)))
    until(
        lambda: _all_read(clients) and not {"APPROVED", "RUNNING"} & _statuses(busy, numbers), "the work is done", 2400
    )
    ended = last(busy)
    for client in clients.values():
        client.ask("feed off", "You are no longer following the feed")
        client.ask("unwatch all", "You are not watching anybody")
    after = last(busy)
    least = {name: wanted(VIEWERS.get(name, VIEWERS["owner"]), events(busy, seen, ended)) for name in clients}
    # A line about who woke may have waited from before, and be among those left out.
    stirs = sum(telling.stirs(event) for event in events(busy, 0, after))

    def heard(name: str) -> tuple[int, int]:
        return tally(clients[name].text[started[clients[name]] :])

    # The last count comes a second after the first line that was left out.
    until(
        lambda: _all_read(clients) and all(sum(heard(name)) >= least[name] for name in clients),
        "all is told or counted",
    )
    elapsed = clock.monotonic() - begun
    for client in clients.values():
        client.ask("board", "TASK BOARD")
    for name, client in clients.items():
        text = client.text[started[client] :]
        told, left_out = heard(name)
        most = wanted(VIEWERS.get(name, VIEWERS["owner"]), events(busy, first, after)) + stirs
        assert told + left_out <= most, f"{name}: {told} told and {left_out} counted of {most}"
        assert left_out, f"{name} was never short of places: the test is too tame"
        assert told + len(LEFT_OUT.findall(text)) <= RATE * (elapsed + 1), (
            f"{name} was told {told} lines in {elapsed:.1f} s"
        )
    guest = clients["mia"].text[started[clients["mia"]] :]
    assert not re.search(r"plan \d+/\d+|replan|completed task|approved \d|proposed", guest), guest
    jobs.record_is_whole(busy)
    assert jobs.faults(busy) == []


def _statuses(world: World, numbers: list[int]) -> set[str]:
    marks = ",".join("?" * len(numbers))
    return {
        row["status"] for row in jobs.rows(world, f"select status from agents_task where id in ({marks})", *numbers)
    }


def _all_read(clients: dict[str, Telnet]) -> bool:
    return all(client.pump(0.05) for client in clients.values())


def test_p2_w7_what_is_followed_outlasts_reload_and_kill_and_ends_where_it_is_ended(lively: World) -> None:
    busy, readable = lively, lively.state.parent / "readable"
    for name in ("followed", "alone"):
        jobs.repository(readable / name)
    owner = busy.login()
    owner.ask("watch timmy", "You are watching timmy")
    owner.ask("feed on", "You are following the feed")
    busy.reload()
    owner.expect(r"are awake|is awake")
    busy.back("server", busy.kill("server"))
    jobs.all_awake(busy)
    number = propose(busy, f"Survey {readable / 'followed'} = to be seen")
    owner.expect(f"proposed task {number}")
    owner.ask("feed off", "You are no longer following")
    owner.ask("unwatch all", "You are not watching anybody")
    mark = len(owner.text)
    propose(busy, f"Survey {readable / 'alone'} = to be seen by nobody")
    owner.ask("board", "TASK BOARD")
    assert not TOLD.search(owner.text[mark:])


def test_w17_rooms_remember_what_happened_over_a_kill(lively: World) -> None:
    busy = lively
    number = propose(busy, f"Survey {jobs.repository(busy.state.parent / 'readable' / 'past')} = to be remembered")
    ask(busy, "ok", str(number))
    assert jobs.ended(busy, [number]) == {number: "COMPLETED"}
    busy.back("server", busy.kill("server"))
    owner = busy.login()
    owner.send("workshop")
    owner.expect("WORKSHOP")
    who = jobs.task(busy, number)["assignee"]
    shown = owner.ask(
        "footprints",
        (
            rf"(?s)FOOTPRINTS\. Workshop, today: \d+ crossings?.*?(\d\d:\d\d)\S* {re.escape(who.title())} from "
            rf"[^\n]*(?:\n\s+[^\n]*)*for[\s\S]*?task {number}"
        ),
    )
    assert shown
    owner.ask("footprints", r"owner from Fraternity Hall, still here")
    replay = owner.ask("rewind 20m", r"(?s)REWIND\. Workshop.*?This is past.*?(?:END OF REWIND|REWIND PAUSED)")[0]
    assert f"{who.title()} arrives from" in replay and f"{who.title()} takes the" in replay
    told = busy.told("rewind", "20m in workshop")
    assert {"agent." + who + ".move", "agent." + who + ".take"} <= {event["topic"] for event in told["events"]}
    jobs.record_is_whole(busy)

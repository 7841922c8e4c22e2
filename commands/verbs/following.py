"""Following what goes on: agents, watching them, the feed, histories, arrival, status.

Renders presences and events. Refuses to remember by itself: what is followed is kept by
the account, and told by `commands.live`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from agents.events.models import Event
from agents.house.record import doubts
from agents.kernel.errors import NotFound, Unavailable
from agents.kernel.text import visible
from agents.mind.minds import Minds
from agents.thinking.ports import Known
from agents.work.models import Task
from commands import grammar, lookup, telling, welcome
from commands.connection import FEED, WATCHING
from commands.layout import Column, age, clock, count, heading, hint, span, table
from commands.sight import seen_by
from commands.verbs import Caller, Client, Reply, verb
from commands.verbs.tasks import came
from world.screen import paint

if TYPE_CHECKING:
    from agents.house.house import House

MOST_EVENTS = 100
MOST_READ = 3000
"""Events looked through for them: many are detail that others tell already."""
MOST_BLOCKS = 50
MOST_BAD = 3
"""Tasks that ended badly that `arrival` tells one by one, the newest first."""
MOST_COUNTED = 10_000
"""Events that `arrival` looks through."""
GOLDEN_OFF = "GOLDEN_TIMMY IS OFF: work runs without approval. `golden on` turns it back on."


@verb(
    "agents",
    aliases=("roster",),
    syntax=("agents", "agents <name>"),
    help="List the agents: who is where, doing what.",
    examples=("agents", "agents timmy"),
    see=("watch", "plan", "why", "assign"),
    reads=True,
)
def agents(house: House, caller: Caller, argument: str) -> Reply:
    """What stands there is what each truly does now: its plan's present step, or that it rests."""
    present = house.need(Known).presences()
    if argument:
        slug = lookup.agent(house, argument, away=True)
        present = tuple(p for p in present if p.slug == slug)
        if not present:
            raise NotFound(f"{slug} is known here but is not around.", next="agents")
    awake = sum(p.awake for p in present)
    lines = [heading(f"AGENTS. {count(awake, 'mind')} awake of {len(present)}.")]
    rows = [
        (
            p.name,
            house.need(Known).room_name(p.room) if p.room else "nowhere",
            p.told(caller.actor) if p.awake else f"asleep: {p.told(caller.actor)}",
        )
        for p in present
    ]
    lines += table(caller, (Column("", 16, style="name"), Column("in", 20), Column("", fill=True)), rows)
    lines.append(hint("watch <name>, plan <name>, why <name>"))
    return Reply(lines, [vars(p) | {} for p in present])


def _client(caller: Caller, what: str, instead: str) -> Client:
    if caller.client is None:
        raise Unavailable(f"{what} needs a connection to the game.", next=instead)
    return caller.client


@verb(
    "watch",
    syntax=("watch <agent>", "watch"),
    help="Follow an agent from anywhere: its moves, words, plan steps and thoughts, a line each.",
    examples=("watch timmy", "watch"),
    see=("unwatch", "feed", "plan", "agents"),
)
def watch(house: House, caller: Caller, argument: str) -> Reply:
    """Several can be watched at once. At most ten lines a second are told; what is left out is
    counted. It belongs to this connection and outlasts reloads, until `unwatch` or until you leave. What
    you see in your own room is not told again.
    """
    client = _client(caller, "Watching", "feed 20")
    watched = list(client.get(WATCHING) or ())
    if argument:
        for name in argument.replace(",", " ").split():
            slug = lookup.agent(house, name)
            if slug not in watched:
                watched.append(slug)
        client.set(WATCHING, watched)
    return Reply(
        [_watching(watched), hint("unwatch <name> stops." if watched else "watch <name> begins.")],
        {"watching": watched},
    )


@verb(
    "unwatch",
    syntax=("unwatch <agent>", "unwatch all"),
    help="Stop following an agent, or all of them.",
    examples=("unwatch timmy", "unwatch all"),
    see=("watch", "feed"),
)
def unwatch(house: House, caller: Caller, argument: str) -> Reply:
    """Without a name it stops following all."""
    client = _client(caller, "Watching", "feed 20")
    watched = list(client.get(WATCHING) or ())
    gone = watched if argument.lower() in ("", "all") else [lookup.agent(house, argument)]
    left = [slug for slug in watched if slug not in gone]
    client.set(WATCHING, left)
    return Reply([_watching(left)], {"watching": left})


def _watching(slugs: Sequence[str]) -> str:
    return f"You are watching {', '.join(slugs)}." if slugs else "You are not watching anybody."


@verb(
    "feed",
    syntax=("feed", "feed <count>", "feed on|off"),
    help="Show what happened last, or follow it as it happens.",
    examples=("feed", "feed 5"),
    see=("watch", "history", "task", "arrival"),
)
def feed(house: House, caller: Caller, argument: str) -> Reply:
    """Up to 100 events. `feed on` follows at most ten lines a second, on this connection alone, and counts what is left
    out.
    """
    if argument.lower() in ("on", "off"):
        client = _client(caller, "Following the feed", "feed 20")
        on = grammar.switch(argument)
        client.set(FEED, on)
        now = "You are following the feed; feed off stops it." if on else "You are no longer following the feed."
        return Reply([now], {"following": on})
    wanted = grammar.bounded_count(argument, 20, MOST_EVENTS, "events")
    house.events.unit.flush()
    newest = Event.objects.filter(seen_by(caller.actor)).order_by("-seq").iterator(chunk_size=200)
    events = list(islice((e for e in islice(newest, MOST_READ) if not telling.is_quiet(e)), wanted))[::-1]
    lines = telling.lines(events, house) or ["Nothing has happened yet."]
    return Reply(lines, [telling.as_data(event) for event in events])


@verb(
    "history",
    syntax=("history", "history <count>"),
    help="Show again what this connection was shown last, without prompts or decoration.",
    examples=("history", "history 3"),
    see=("plain", "feed"),
)
def history(house: House, caller: Caller, argument: str) -> Reply:
    """Made for screen readers and small screens; kept until you disconnect."""
    client = _client(caller, "History", "feed 20")
    wanted = grammar.bounded_count(argument, 5, MOST_BLOCKS, "blocks")
    blocks = client.shown()[-wanted:]
    lines = [line for block in blocks for line in block]
    return Reply(lines or ["Nothing has been shown yet."], [list(block) for block in blocks])


@verb(
    "arrival",
    aliases=("away",),
    syntax="arrival",
    help="What happened while you were away, in five lines, each a command that leads there.",
    examples=("arrival", "away"),
    see=("feed", "lectern", "board"),
    reads=True,
)
def arrival(house: House, caller: Caller, argument: str) -> Reply:
    """Shown by itself when you log in. It counts from when your last connection ended, and tells first what ended
    badly; who comes for the first time is told who is here, what this is, and which word shows it.
    """
    now = house.runtime.clock.now()
    since = welcome.since(caller)
    warned = _doubts(house, caller)
    if not house.governance.golden():
        warned.append(paint("warn", GOLDEN_OFF))
    if since is None:
        first = [{"command": word, "text": told} for word, told in welcome.rows(caller)]
        return Reply([*welcome.lines(house, caller), *warned], {"since": None, "lines": first})
    missed = house.events.after(since, limit=MOST_COUNTED)
    things = sum(not telling.is_quiet(event) for event in missed)
    ended: dict[str, set[int]] = {}
    for event in missed:
        if event.task is not None and event.topic.startswith("task."):
            ended.setdefault(event.topic.partition(".")[2], set()).add(event.task)
    pending = [a for a in house.governance.pending() if not a.verdict]
    oldest = f", the oldest {age(now, min(a.created_at for a in pending))}" if pending else ""
    over = Task.objects.filter(pk__in=ended.get("completed", set()) | ended.get("failed", set())).order_by("-pk")
    bad = {number: one.line for number, one in came(house, caller, over).items() if not one.well}
    board = house.need(Known).board()
    present = house.need(Known).presences()
    working = [p for p in present if (mind := house.need(Minds).get(p.slug)) is not None and mind.pursuit is not None]
    most = " or more" if len(missed) == MOST_COUNTED else ""
    done, failed = (len(ended.get(state, ())) for state in ("completed", "failed"))
    happened = f"{count(things, 'thing') if things else 'nothing'}{most} happened"
    rows = [
        ("lectern", f"{count(len(pending), 'item') if pending else 'nothing'} for you to decide{oldest}"),
        *((f"task {number}", line) for number, line in sorted(bad.items(), reverse=True)[:MOST_BAD]),
        ("board completed failed" if failed else "board completed", _counts(done, failed, len(bad))),
        ("board paused", f"{board['PAUSED']} paused and asking for you" if board.get("PAUSED") else "nothing paused"),
        (
            "agents",
            f"{sum(p.awake for p in present)} awake; "
            + (f"{working[0].name}: {working[0].told(caller.actor)}" if working else "nobody has anything due"),
        ),
        (f"feed {min(max(things, 1), MOST_EVENTS)}", happened),
    ]
    told = f"since {clock(missed[0].at)}, {span((now - missed[0].at).total_seconds())}" if missed else "nothing new"
    lines = [heading(f"WHILE YOU WERE AWAY ({told})")]
    lines += warned
    lines += table(caller, (Column("", 22, style="key"), Column("", fill=True)), rows)
    return Reply(lines, {"since": since, "lines": [{"command": c, "text": t} for c, t in rows]})


def _counts(done: int, failed: int, bad: int) -> str:
    """How many tasks have ended, and how; those with bad news are among them."""
    told = f"{done} done, {failed} failed" if failed else f"{done or 'none'} done"
    return f"{told}, {bad} with bad news" if bad else told


def _doubts(house: House, caller: Caller) -> list[str]:
    """Why the record may not be what it was; for the owner."""
    if caller.actor.kind != "owner" or not (found := doubts(house)):
        return []
    return [*(paint("bad", f"The record is in doubt: {visible(one)}.") for one in found), hint("audit verify")]


@verb(
    "status",
    syntax="status",
    help="How the world stands: approval rule, what waits, tasks by state, minds, sandbox.",
    examples=("status", "golden"),
    see=("golden", "agents", "board", "arrival"),
    reads=True,
)
def status(house: House, caller: Caller, argument: str) -> Reply:
    """`timmy status` on the command line tells of the processes besides."""
    board = house.need(Known).board()
    present = house.need(Known).presences()
    golden = house.governance.golden()
    pending = house.governance.waiting().filter(verdict="").count()
    newest = house.events.last(1)
    machine = house.need(Known).machine()
    data: dict[str, Any] = {
        "golden": golden,
        "pending": pending,
        "tasks": board,
        "awake": sum(p.awake for p in present),
        "agents": len(present),
        "sandbox": house.sandbox.name,
        "events": newest[0].seq if newest else 0,
        "disk_free": machine.disk_free,
    }
    states = ", ".join(f"{n} {s.lower().replace('_', ' ')}" for s, n in sorted(board.items())) or "none"
    lines = [
        heading("STATUS"),
        *_doubts(house, caller),
        "GOLDEN_TIMMY is on" if golden else paint("warn", GOLDEN_OFF),
        f"{count(pending, 'item') if pending else 'Nothing'} for you to decide",
        f"Tasks: {states}",
        f"Minds: {data['awake']} awake of {data['agents']}",
        f"Sandbox: {visible(data['sandbox'])}",
        f"Disk free: {machine.disk_free:.0%}. Events: {data['events']}",
    ]
    if data["sandbox"] == "bare":
        lines[-2] = paint("bad", "Sandbox: BARE. Tools run unconfined.")
    return Reply(lines, data)

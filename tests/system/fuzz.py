"""People of every rank who type what is hostile, at every door at once, and what they did to a real world.

Owns their connections, their pace, and the comparison of the world's tables before and after. Refuses to know attacks:
those are `tests/support/attacks`.
"""

from __future__ import annotations

import random
import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from tests.support import attacks, wire
from tests.support.attacks import ATTACKERS, Grammar
from tests.support.judgement import PEOPLE
from tests.support.wire import Peer, said
from tests.system import jobs
from tests.system.harness import OWNER, World

SECRET = "right-pony-staple"
PAUSE = 0.4
"""Seconds between two lines of one connection."""
LOOKER = "mia"
"""A guest who only looks, elsewhere than where the others are."""
WALKS = (
    "look",
    "look bell",
    "look imp",
    "look board",
    "look fire",
    "get bell",
    "drop bell",
    "help",
    "board",
    "read 1",
    "look Trap",
    "Trap",
    "back",
    "workshop",
    "look",
    "hall",
    "say hello",
    "who",
    "inventory",
    "golden",
    "ok 99",
    "no 99 = x",
    "lectern",
    "look ok",
    "footprints",
    "feed 20",
)
"""What the owner types meanwhile: he looks, walks, takes, reads, and gives verdicts on nothing."""
MINE = frozenset({"person.move", "person.take", "person.drop", "person.left", "person.give"})
"""All that may be on record of him."""


def grammar() -> Grammar:
    """Every command of the world for every rank: whether one has it is the server's to say."""
    from commands import default_cmdsets

    every = [*default_cmdsets.CharacterCmdSet(), *default_cmdsets.AccountCmdSet()]
    return Grammar(dict.fromkeys(ATTACKERS, every))


def settle(world: World, sealed: bool) -> None:
    """Accounts of each rank, tasks that wait, a verdict that lies `sealed` (for an hour at most), and agents that stand
    still.
    """
    owner = world.login()
    for rank, name in [*PEOPLE.items(), ("guest", LOOKER)]:
        if rank != "owner":
            owner.ask(
                f"@py from typeclasses.accounts import Account; a = Account.create(username='{name}', "
                f"password='{SECRET}')[0]; "
                f"a.permissions.clear(); a.permissions.add('{rank.title()}'); print('made ' + a.username)",
                f"made {name}",
            )
    owner.ask(
        (
            f"@py b = evennia.search_account('{LOOKER}')[0].characters.all()[0]; "
            f"b.move_to(evennia.search_object('Learning Library')[0], quiet=True); print('stands in ' + "
            f"b.location.key)"
        ),
        "stands in Learning Library",
    )
    owner.close()
    shell = jobs.control(world)
    for number in (1, 2, 3):
        jobs.proposed(shell, f"Ponder the attic {number} = it is dusty")
    assert not sealed or shell.ask("ok", "2")["exit"] == 0
    for agent in shell.ask("agents")["data"]:
        shell.ask("pause", agent["slug"])
    shell.close()


def standing(world: World) -> dict[str, Any]:
    """What only the owner may change, read from outside."""
    people = tuple(PEOPLE.values())
    marks = ",".join("?" * len(people))

    def read(query: str, *values: object) -> list[dict[str, Any]]:
        return jobs.rows(world, query, *values)

    return {
        "approvals": read(
            (
                "select id, state, verdict, decided_by, sealed_until, digest from agents_approval where proposer "
                "= ? order by id"
            ),
            f"owner:{OWNER}",
        ),
        "tasks": read(
            "select id, status, assignee, priority, title, description from agents_task where proposer = ? order by id",
            f"owner:{OWNER}",
        ),
        "verdicts on others'": read(
            "select id, verdict, decided_by from agents_approval where verdict != '' and proposer != ?",
            f"owner:{OWNER}",
        ),
        "policies": read("select * from agents_policy"),
        "accounts": read(
            (
                f"select username, password, is_superuser, is_staff, is_active from accounts_accountdb where "
                f"username in ({marks}) order by 1"
            ),
            *people,
        ),
        "who is there": [row["username"] for row in read("select username from accounts_accountdb order by 1")],
        "ranks": read(
            "select l.accountdb_id as account, t.db_key as rank from typeclasses_tag t join "
            "accounts_accountdb_db_tags l on l.tag_id = t.id "
            "where t.db_tagtype = 'permission' order by 1, 2"
        ),
        "ranks of things": read(
            "select t.db_key as rank from typeclasses_tag t join objects_objectdb_db_tags l on l.tag_id = t.id "
            "where t.db_tagtype = 'permission' and lower(t.db_key) not in ('player', 'guest') order by 1"
        ),
        "agents": read(
            "select db_key, db_location_id, db_lock_storage, db_typeclass_path, db_account_id from objects_objectdb "
            "where db_typeclass_path = 'typeclasses.characters.Agent' order by id"
        ),
        "steps": read("select count(*) as n from agents_step"),
    }


def lies(world: World, since: int) -> list[str]:
    """Events that tell of the owner or of an agent what neither did, or of somebody who is not there."""
    there = {f"person:{row['username']}" for row in jobs.rows(world, "select username from accounts_accountdb")}
    found = []
    for row in jobs.rows(world, "select seq, topic, actor, data from agents_event where seq > ? order by seq", since):
        kind = row["actor"].partition(":")[0]
        agents_own = row["topic"].endswith((".answered", ".say", ".thought", ".emote", ".life"))
        if {"owner": row["topic"] not in MINE, "agent": not agents_own, "person": row["actor"] not in there}.get(
            kind, False
        ):
            found.append(f"{row}")
    return found


# -- connections ----------------------------------------------------------------------------------------------


@dataclass
class Report:
    """What was sent, by whom and where, and what came back."""

    lines: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    hung_up: Counter[str] = field(default_factory=Counter)
    http: Counter[str] = field(default_factory=Counter)
    last: dict[str, list[str]] = field(default_factory=dict)
    """The last lines of each connection, for whoever looks for what broke."""


class Fuzz:
    """Everybody at once, until `stop`."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.seed, self.report = world, seed, Report()
        self._stop = Event()
        self._grammar = grammar()
        self.failures: list[BaseException] = []
        self._peers = {}
        for at, rank in enumerate(ATTACKERS):
            for door in ("telnet", "websocket"):
                self._peers[rank, door] = self._connected(PEOPLE[rank], door, f"127.0.0.{at + 2}")
        assert all(self._peers.values()), self._peers

    def run(self, seconds: float) -> Report:
        """Send for so long."""
        work: list[Callable[[], None]] = [self._owner, self._web]
        for at, rank in enumerate(ATTACKERS):
            for door in ("telnet", "websocket"):
                work.append(lambda rank=rank, door=door, at=at: self._person(rank, door, f"127.0.0.{at + 2}"))  # type: ignore[misc]
        threads = [Thread(target=self._guarded, args=(one,), daemon=True) for one in work]
        for thread in threads:
            thread.start()
        self._stop.wait(seconds)
        self._stop.set()
        for thread in threads:
            thread.join(60)
        if self.failures:
            raise self.failures[0]
        return self.report

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as failure:
            self.failures.append(failure)
            self._stop.set()

    def _lines(self, rank: str, dice: random.Random) -> Iterator[str]:
        """For ever: sequences of one rank, the known attacks among them."""
        seeds = [[typed.line for typed in lines if typed.rank == rank] for lines in attacks.SEEDS.values()]
        yield from (line for lines in seeds for line in lines)
        while True:
            made = [
                typed.line for typed in attacks.sequence(self._grammar, dice.randrange(10**9))[0] if typed.rank == rank
            ]
            yield from made or [self._grammar.line(rank, dice)]

    def _person(self, rank: str, door: str, source: str) -> None:
        dice = random.Random(f"{self.seed} {rank} {door}")
        name = f"{rank} by {door}"
        last = self.report.last.setdefault(name, [])
        peer = self._peers[rank, door]
        for line in self._lines(rank, dice):
            if self._stop.is_set():
                break
            if "password" in line.partition(" ")[0] and rank in ("guest", "player"):
                continue  # so that one can come again
            if peer is None or not peer.open:
                peer = self._connected(PEOPLE[rank], door, source)
                if peer is None:
                    self.report.hung_up[f"{name}, not let in"] += 1
                    self._stop.wait(1)
                    continue
            peer.heard = b""
            data = line.encode("utf-8", "replace").replace(b"\n", b" ")
            peer.send(data.replace(b"\xff", b"\xff\xff") + b"\r\n" if door == "telnet" else said("text", [line], {}))
            last[:] = [*last[-11:], line]
            self.report.lines[name] += 1
            self._stop.wait(PAUSE * dice.uniform(0.5, 1.5))
            if not peer.take():
                self.report.hung_up[name] += 1
            if re.search(rb"Not allowed|There is no '|don't have|not allowed|may not", peer.heard):
                self.report.refusals[name] += 1
        if peer is not None:
            peer.close()

    def _connected(self, name: str, door: str, source: str) -> Peer | None:
        port = self.world.ports[door]
        with suppress(OSError):
            peer = Peer(port, wire.handshake(port) if door == "websocket" else b"", source)
            typed = f"connect {name} {SECRET}"
            data = said("text", [typed], {}) if door == "websocket" else typed.encode() + b"\r\n"
            if peer.hears(b"Log in") and peer.send(data) and peer.hears(b"Exits", b"Here:"):
                return peer
            peer.close()
        return None

    def _owner(self) -> None:
        """He goes about where they are."""
        dice = random.Random(f"{self.seed} owner")
        client = self.world.login()
        while not self._stop.is_set():
            client.send(dice.choice(WALKS))
            self.report.lines["owner"] += 1
            self._stop.wait(PAUSE)
            if not client.pump(0):
                self.report.hung_up["owner"] += 1
                client = self.world.login()
            client.raw = client.raw[-100_000:]
        client.close()

    def _web(self) -> None:
        """Requests that are wrong in every part, on the web's port and on the cascade's."""
        dice = random.Random(f"{self.seed} web")
        while not self._stop.is_set():
            door = dice.choice(("web", "web", "cascade"))
            with suppress(OSError):
                peer = Peer(
                    self.world.ports[door], request(dice, self.world.ports[door]), f"127.0.1.{dice.randrange(1, 9)}"
                )
                if dice.random() < 0.8:  # the rest hang up at once
                    peer.hears(b"\r\n\r\n", patience=2)
                answer = re.match(rb"HTTP/1\.\d (\d\d\d)", peer.heard)
                self.report.http[f"{door} {answer[1].decode() if answer else 'no answer'}"] += 1
                peer.close()
            self._stop.wait(PAUSE / 2)


PAGES = (
    "/",
    "/help/",
    "/router/",
    "/auth/login/",
    "/auth/logout/",
    "/webclient/",
    "/admin/",
    "/admin/login/",
    "/metrics",
    "/metrics-portal",
    "/health",
    "/v1/models",
    "/v1/chat/completions",
    "/ask",
    "/static/../../settings.py",
    "/static/timmy/icon.svg",
    "/favicon.ico",
    "/../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
    "//evil.example/",
    "/admin/accounts/accountdb/1/change/",
    "/?next=http://evil.example",
    "/%00",
    "/" + "a" * 3000,
    "/\xff\xfe",
    "*",
    "http://evil.example/",
)
HOSTS = (
    "127.0.0.1",
    "localhost",
    "evil.example",
    "",
    "127.0.0.1:99999",
    "a" * 300,
    "[::1",
    "127.0.0.1\x00",
    "localhost@evil.example",
    "ok 1",
)
FIELDS = (
    "Cookie: sessionid=" + "a" * 32,
    "Cookie: sessionid=../../etc; csrftoken=x",
    "X-Forwarded-For: 127.0.0.1",
    "X-Forwarded-Host: evil.example",
    "Content-Length: -1",
    "Content-Length: 99999999999",
    "Transfer-Encoding: chunked",
    "Authorization: Bearer x",
    "Authorization: Basic b3duZXI6eA==",
    "Origin: http://evil.example",
    "Referer: " + "x" * 4000,
    "Expect: 100-continue",
    "Range: bytes=0-18446744073709551615",
    "Upgrade: websocket",
    "X: " + "y" * 9000,
    "Host: other",
    ": empty",
    "no colon",
    "Accept: \x00",
)
BODIES = (
    "",
    "username=owner&password=x",
    "username[]=owner&password[]=x",
    "a" * 20_000,
    '{"model": "timmy", "messages": []}',
    "[" * 3000,
    "csrfmiddlewaretoken=x&username=\x00",
)


def request(dice: random.Random, port: int) -> bytes:
    """A request, as wrong as the dice will have it."""
    method = dice.choice(
        (*["GET"] * 9, *["POST"] * 4, "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "get", "G\x00T", "")
    )
    page, body = dice.choice(PAGES), dice.choice(BODIES) if method == "POST" or dice.random() < 0.1 else ""
    host = f"127.0.0.1:{port}" if dice.random() < 0.6 else dice.choice(HOSTS)
    fields = [f"Host: {host}", *dice.sample(FIELDS, dice.choice((0, 0, 1, 2, 3)))]
    if body and dice.random() < 0.9:
        fields += [
            f"Content-Length: {len(body)}",
            dice.choice(
                (
                    "Content-Type: application/x-www-form-urlencoded",
                    "Content-Type: application/json",
                    "Content-Type: multipart/form-data",
                )
            ),
        ]
    whole = f"{method} {page} HTTP/1.{dice.choice('01111119')}\r\n" + "\r\n".join(fields) + f"\r\n\r\n{body}"
    made = whole.encode("latin-1", "replace")
    return wire.mutated(made, dice) if dice.random() < 0.25 else made


def quantiles(times: Sequence[float]) -> dict[str, float]:
    """Half and nineteen of twenty, in milliseconds."""
    cut = statistics.quantiles(times, n=20)
    return {"p50": round(cut[9], 1), "p95": round(cut[18], 1), "of": len(times)}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What differs between two readings of `standing`."""
    found = []
    for part, was in before.items():
        if was != after[part]:
            gone, new = [one for one in was if one not in after[part]], [one for one in after[part] if one not in was]
            found.append(f"{part}: {gone} -> {new}")
    return found

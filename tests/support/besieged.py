"""One built world in which people of every rank type hostile lines, and the owner goes about in what they made.

Owns the world, its people, the way back to how it was, and the judgement on what a sequence of lines did: no approval,
task, policy, rank, account, mind or file may be another, no agent's body elsewhere, no code run that was typed, and no
event may tell of a person what that person did not type. Refuses to invent lines: those are `attacks`'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agents.events.models import Event
from agents.governance.rules import Actor
from agents.house import house as houses
from agents.kernel import randomness
from agents.kernel.clock import SimulatedClock
from agents.kernel.runtime import Runtime
from agents.kernel.settings import current
from agents.work.ports import inline
from tests.support import authority, built
from tests.support.furnished import Line, furnished
from tests.support.judgement import (
    ARRIVES,
    EXACT,
    PEOPLE,
    Breach,
    Typed,
    banned,
    changed,
    is_own,
    is_secret,
    moved,
    said,
)
from tests.support.light_house import START, kinds_folder, settings
from tests.support.players import Player, Present, somebody
from tests.support.traps import Caught

MOST_SEEN = 6
"""Of what others made, so much is looked at, and so many ways are gone."""


class Besieged:
    """The world and its people; `play` is one sequence from one beginning."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        """Build it, inside a transaction that whoever calls undoes."""
        from commands import live
        from typeclasses.body import EngineWorld, body_for
        from world import places
        from world.builder import ensure_bodies

        built.ensure_built()
        runtime = Runtime(settings(folder, seal_seconds=60), SimulatedClock(START), randomness.seeded(7))
        self.house = house = furnished(
            houses.build(runtime, EngineWorld(), body_for, inline, kinds=kinds_folder(folder), language=Line())
        )
        house.events.unit.on_commit = lambda function: function()
        ensure_bodies(house.personas, 15)
        houses.install(house)
        live.install(house)
        house.start()
        self._known = {}
        for rank, name in PEOPLE.items():
            account, body = somebody(name, rank == "owner")
            account.permissions.clear()
            account.permissions.add(rank.title() if rank != "owner" else "Developer")
            body.account = account
            self._known[rank] = account.pk, body.pk
        self._agents = {slug: places.body(slug).pk for slug in house.personas}
        self._work()
        self._caught = Caught(patch, house)
        self._folders = [folder, Path(current().state_dir)]
        self._objects = {row[0] for row in authority._rows("select id from objects_objectdb")}
        self._minds = house.minds.snapshot()
        self._before = self._within(self._calm)

    def _work(self) -> None:
        """Tasks in every state in which something can be taken: waiting and shown, sealed, approved, paused, a guest's
        own.
        """
        house, keeper = self.house, Actor("owner", "owner")
        for number in range(1, 5):
            house.work.propose(f"Chore the attic {number}", "it is dusty", keeper, "telnet")
            house.governance.show(house.work.approval(str(number)), keeper)
        house.work.propose("Chore my room", "please", Actor("person", "gus"), "telnet")
        house.governance.show(house.work.approval("5"), keeper)
        house.work.decide(["3", "4"], "ok", keeper, "telnet")
        house.runtime.clock.advance(61)  # type: ignore[attr-defined]
        house.work.settle()
        house.work.pause(4, keeper, "telnet", reason="not now")
        house.work.decide(["2"], "ok", keeper, "telnet")
        house.work.assign(3, "timmy", keeper, "telnet")

    # -- one sequence ------------------------------------------------------------------------------------------
    def play(
        self,
        lines: Sequence[Typed],
        usual: Sequence[str] = tuple(EXACT),
        *,
        told: Callable[[Typed, str], None] | None = None,
    ) -> list[Breach]:
        """What the lines broke, and what the owner's `usual` lines after them. Then everything is as it was before."""
        return self._within(lambda: list(self._played(lines, usual, told)))

    def commands(self, rank: str) -> list[Any]:
        """The commands that somebody of this rank has where he stands."""
        from evennia.commands import cmdhandler

        def found() -> list[Any]:
            player = self._people({rank})[rank]
            _, givers, _, caller, _ = cmdhandler.generate_cmdset_providers(player.session)
            got: list[Any] = []
            cmdhandler.get_and_merge_cmdsets(caller, givers, "session", "").addCallback(got.append)
            return [command for command in got[0] if command.access(caller, "cmd")]

        return self._within(found)

    def _within(self, work: Callable[[], Any]) -> Any:
        from django.db import transaction
        from evennia.accounts.models import AccountDB
        from evennia.commands.cmdhandler import _COMMAND_NESTING

        mark = transaction.savepoint()
        self._connected: dict[str, Player] = {}
        self._caught.clear()
        authority.unload()
        try:
            return work()
        finally:
            for player in self._connected.values():
                player.leave()
            transaction.savepoint_rollback(mark)
            transaction.savepoint_commit(mark)  # else it stays, and each of those that follow costs more
            built.forget()
            _COMMAND_NESTING.clear()
            self.house.conversation._talks.clear()
            self.house.minds.restore(self._minds)
            assert AccountDB.objects.count() >= len(PEOPLE)

    def _people(self, ranks: set[str]) -> dict[str, Player]:
        from evennia.accounts.models import AccountDB
        from evennia.objects.models import ObjectDB

        for at, rank in enumerate(PEOPLE):
            if rank in ranks and rank not in self._connected:
                account, body = self._known[rank]
                known = AccountDB.objects.get(pk=account), ObjectDB.objects.get(pk=body)
                self._connected[rank] = Present(PEOPLE[rank], number=900 + at, known=known)
        return self._connected

    def _played(
        self, lines: Sequence[Typed], usual: Sequence[str], told: Callable[[Typed, str], None] | None
    ) -> Iterator[Breach]:
        people = self._people({typed.rank for typed in lines} | {"owner"})
        self.typed: list[Typed] = []
        self._told = told
        secrets: set[str] = set()
        for typed in lines:
            yield from self._types(people[typed.rank], typed)
            if "password" in typed.line:
                secrets.add(typed.rank)
        yield from self._lives(people["owner"], usual)
        yield from self._judged(secrets)

    def _types(self, player: Player, typed: Typed) -> Iterator[Breach]:
        """One line; who is said to have done what by it."""
        self.typed.append(typed)
        owner = self._connected["owner"]
        place, gone = owner.body.db_location_id, owner.session.puppet is None
        before = Event.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
        authority.armed[:] = self._folders
        try:
            player.body.at_post_puppet() if typed.line == ARRIVES else player.session.execute_cmd(typed.line)
            while self._caught.later:
                self._caught.later.pop(0)()
        except Exception as error:
            self._caught.broken.append(repr(error))
        finally:
            authority.armed.clear()
        self.house.events.unit.flush()
        self._answer = "\n".join(player.got)
        if self._told is not None:
            self._told(typed, self._answer)
        player.got.clear()
        who = ("owner" if typed.rank == "owner" else "person") + ":" + PEOPLE[typed.rank]
        for event in Event.objects.filter(seq__gt=before).order_by("seq"):
            yield from said(event, who, typed, self.typed)
        if typed.rank != "owner":
            if owner.body.db_location_id != place:
                yield Breach("the owner is elsewhere", PEOPLE[typed.rank], f"{typed}")
            if (owner.session.puppet is None) != gone or owner.session.account is None:
                yield Breach("the owner is out", PEOPLE[typed.rank], f"{typed}")
        for what in authority.ran:
            yield Breach("code ran", typed.rank, f"{what} at {typed}")
        for what in self._caught.stopped:
            yield Breach("the world was stopped", typed.rank, f"{what} at {typed}")
        for what in self._caught.broken:
            yield Breach("unhandled", typed.rank, f"{what} at {typed}")
        self._caught.clear()

    def _lives(self, owner: Player, usual: Sequence[str]) -> Iterator[Breach]:
        """The owner looks at what others made, takes it, goes through it, and uses his own words."""
        place = owner.body.db_location_id
        yield from self._sees(owner)
        for line in usual:
            yield from self._types(owner, Typed("owner", line))
            if EXACT.get(line, "") not in self._answer:
                yield Breach(
                    "a word of the owner's is another's",
                    line.split()[0],
                    f"{line!r} is answered with {self._answer[:120]!r}",
                )
        for way in self._new(owner, "exit"):
            destination = way.destination
            if destination is None or not way.access(owner.body, "traverse"):
                continue
            yield from self._walks(owner, way, destination)
            yield from self._sees(owner)
            yield from self._types(owner, Typed("owner", "ok 99"))
            owner.body.db_location_id = place
            owner.body.save(update_fields=["db_location"])

    def _new(self, owner: Player, content: str) -> list[Any]:
        place = owner.body.location
        if place is None:
            return []
        found = [one for one in place.contents_get(content_type=content) if one.pk not in self._objects]
        return found[-MOST_SEEN:]

    def _sees(self, owner: Player) -> Iterator[Breach]:
        yield from self._types(owner, Typed("owner", "look"))
        for one in (
            *self._new(owner, "object"),
            *self._new(owner, "character"),
            *self._new(owner, "exit"),
            *self._spoiled(owner),
        ):
            name = str(one.key)
            yield from self._types(owner, Typed("owner", f"look {name}"))
        for one in self._new(owner, "object")[:2]:
            for word in ("get", "drop"):
                yield from self._types(owner, Typed("owner", f"{word} {one.key}"))

    def _spoiled(self, owner: Player) -> list[Any]:
        """What stood here before and can be used: somebody may have made it another thing."""
        place = owner.body.location
        return (
            []
            if place is None
            else [one for one in place.contents_get(content_type="object") if one.pk in self._objects][:3]
        )

    def _walks(self, owner: Player, way: Any, destination: Any) -> Iterator[Breach]:
        """As `go` would: its name might be a word of the owner's own."""
        before = Event.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
        authority.armed[:] = self._folders
        try:
            way.at_traverse(owner.body, destination)
        except Exception as error:
            self._caught.broken.append(repr(error))
        finally:
            authority.armed.clear()
        typed = Typed("owner", f"(goes through {way.key})")
        self.typed.append(typed)
        for event in Event.objects.filter(seq__gt=before).order_by("seq"):
            yield from said(event, "owner:owner", typed, self.typed)

    def _calm(self) -> authority.Reading:
        self._people(set(PEOPLE))
        return self._reading()

    def _reading(self) -> authority.Reading:
        found = authority.reading(self._known["owner"], self._agents)
        found["who"] = authority.identities(self._known.values(), self._objects)
        found["mind"] |= {slug: self.house.minds.paused(slug) for slug in self._agents}
        return found

    def _judged(self, secrets: set[str]) -> Iterator[Breach]:
        self.house.events.unit.flush()
        try:
            after = self._reading()
        except Exception as error:
            yield Breach("unhandled", "the world", f"nobody can be told from another: {error!r}")
            return
        proposers = {f"person:{PEOPLE[typed.rank]}" for typed in self.typed}
        for part, key, was, now in authority.differences(self._before, after):
            if part in ("approval", "task") and is_own(part, was, now, proposers):
                continue
            if part == "account" and key != self._known["owner"][0] and is_secret(was, now, secrets):
                continue
            if (
                part == "who"
                and now is None
                and key in {("body", body) for rank, (_, body) in self._known.items() if rank != "owner"}
            ):
                continue  # not connected, or not any more
            if part == "owner" and key == "body" and now == moved(was, now):
                continue
            yield Breach(part, str(key), changed(was, now))
        if banned():
            yield Breach("account", "owner", "the owner is banned")


@contextmanager
def besieged(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Besieged]:
    """The world, inside a transaction that is undone."""
    from django.db import transaction

    from commands import live

    block = transaction.atomic()
    block._from_testcase = True  # else a verdict, which is flushed to the disk by itself, could not be given inside
    with block:
        built.forget()
        made = Besieged(folder, patch)
        try:
            yield made
        finally:
            live.uninstall()
            houses._current = None
            transaction.set_rollback(True)
    built.forget()

"""Lists of the engine's that people read: who is connected, what time it is, the scripts, the objects.

Owns what they tell, laid out for the screen as every answer is. What changes something in the engine's commands
(`@scripts/stop`) is the engine's still. Refuses figures that are not true of this world: no time of its own runs here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from evennia import SESSION_HANDLER
from evennia.commands.default import account, building, system
from evennia.objects.models import ObjectDB
from evennia.scripts.models import ScriptDB
from evennia.utils import gametime

from agents.house import house as houses
from agents.kernel.clock import SystemClock
from agents.kernel.text import visible
from commands.adapter import caller_of
from commands.layout import Column, count, heading, hint, span, table
from commands.verbs import Caller
from typeclasses.objects import Seen
from world import ticks
from world.screen import paint, show
from world.telling import listed

NEWEST = 10
"""Objects listed besides the totals."""


def _now() -> datetime:
    return SystemClock().now()


def _name(one: Any) -> str:
    return visible(one.name_for() if isinstance(one, Seen) else str(one.key))


class Who(account.CmdWho):  # type: ignore[misc]
    """
    list who is here now

    Usage:
      who
    """

    def parse(self) -> None:
        """Nothing follows it."""
        super().parse()
        self.cmdstring = "who"

    def func(self) -> None:
        """People by their connections; addresses are shown to the superuser alone."""
        from commands.ranks import Rank
        from typeclasses.actors import rank_of

        caller, now, all_ = caller_of(self), _now().timestamp(), rank_of(self.caller) >= Rank.SUPERUSER
        rows = [
            (
                visible(str(one.account.key)),
                _name(one.puppet.location) if one.puppet is not None and one.puppet.location is not None else "",
                span(now - one.conn_time),
                span(now - one.cmd_last_visible),
                f"{one.protocol_key} from {visible(str(one.address))}" if all_ else "",
            )
            for one in SESSION_HANDLER.get_sessions()
            if one.logged_in and one.account
        ]
        people = len({row[0] for row in rows})
        lines = [heading(f"WHO. {count(people, 'person', 'people')}, {count(len(rows), 'connection')}.")]
        columns = (
            Column("", 20, style="name"),
            Column("in", 22),
            Column("for", 5),
            Column("idle", 5),
            Column("", fill=True),
        )
        lines += table(caller, columns, rows)
        if (house := houses.current()) is not None:
            lines.append(f"Besides them {listed([visible(one.name) for one in house.roster.values()][:6])} live here.")
        show(self.session or self.caller, [*lines, hint("agents tells where they are, and what they do.")])


class Time(system.CmdTime):  # type: ignore[misc]
    """
    tell the time, and how long the world has run

    Usage:
      time
    """

    def func(self) -> None:
        """The machine's own time: an hour here is an hour."""
        now = _now().astimezone()
        made = datetime.fromtimestamp(gametime.server_epoch(), UTC).astimezone()
        lines = [
            f"It is {now:%H:%M} on {now:%A}, {now.day} {now:%B %Y}, by this machine's clock. Time here is that time.",
            f"The world was made on {made.day} {made:%B %Y} at {made:%H:%M}. It has run {span(gametime.runtime())}.",
            f"The Server has been up for {span(gametime.uptime())}, the Portal for {span(gametime.portal_uptime())}.",
        ]
        show(self.session or self.caller, lines)


class Scripts(building.CmdScripts):  # type: ignore[misc]
    """The engine's; its list is ours."""

    __doc__ = building.CmdScripts.__doc__

    def func(self) -> None:
        """List those asked for; with a switch or something to attach, as the engine does."""
        if self.switches or self.rhs:
            super().func()
            return
        found = self._search_script() if self.args else ScriptDB.objects.all()
        rows = [_script(one) for one in sorted(found or (), key=lambda one: one.id)]
        columns = (
            Column("", 6, style="key"),
            Column("", 26),
            Column("every", 8),
            Column("next", 8),
            Column("", fill=True),
        )
        running = sum(ticks.running(one) for one in found or ())
        lines = [heading(f"SCRIPTS. {count(len(rows), 'script')}, {running} with a timer that runs.")]
        lines += table(caller_of(self), columns, rows)
        show(self.session or self.caller, [*lines, hint("@scripts/stop #<number>, start, pause, delete")])


def _script(one: Any) -> tuple[str, str, str, str, str]:
    left = one.time_until_next_repeat()
    waits = (
        "stopped" if not one.is_active else "paused" if not ticks.wanted(one) else "never" if ticks.dead(one) else ""
    )
    return (
        f"#{one.id}",
        visible(f"{one.key} of {one.obj.key}" if one.obj is not None else str(one.key)),
        span(one.interval) if one.interval and one.interval > 0 else "",
        span(left) if left is not None else waits,
        visible(str(one.desc or one.typeclass_path.rpartition(".")[2])),
    )


class Objects(building.CmdObjects):  # type: ignore[misc]
    """The engine's; its lists are ours."""

    __doc__ = building.CmdObjects.__doc__

    def func(self) -> None:
        """How many there are of each sort, and the newest."""
        caller = caller_of(self)
        total = ObjectDB.objects.count()
        sorts = [
            (_sort(stat["typeclass"]), f"{stat['count']}", f"{stat['percent']:.0f}%")
            for stat in ObjectDB.objects.get_typeclass_totals()
        ]
        most = int(self.args) if self.args.strip().isdigit() else NEWEST
        newest = ObjectDB.objects.order_by("-db_date_created", "-id")[: min(most, 100)]
        lines = [heading(f"OBJECTS. {total} in all.")]
        lines += table(caller, (Column("", 24), Column("", 8), Column("", 6)), sorts)
        lines += [paint("head", f"The newest {len(newest)}"), *_objects(caller, newest)]
        show(self.session or self.caller, lines)


def _objects(caller: Caller, found: Iterable[ObjectDB]) -> list[str]:
    rows = [
        (f"#{one.id}", f"{one.date_created.astimezone():%d %b %H:%M}", _sort(one.typeclass_path), visible(str(one.key)))
        for one in found
    ]
    return table(caller, (Column("", 7, style="key"), Column("", 12), Column("", 14), Column("", fill=True)), rows)


def _sort(path: str) -> str:
    return path.rpartition(".")[2]


OURS = (Who, Time, Scripts, Objects)

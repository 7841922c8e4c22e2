"""The engine's commands behind the list of ranks: asked before one runs, and while it looks for what it changes.

Owns `Ranked`, which every command of the engine's derives from, the guard of those that change what others see
(`Guarded`), and the making of both from the list (`commands.ranks`). A refusal is plain and changes nothing. Refuses to
record: that is `commands.recorded`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Iterable, Iterator
from functools import lru_cache
from importlib import import_module
from inspect import isgenerator
from traceback import walk_tb
from typing import Any

from evennia.commands.cmdhandler import InterruptCommand
from evennia.commands.command import Command
from evennia.commands.default.muxcommand import MuxCommand

from agents.kernel.errors import BadInput, NotAllowed, TimmyError
from agents.kernel.text import clean, shorten, visible
from commands import harmless
from commands.ranks import GRANTS, Grant, Rank

KINDS = {"room": "rooms", "exit": "exits", "thing": "things", "self": "yourself"}
A_KIND = {
    "room": "a room",
    "exit": "an exit",
    "thing": "a thing",
    "self": "yourself",
    "agent": "an agent's body",
    "body": "somebody's body",
    "held": "in somebody's hands",
    "other": "nothing that is built",
    "owned": "the owner's",
}
NEXT = "help permissions"
MOST = 20
"""Things that one line may name or make, and new names that it may give: each is looked for among all there are."""
UNREAD = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""What the engine's commands raise for words that nobody thought of."""
OURS = frozenset({"agents", "commands", "server", "typeclasses", "web", "world"})
_SPAN = re.compile(r"#?([0-9]{1,9})-#?([0-9]{1,9})")

log = logging.getLogger(__name__)


@lru_cache(maxsize=512)
def named(command: type[Command]) -> str:
    """The name in the list of the command of the engine's that `command` is, derives from or stands for; '' when there
    is none.
    """
    if stands_for := getattr(command, "stands_for", ""):
        return str(stands_for)
    names = (
        f"{one.__module__.rpartition('.')[2]}.{one.__name__}"
        for one in command.__mro__
        if one.__module__.startswith("evennia.")
    )
    return next((name for name in names if name in GRANTS), "")


def grant_of(command: type[Command]) -> Grant | None:
    """Its line of the list; None when there is none."""
    return GRANTS.get(named(command))


class Ranked(MuxCommand):  # type: ignore[misc]
    """A command of the engine's: only what the list grants, to whom it grants it. One of ours that takes the place of
    one from which it does not derive names it: `stands_for = "general.CmdNick"`.
    """

    def access(self, srcobj: Any, access_type: str = "cmd", default: bool = False, session: Any = None) -> bool:
        """Whether the list grants it; who goes through an exit is the exit's to say. Other locks are the engine's."""
        if access_type != "cmd" or self.is_exit:
            return bool(super().access(srcobj, access_type, default, session))
        from typeclasses.actors import rank_of

        grant = grant_of(type(self))
        return rank_of(srcobj) >= (grant.rank if grant is not None else Rank.SUPERUSER)

    def at_pre_cmd(self) -> bool:
        """Before anything is read of what was typed; True ends it."""
        from typeclasses.actors import rank_of

        grant = grant_of(type(self))
        if not self.access(self.caller, "cmd"):
            self.refuse(NotAllowed(f"{visible(self.key)} is not yours to use.", next=NEXT))
        elif (
            self.session is None
            and grant is not None
            and grant.rank >= Rank.BUILDER
            and rank_of(self.caller) < Rank.SUPERUSER
        ):
            self.refuse(NotAllowed(f"Nobody typed {visible(self.key)}; nobody builds or rules by force.", next=NEXT))
        else:
            return bool(super().at_pre_cmd())
        return True

    def parse(self) -> None:
        """As the engine reads it; a switch that is not granted ends it."""
        super().parse()
        from typeclasses.actors import rank_of

        grant, rank = grant_of(type(self)), rank_of(self.caller)
        if grant is None or rank >= Rank.SUPERUSER:
            return
        granted = grant.switches_for(rank)
        if odd := [switch for switch in self.switches if switch not in granted]:
            has = f"it has {', '.join(f'/{one}' for one in sorted(granted))}" if granted else "it has none"
            self.end(BadInput(f"{visible(self.key)} has no /{visible(odd[0])} for you; {has}.", next=NEXT))

    def styled_table(self, *names: str, **options: Any) -> Any:
        """What stands in place of the engine's table (`commands.grid`)."""
        from commands.grid import Grid
        from world.screen import DEFAULT_WIDTH, is_plain, width_of

        session = self.session
        return Grid(
            names,
            width=width_of(session) if session else DEFAULT_WIDTH,
            plain=bool(session) and is_plain(session),
        )

    def own_up(self, error: BaseException) -> None:
        """End in words what broke because the engine did not think of what was typed; a fault in our own code is none
        of that.
        """
        frames = [frame.f_globals.get("__name__", "") for frame, _ in walk_tb(error.__traceback__)]
        if isinstance(error, UNREAD) and frames[-1].partition(".")[0] not in OURS:
            log.warning("the engine's %s broke on what was typed: %r", self.key, error)
            self.end(
                BadInput(f"{visible(self.key)} cannot do anything with that.", next=f"help {self.key.lstrip('@')}")
            )

    def refuse(self, error: TimmyError) -> None:
        """Tell whoever typed it."""
        from commands import verbs
        from world.screen import show

        show(self.session or self.caller, verbs.refusal(error).lines)

    def end(self, error: TimmyError) -> None:
        """Tell whoever typed it, and run no further."""
        self.refuse(error)
        raise InterruptCommand


class Guarded:
    """Mixed into a command that changes or shows what stands in the world: what it finds, makes and
    names is looked at.
    """

    grant: Grant

    def parse(self) -> None:
        """As the command reads it; names that are others' end it."""
        self.under(super().parse)  # type: ignore[misc]
        if not self.free() and (fault := self.fault()):
            self.end(BadInput(fault, next=NEXT))  # type: ignore[attr-defined]

    def func(self) -> Any:
        """As the command does it, behind the guard, also after it has asked something in between."""
        done = self.under(super().func)  # type: ignore[misc]
        return self._steps(done) if isgenerator(done) else done

    def _steps(self, steps: Generator[Any, Any, Any]) -> Generator[Any, Any, None]:
        answer = None
        while True:
            try:
                asked = self.under(lambda given=answer: steps.send(given))
            except StopIteration:
                return
            answer = yield asked

    def free(self) -> bool:
        """Whether nothing is asked of whoever typed it but the rank."""
        from typeclasses.actors import rank_of

        return rank_of(self.caller) >= Rank.SUPERUSER  # type: ignore[attr-defined]

    def under(self, work: Any) -> Any:
        """Do it behind the guard."""
        from typeclasses import reach

        if self.free():
            return work()
        with reach.guarded((self.caller, self.account), self.may_have):  # type: ignore[attr-defined]
            return work()

    def may_have(self, found: Any, words: str) -> bool:
        """Whether the list lets it have what was found; ends the command when not."""
        from typeclasses.actors import kind_of

        kind = kind_of(found, self.caller)  # type: ignore[attr-defined]
        changed, named = self.sides(words)
        granted = [
            one
            for one in KINDS
            if not (changed and one not in self.grant.changes.split())
            and not (named and one not in self.grant.names.split())
        ]
        called = f"'{visible(clean(str(found.key), keep_lines=False))}'"
        if kind not in granted:
            whats = ", ".join(KINDS[one] for one in granted) or "two different ones"
            self.end(NotAllowed(f"{called} is {A_KIND[kind]}; {self.key} is for {whats}.", next=NEXT))  # type: ignore[attr-defined]
        if not changed or kind == "self" or self.grant.reads:
            return True
        if not (found.access(self.caller, "control") or found.access(self.caller, "edit")):  # type: ignore[attr-defined]
            self.end(NotAllowed(f"{called} is not yours to change.", next=NEXT))  # type: ignore[attr-defined]
        if self.grant.by_hand and harmless.of_the_map(found):
            self.end(
                NotAllowed(f"{called} is of the map; {self.key} is for what was made by hand.", next="help building")
            )  # type: ignore[attr-defined]
        return True

    def sides(self, words: str) -> tuple[bool, bool]:
        """Whether these words stand where something is changed, and where it is only named; both, when they stand in
        both places.
        """
        if not self.grant.names:
            return True, False
        if getattr(self, "rhs", None) is None:
            return not self.grant.alone, self.grant.alone
        left = {self.lhs, *self.lhslist, *(one["name"] for one in getattr(self, "lhs_objs", ()))}  # type: ignore[attr-defined]
        right = {self.rhs, *self.rhslist, *(one["option"] for one in getattr(self, "rhs_objs", ()))}  # type: ignore[attr-defined]
        return words in left or words not in right, words in right

    def fault(self) -> str:
        """What is wrong with the names that it gives and with the classes of what it makes; '' when nothing."""
        from commands.default_cmdsets import hides

        for side, kind in zip(("lhs", "rhs"), self.grant.makes, strict=True):
            for told in getattr(self, f"{side}_objs", ()) if kind else ():
                if kind == "exit" and (odd := next(filter(hides, (told["name"], *told["aliases"])), "")):
                    return f"'{visible(shorten(odd, 40))}' begins with a command; no way is called that."
                if told["option"] and (fault := harmless.typeclass_fault(told["option"], kind)):
                    return fault
        names, things = list(self._new_names()), self.lhslist if self.grant.by_hand or any(self.grant.makes) else ()  # type: ignore[attr-defined]
        spans = [abs(int(end) - int(start)) for start, end in _SPAN.findall(", ".join(things))]
        if max(len(names), len(things), *spans) > MOST:
            return f"One line names, makes or changes at most {MOST}."
        return next(filter(None, map(harmless.name_fault, names)), "")

    def _new_names(self) -> Iterator[str]:
        for side in self.grant.calls.split():
            told = getattr(self, f"{side}_objs", None)
            if told is None:
                yield from getattr(self, f"{side}list", None) or ()
            for one in told or ():
                yield from (one["name"], *one["aliases"])


def made(names: Iterable[str], ours: Iterable[type[Command]] = ()) -> list[Command]:
    """The commands of the list with these names; where one of `ours` derives from it, that one."""
    mine = {named(one): one for one in ours}
    return [_class(name, mine.get(name))() for name in names]


def engines(name: str) -> type[Command]:
    """The engine's command of that name in the list."""
    module, _, called = name.partition(".")
    found: type[Command] = getattr(import_module(f"evennia.commands.default.{module}"), called)
    return found


@lru_cache(maxsize=256)
def _class(name: str, ours: type[Command] | None) -> type[Command]:
    base = ours or engines(name)
    if Rank.BUILDER <= GRANTS[name].rank < Rank.SUPERUSER:
        base = type(
            base.__name__, (Guarded, base), {"grant": GRANTS[name], "__doc__": base.__doc__, "__module__": __name__}
        )
    return base

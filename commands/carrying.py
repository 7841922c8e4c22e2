"""`get`, `drop` and `give` as people type them: with an article, with `all`. The doing is the engine's."""

from __future__ import annotations

import re
from typing import Any

from evennia.commands.default import general

from agents.kernel.text import clean
from world.screen import show

ALL = frozenset({"all", "everything", "it all", "all things", "*"})
_BEFORE = re.compile(r"^\s*(?:(?:up|down|the|a|an|my|your|that|this)\s+)+", re.IGNORECASE)


class _Carrying:
    """Mixed in before a command of the engine's that is given the name of a thing."""

    args: str
    caller: Any

    def parse(self) -> None:
        """Without articles."""
        self.args = _BEFORE.sub(" ", self.args)
        super().parse()  # type: ignore[misc]

    def things(self) -> list[Any]:
        """What `all` stands for."""
        raise NotImplementedError

    def func(self) -> None:
        """One thing, or each of all, as the engine does it."""
        if self.args.strip().casefold() not in ALL:
            super().func()  # type: ignore[misc]
            return
        found = self.things()
        if not found:
            show(self.caller, "There is nothing here that you could take." if self.is_get else "You carry nothing.")
        for thing in found:
            self.args = clean(str(thing.key), keep_lines=False)
            super().func()  # type: ignore[misc]

    @property
    def is_get(self) -> bool:
        """Whether things are taken and not put down."""
        return isinstance(self, general.CmdGet)


class Get(_Carrying, general.CmdGet):  # type: ignore[misc]
    """
    pick something up

    Usage:
      get <thing>
      get all
    """

    def things(self) -> list[Any]:
        """All that can be carried away."""
        place = self.caller.location
        return [one for one in place.contents_get(content_type="object") if getattr(one, "carriable", False)]


class Drop(_Carrying, general.CmdDrop):  # type: ignore[misc]
    """
    put something down

    Usage:
      drop <thing>
      drop all
    """

    def things(self) -> list[Any]:
        """All that is carried."""
        return list(self.caller.contents)


OURS = (Get, Drop)

"""The engine's commands for building whose harm is in what is given: attributes, locks, prototypes, and who is told of
whom.

Owns where in each of them the rules of `commands.harmless` are asked. Everything else is the engine's.
"""

from __future__ import annotations

from ast import literal_eval
from typing import Any

from django.conf import settings
from evennia.commands.default import account, building

from agents.kernel.errors import BadInput, NotAllowed
from commands import harmless


class Option(account.CmdOption):  # type: ignore[misc]
    """
    what your client can show, and how it is sent what

    Usage:
      option
      option[/save] <name> = <value>
    """

    def parse(self) -> None:
        """As the engine reads it; an encoding in which nothing could be read any more ends it."""
        super().parse()
        if (self.lhs or "").strip().upper() != "ENCODING" or not self.rhs:
            return
        if self.rhs.strip().lower() not in map(str.lower, settings.ENCODINGS):
            known = ", ".join(settings.ENCODINGS)
            self.end(BadInput(f"There is no such encoding here. Those that work: {known}.", next="encoding utf-8"))


class SetAttribute(building.CmdSetAttribute):  # type: ignore[misc]
    """The engine's, with rules."""

    __doc__ = building.CmdSetAttribute.__doc__

    def set_attr(self, obj: Any, attr: str, value: Any, category: str | None) -> Any:
        """Set it, or tell why not."""
        fault = "" if self.free() else harmless.attribute_fault(attr, value, category)
        return f"\n{fault}" if fault else super().set_attr(obj, attr, value, category)

    def rm_attr(self, obj: Any, attr: str, category: str | None) -> Any:
        """Remove it, or tell why not."""
        fault = "" if self.free() else harmless.meaning_fault(attr, category)
        return f"\n{fault}" if fault else super().rm_attr(obj, attr, category)


class CpAttr(building.CmdCpAttr):  # type: ignore[misc]
    """The engine's, with rules."""

    __doc__ = building.CmdCpAttr.__doc__

    def check_from_attr(self, obj: Any, attr: str, category: str | None = None, clear: bool = False) -> bool:
        """Whether it may be taken away from there; looking is free."""
        return not clear or all(
            self._free_of_meaning(one, category) for one in {attr, *(self.lhs_objattr[0]["attrs"] or ())}
        )

    def check_to_attr(self, obj: Any, attr: str, category: str | None = None) -> bool:
        """Whether it may be written there, whatever it is."""
        return self._free_of_meaning(attr, category)

    def get_attr(self, obj: Any, attr: str, category: str | None = None) -> Any:
        """What is copied, which must be fit for every name that it is given."""
        value = super().get_attr(obj, attr, category)
        for name in {attr, *(one for told in self.rhs_objattr for one in told["attrs"] or ())}:
            if not self.free() and (fault := harmless.attribute_fault(name, value)):
                self.end(NotAllowed(fault, next="help building"))
        return value

    def _free_of_meaning(self, attr: str, category: str | None) -> bool:
        fault = "" if self.free() else harmless.meaning_fault(attr, category)
        if fault:
            self.refuse(NotAllowed(fault, next="help building"))
        return not fault


class Lock(building.CmdLock):  # type: ignore[misc]
    """The engine's, with rules."""

    __doc__ = building.CmdLock.__doc__

    def func(self) -> None:
        """The engine's, for locks that take nothing from others and give nothing away."""
        asked = (self.rhs or "").replace("'", "").replace('"', "")
        if "del" in self.switches:
            asked += f";{self.lhs.partition('/')[2].strip()}:all()"
        if not self.free() and (fault := harmless.lock_fault(asked)):
            self.end(NotAllowed(fault, next="help building"))
        super().func()


class Spawn(building.CmdSpawn):  # type: ignore[misc]
    """The engine's, with rules."""

    __doc__ = building.CmdSpawn.__doc__
    aliases = []  # by another name the engine opens a menu in which everything can be given

    def _parse_prototype(self, inp: Any, expect: type = dict) -> Any:
        try:
            told = literal_eval(str(inp))
        except (ValueError, SyntaxError, TypeError):
            told = None
        except (MemoryError, RecursionError):
            self.end(BadInput("That is too deep to be read.", next="help @spawn"))
        if isinstance(told, dict):
            self._hold(told)
        return super()._parse_prototype(inp, expect)

    def _search_prototype(self, prototype_key: str, quiet: bool = False) -> Any:
        found = super()._search_prototype(prototype_key, quiet)
        if found:
            self._hold(found)
        return found

    def _hold(self, prototype: dict[str, Any]) -> None:
        if not self.free() and (fault := harmless.prototype_fault(prototype)):
            self.end(NotAllowed(fault, next="help building"))


OURS = (Option, SetAttribute, CpAttr, Lock, Spawn)

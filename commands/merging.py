"""Filling and merging sets of commands without comparing each command with every other.

All commands of the engine have one hash, since two are equal when they share any name; its cache of which set
holds which command therefore looks through all its entries at each question, and half of the time that a typed
line takes goes there (ADR 0024); a set is compared with itself at each command that is added. Owns both by names;
refuses to change what comes out of them:
`tests/unit/test_command_merging.py` holds it against the engine's.
"""

from __future__ import annotations

from typing import Any

from evennia.commands.cmdset import CmdSet
from evennia.commands.command import Command
from evennia.utils.utils import is_iter


def union(_: CmdSet, first: CmdSet, second: CmdSet) -> CmdSet:
    """The commands of `first`, and those of `second` that share no name with any of them (or all of them, where
    `first` takes duplicates and both have one priority).
    """
    merged = first._duplicate()
    merged.commands = first.commands[:]
    if first.duplicates and first.priority == second.priority:
        merged.commands += second.commands
    else:
        names = {name for command in first.commands for name in command._matchset}
        merged.commands += [command for command in second.commands if names.isdisjoint(command._matchset)]
    return merged


def add(self: CmdSet, cmd: Any, allow_duplicates: bool = False) -> None:
    """Add a command, several, or those of a set; what was there and shares a name with one of them goes. Doublets that a
    merge left go too, unless they are allowed.
    """
    given = self._instantiate(cmd)
    commands = given.commands if isinstance(given, CmdSet) else map(self._instantiate, given if is_iter(given) else [given])
    for command in commands:
        command.cmdset_source = self
        if getattr(command, "obj", None) is None:
            command.obj = self.cmdsetobj
        self.commands = _with(self.commands, command)
        if command.key.startswith("__"):
            self.system_commands = _with(self.system_commands, command)
    if not allow_duplicates:
        names: set[str] = set()
        self.commands = [command for command in self.commands if names.isdisjoint(command._matchset) and not names.update(command._matchset)]


def _with(commands: list[Command], command: Command) -> list[Command]:
    return [*(one for one in commands if command._matchset.isdisjoint(one._matchset)), command]


def install() -> None:
    """Have the engine merge and add so, whichever class a set is of."""
    CmdSet._union, CmdSet.add = union, add

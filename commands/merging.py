"""Merging sets of commands without comparing each command with every other.

All commands of the engine have one hash, since two are equal when they share any name; its cache of which set
holds which command therefore looks through all its entries at each question, and half of the time that a typed
line takes goes there (ADR 0024). Owns the union of two sets by names; refuses to change what comes out of it:
`tests/unit/test_command_merging.py` holds it against the engine's.
"""

from __future__ import annotations

from evennia.commands.cmdset import CmdSet


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


def install() -> None:
    """Have the engine merge so, whichever class a set is of."""
    CmdSet._union = union

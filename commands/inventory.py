"""`inventory`: what one carries, by name. Owns no more than the list; `look` shows a thing."""

from __future__ import annotations

from evennia.commands.command import Command

from agents.kernel.text import clean, visible
from world.screen import paint, show


class Inventory(Command):
    """List what you carry.

    Usage:
      inventory
    """

    key = "inventory"
    aliases = ["inv", "i"]
    locks = "cmd:all()"
    arg_regex = r"$"

    def func(self) -> None:
        """Show the names; nothing of a thing's description is parsed."""
        names = [visible(clean(thing.key, keep_lines=False)) for thing in self.caller.contents]
        lines = ["You carry:", *(f"  {paint('name', name)}" for name in names)] if names else ["You carry nothing."]
        show(self.session or self.caller, lines)

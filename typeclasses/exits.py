"""Exits: ways from room to room, with locks that ask the rules.

Owns how a way is shown and why it cannot be passed. Moving itself, and what is told of it,
is the body's (`characters`).
"""

from __future__ import annotations

from typing import Any

from evennia.objects.objects import DefaultExit

from agents.kernel.text import clean
from typeclasses.actors import permit
from typeclasses.objects import Seen
from world import cells
from world.screen import paint, show
from world.telling import placed


class Exit(Seen, DefaultExit):
    """A way. Attributes: `desc`, `err_traverse` (what is told when it is locked)."""

    def at_object_creation(self) -> None:
        """A way to a new room gives it its place on the map."""
        super().at_object_creation()
        cells.give(self)

    def create_exit_cmdset(self, exidbobj: Any) -> Any:
        """As the engine does, without names that begin like a verb or what one lives by: none of those
        is ever hidden.
        """
        from commands.default_cmdsets import hides

        made = super().create_exit_cmdset(exidbobj)
        for command in made.commands:
            free = [name for name in (command.key, *command.aliases) if not hides(name)]
            command.set_key((free or ["__no name"])[0])
            command.set_aliases(free[1:])
        return made

    def why_not(self, body: Any) -> str:
        """Why `body` cannot pass ('' when it can), fit for a player."""
        if self.access(body, "traverse"):
            return ""
        rule = permit(body, "traverse", self)
        if not rule:
            return rule.reason
        return clean(str(self.db.err_traverse or f"The way to {self._target(body)} is locked."), keep_lines=False)

    def _target(self, looker: Any) -> str:
        target = self.destination
        if target is None:
            return "nowhere"
        named = target.name_for(looker) if isinstance(target, Seen) else clean(str(target.key), keep_lines=False)
        return placed(named)

    def way_for(self, looker: Any) -> str:
        """Its word, with a note when it is locked for `looker`."""
        word = paint("key", self.name_for(looker))
        return word if self.access(looker, "traverse") else f"{word} (locked)"

    def appearance(self, looker: Any) -> list[str]:
        """What was written about it, where it leads, whether it can be passed."""
        refused = self.why_not(looker)
        return [
            paint("name", self.name_for(looker)),
            *([self.described()] if self.described() else []),
            f"It leads to {self._target(looker)}.",
            *([paint("warn", refused)] if refused else []),
        ]

    def at_failed_traverse(self, traversing_object: Any, **kwargs: Any) -> None:
        """Tell why the way is closed."""
        show(traversing_object, paint("bad", self.why_not(traversing_object) or "You cannot get through."))

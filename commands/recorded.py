"""The engine's own commands, put on record: who built, ruled or ran what, by which path.

Owns the class that all of the engine's commands derive from (`COMMAND_DEFAULT_CLASS`) and the choice of those that
change what others see. Refuses passwords: of a command that is given one no words are kept.
"""

from __future__ import annotations

from evennia.commands.default.muxcommand import MuxCommand

from agents.kernel.text import shorten

CATEGORIES = ("admin", "batchprocess", "building", "system")
"""Those of the rest that change something, taking and giving, tell of it themselves."""
UNTOLD = "password"
"""Where this word stands, in the command or in what was typed behind it (`force`, `py`), no words are kept."""
LONGEST = 500
"""Characters of what was typed that are kept."""


class Recorded(MuxCommand):  # type: ignore[misc]
    """One of the engine's commands."""

    def at_post_cmd(self) -> None:
        """It was run, and did not break: put it on record."""
        # The engine reads this file before its own objects are there.
        from typeclasses.callers import put_on_record
        from world.places import key_of

        super().at_post_cmd()
        if self.help_category.lower() not in CATEGORIES:
            return
        name, switches = self.key.lstrip("@"), "".join(f"/{switch}" for switch in self.switches)
        typed = "" if UNTOLD in f"{name} {self.args}".lower() else shorten(self.args.strip(), LONGEST)
        put_on_record(self.caller, "command", command=name + switches, text=typed, room=key_of(getattr(self.caller, "location", None)))

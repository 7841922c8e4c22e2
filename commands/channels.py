"""The engine's `channel` for people: they talk on channels, and builders make them.

Owns what a channel may be called. Refuses what the engine allows everybody: to make channels, with any
name (it becomes the name of a log file) and of any class (it is imported by its path).
"""

from __future__ import annotations

import re
from typing import Any

from evennia.commands.command import InterruptCommand
from evennia.commands.default.comms import CmdChannel

from agents.kernel.errors import TimmyError
from agents.kernel.text import shorten, visible
from commands import harmless, verbs
from world.screen import show

_NAME = re.compile(r"[^\W_][\w '-]{0,39}")


class Channel(CmdChannel):  # type: ignore[misc]
    """
    talk on channels, and see which there are

    Usage:
      channel                             the channels you are on
      channel/all                         all that there are
      channel <name> = <words>            say something there
      channel/sub <name>                  join one; channel/unsub leaves it
      channel/history <name>              what was said there last
      channel/mute <name>                 stay without hearing; channel/unmute
      channel/alias <name> = <short>      a short name of your own for it
      channel/create <name> [= <what for>]        for builders
      channel/destroy <name>                      for whoever made it
    """

    MOST = 20
    """Channels that one line may name: each is looked for in the tables."""
    locks = "cmd:not pperm(channel_banned);admin:perm(Builder);manage:perm(Builder);changelocks:perm(Admin)"

    def func(self) -> None:
        """The engine's, of so many channels at a time."""
        if len(self.lhslist) > self.MOST:
            show(
                self.session or self.caller,
                f"Name up to {self.MOST} channels at a time; these are {len(self.lhslist):,}.",
            )
            return
        super().func()

    def create_channel(
        self, name: str, description: str, typeclass: str | None = None, aliases: list[str] | None = None
    ) -> tuple[Any, str]:
        """(the new channel, '') or (False, why there is none)."""
        if typeclass:
            return False, "All channels here are of one kind: leave out the ':' and what follows it."
        from commands import default_cmdsets

        for one in map(str.strip, (name, *(aliases or ()))):
            if default_cmdsets.hides(one):
                return False, f"'{visible(shorten(one, 40))}' begins with a command, so no channel can be called that."
            if fault := harmless.name_fault(one):
                return False, fault
        odd = next((one for one in (name, *(aliases or ())) if not _NAME.fullmatch(one.strip())), None)
        if odd is not None:
            return (
                False,
                (
                    "A channel's name has up to 40 letters, digits, spaces, and ' - _ between them. Try: "
                    "channel/create news = what is new"
                ),
            )
        made: tuple[Any, str] = super().create_channel(name.strip(), description, aliases=aliases)
        return made

    def add_alias(self, channel: Any, alias: str, **kwargs: Any) -> None:
        """The engine's; it does not know that there are names which nobody may give."""
        try:
            super().add_alias(channel, alias, **kwargs)
        except TimmyError as error:
            show(self.session or self.caller, verbs.refusal(error).lines)
            raise InterruptCommand from error

"""Channels: what people say to all. Owns the defusing of what is said, that no channel is called like a verb, and the
nicks by which a channel is spoken to; everything else is the engine's.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from evennia.comms.comms import DefaultChannel

from agents.kernel.errors import BadInput, TimmyError
from agents.kernel.text import shorten, visible
from typeclasses import nicks
from typeclasses.net import literal


class Channel(DefaultChannel):
    """A channel on which words are words: no markup, no control characters."""

    channel_msg_nick_pattern = f"{{alias}} {nicks.MARK}"

    def at_pre_msg(self, message: str, **kwargs: Any) -> str:
        """The message in one harmless line."""
        return literal(message)

    def add_user_channel_alias(self, user: Any, alias: str, **kwargs: Any) -> None:
        """Let `user` call it `alias`. Raises BadInput or Conflict, as any nick does, and BadInput where it would hide a
        verb.
        """
        from commands.default_cmdsets import hides

        if hides(alias):
            raise BadInput(
                f"'{visible(shorten(alias, 40))}' begins with a command, so no channel can be called that.",
                next="channel/alias news = n",
            )
        name = self.key.lower()
        user.nicks.add(
            self.channel_msg_nick_pattern.format(alias=alias),
            self.channel_msg_nick_replacement.format(channelname=name),
        )
        if name != alias:
            user.nicks.add(alias, name, category="channel")

    @classmethod
    def remove_user_channel_alias(cls, user: Any, alias: str, **kwargs: Any) -> None:
        """Let `user` call it so no more; of older tables the engine's expressions go, too."""
        super().remove_user_channel_alias(user, alias, **kwargs)
        user.nicks.remove(DefaultChannel.channel_msg_nick_pattern.format(alias=re.escape(alias)))

    def post_join_channel(self, joiner: Any, **kwargs: Any) -> None:
        """Whoever joins may call it by its names, as far as there is room for nicks and the name is no verdict."""
        for name in (self.key.lower(), *(alias.lower() for alias in self.aliases.all())):
            with suppress(TimmyError):
                self.add_user_channel_alias(joiner, name)

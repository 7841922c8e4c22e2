"""Channels: what people say to all. Owns the defusing of what is said; everything else is the engine's."""

from __future__ import annotations

from typing import Any

from evennia.comms.comms import DefaultChannel

from typeclasses.net import literal


class Channel(DefaultChannel):
    """A channel on which words are words: no markup, no control characters."""

    def at_pre_msg(self, message: str, **kwargs: Any) -> str:
        """The message in one harmless line."""
        return literal(message)

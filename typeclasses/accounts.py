"""Accounts: people outside their bodies. Owns the text net around what is sent to them, and that
plain mode holds from the first line on.
"""

from __future__ import annotations

from typing import Any

from evennia.accounts.accounts import DefaultAccount, DefaultGuest

from commands.doors import Hashed
from typeclasses.net import TextNet
from world.screen import hush


class Account(TextNet, DefaultAccount):
    """A person's account."""

    def set_password(self, password: Any, **kwargs: Any) -> None:
        """Set a password; one that brings its hash along costs nothing."""
        if isinstance(password, Hashed):
            self.password = password.encoded
            return
        super().set_password(password, **kwargs)

    def at_post_login(self, session: Any = None, **kwargs: Any) -> None:
        """As the engine does, in plain mode if that was chosen."""
        if session:
            hush(session)
        super().at_post_login(session=session, **kwargs)


class Guest(TextNet, DefaultGuest):
    """A visitor without an account of his own; off unless the settings allow it."""

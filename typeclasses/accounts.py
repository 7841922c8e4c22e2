"""Accounts: people outside their bodies. Owns that pictures reach them, that a password may bring its hash along, and that
plain mode holds from the first line on.
"""

from __future__ import annotations

from typing import Any

from evennia.accounts.accounts import DefaultAccount, DefaultGuest

from commands.doors import Hashed
from typeclasses.net import Pictured
from world.screen import hush


class Account(Pictured, DefaultAccount):
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


class Guest(Pictured, DefaultGuest):
    """A visitor without an account of his own; off unless the settings allow it."""

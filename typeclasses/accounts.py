"""Accounts: people outside their bodies. Owns that pictures reach them, that a password may bring its hash along and
that a new one ends what was entered with the old, that plain mode holds from the first line on, that nobody changes a
superuser's account but he, and that no two names look alike.
"""

from __future__ import annotations

from typing import Any

from evennia.accounts.accounts import DefaultAccount, DefaultGuest

from commands.doors import Hashed
from typeclasses.actors import account_of
from typeclasses.names import bearer
from typeclasses.net import Pictured
from typeclasses.nicks import Nicked
from typeclasses.reach import Reaching
from web import standing
from world.screen import hush, show

JOINED = "Another of your connections has joined you here."


class Account(Reaching, Nicked, Pictured, DefaultAccount):
    """A person's account."""

    def get_cmdsets(self, caller: Any, current: Any, **kwargs: Any) -> Any:
        """As the engine does, and out of a body the verbs; a body brings its own."""
        from commands.default_cmdsets import above

        current, held = super().get_cmdsets(caller, current, **kwargs)
        return current, [*held, *(above(self, body=False) if caller is self else ())]

    def puppet_object(self, session: Any, obj: Any) -> None:
        """Sit in a body: in one's own, whatever its locks say. Raises RuntimeError, which the engine tells."""
        if not self.is_superuser and obj not in list(self.characters.all()):
            raise RuntimeError("it is not your body")
        others = [one for one in obj.sessions.all() if one is not session] if obj.account is self else []
        if others:
            obj.account = None  # the engine, which sets it again, would tell all of them of the one that joins
        super().puppet_object(session, obj)
        show(others, JOINED)

    def access(self, accessing_obj: Any, access_type: str = "read", default: bool = False, **kwargs: Any) -> bool:
        """A superuser's account is his alone, whatever rank asks; only words reach it."""
        if self.is_superuser and access_type != "msg" and (asks := account_of(accessing_obj)) is not self:
            return asks is not None and bool(asks.is_superuser)
        allowed: bool = super().access(accessing_obj, access_type, default, **kwargs)
        return allowed

    @classmethod
    def validate_username(cls, username: str) -> Any:
        """As the engine does; a name that looks like somebody's is nobody else's."""
        valid, errors = super().validate_username(username)
        if valid and (whose := bearer(username)):
            return False, [f"that is too like the name of {whose}."]
        return valid, errors

    def set_password(self, password: Any, keeping: Any = None, **kwargs: Any) -> None:
        """Set a password; one that brings its hash along costs nothing. When it is saved, all connections of the
        account end but that of the session `keeping`.
        """
        self._renewed_by = [keeping]
        if isinstance(password, Hashed):
            self.password = password.encoded
            return
        super().set_password(password, **kwargs)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep it."""
        super().save(*args, **kwargs)
        for keeping in self.__dict__.pop("_renewed_by", ()):
            standing.renewed(self, keeping)

    def at_post_login(self, session: Any = None, **kwargs: Any) -> None:
        """As the engine does, in plain mode if that was chosen."""
        if session:
            hush(session)
        super().at_post_login(session=session, **kwargs)


class Guest(Account, DefaultGuest):
    """A visitor without an account of his own; off unless the settings allow it."""

"""Guests: accounts of people who are not the owner, each with a body in the Hall.

Owns making, listing and removing them through the engine. Refuses names that agents bear, and
to touch the owner. Who may ask is decided where it is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agents.kernel.errors import BadInput, Conflict, NotFound
from agents.kernel.text import clean, shorten, visible
from typeclasses.accounts import Account
from typeclasses.names import bearer
from world import places


@dataclass(frozen=True)
class Guest:
    """An account: its name, whether somebody is connected by it, when it was last used, if ever."""

    name: str
    connected: bool
    last_login: datetime | None


def everybody() -> list[Guest]:
    """All guests, by name."""
    # The engine sets `last_login` when it makes an account, and this mark until the first true one.
    return [
        Guest(account.username, bool(account.sessions.count()), None if account.db.FIRST_LOGIN else account.last_login)
        for account in Account.objects.filter(is_superuser=False).order_by("username")
    ]


def free(name: str) -> str:
    """`name` as an account could have it. Raises Conflict for one that is taken."""
    name = clean(name, keep_lines=False).strip()
    if _found(name) is not None:
        raise Conflict(f"There is already an account called {visible(shorten(name, 40))}.", next="guest list")
    if whose := bearer(name):
        raise Conflict(f"'{visible(shorten(name, 40))}' is too like the name of {whose}.", next="guest list")
    return name


def add(name: str, password: str) -> str:
    """Make an account and a character in the Hall; returns the name as it was taken.

    Raises Conflict for a name that is taken, BadInput for one that the engine does not take.
    """
    name = free(name)
    account, errors = Account.create(username=name, password=password)
    if account is None or errors:
        if account is not None:
            account.delete()
        why = " ".join(clean(str(error), keep_lines=False) for error in errors)
        raise BadInput(f"'{visible(shorten(name, 40))}' cannot be a guest: {why}", next="guest add ana")
    for body in account.characters.all():
        body.home = body.location = places.room("hall") or body.location
    return str(account.username)


def remove(name: str) -> str:
    """Remove the account and its character, and end its connections; what it carried goes home.

    Returns the name. Raises NotFound.
    """
    account = _found(called(name))
    assert account is not None
    gone, bodies = str(account.username), [body for body in account.characters.all() if body]
    account.delete()
    for body in bodies:
        body.delete()
    return gone


def called(name: str) -> str:
    """The name of an account that is not the owner's, as it is written. Raises NotFound."""
    account = _found(name)
    if account is None or account.is_superuser:
        raise NotFound(f"No guest is called '{visible(shorten(name, 40))}'.", next="guest list")
    return str(account.username)


def _found(name: str) -> Account | None:
    found: Account | None = Account.objects.filter(username__iexact=name.strip()).first()
    return found

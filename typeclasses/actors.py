"""Who an engine object is to the rules, and what of the engine's access goes through them.

Owns the one translation from accounts and bodies to actors, ranks and kinds, and the table of engine access
types that `may()` has a say in besides the object's own lock. Decides nothing itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from evennia.accounts.models import AccountDB
from evennia.objects.models import ObjectDB
from evennia.objects.objects import DefaultCharacter, DefaultExit, DefaultRoom

from agents.governance.rules import Actor, Permit, may
from agents.kernel.settings import current
from commands.ranks import RANK_OF_PERMISSION, Rank
from world.places import key_of, slug_of, thing_key

ACT_OF_ACCESS = {"traverse": "move", "get": "take", "drop": "drop"}
"""Engine access type → act of the rules; both the lock and the rule must allow."""


def actor_of(one: Any) -> Actor:
    """The owner (the engine's superuser with the owner's name), an agent, a person, or nobody.

    An agent's body is that agent, whoever may sit in it: nothing done through it is ever done as the owner. Any
    other body is whoever is connected through it, and else nobody, whatever it is called.
    """
    if slug := slug_of(one):
        return Actor("agent", slug)
    account = account_of(one)
    if account is None:
        return Actor("nobody", str(getattr(one, "key", "") or "unknown"))
    owner = account.is_superuser and account.username.lower() == current().owner.lower()
    return Actor("owner" if owner else "person", account.username)


def account_of(one: Any) -> Any:
    """The account that acts through a body or a connection, or is `one`; None when none does."""
    if isinstance(one, AccountDB):
        return one
    if isinstance(one, ObjectDB) and not one.sessions.count():
        return None
    return getattr(one, "account", None)


def rank_of(one: Any) -> Rank:
    """What somebody is to the engine's commands. `quell` lowers it to what the body has."""
    account = account_of(one)
    if account is None or slug_of(one):
        return Rank.STRANGER
    if account.attributes.get("_quell"):
        return min(_rank(account), _rank(one)) if isinstance(one, ObjectDB) else Rank.PLAYER
    return _rank(account)


def _rank(one: Any) -> Rank:
    if isinstance(one, AccountDB) and one.is_superuser:
        return Rank.SUPERUSER
    return max(
        (RANK_OF_PERMISSION.get(str(held).lower(), Rank.PLAYER) for held in one.permissions.all()), default=Rank.PLAYER
    )


def kind_of(found: Any, asker: Any) -> str:
    """What something is to whoever would change it: self, room, exit, thing, or what nobody builds with."""
    if found is asker:
        return "self"
    if not isinstance(found, ObjectDB):
        return "other"
    if slug_of(found):
        return "agent"
    if isinstance(found, DefaultCharacter) or found.account:
        return "body"
    if isinstance(found, DefaultRoom):
        return "room"
    if isinstance(found, DefaultExit):
        return "exit"
    if AccountDB.objects.filter(id=found.attributes.get("creator_id") or 0, is_superuser=True).exists():
        return "owned"
    holder = found.location
    while holder is not None and not isinstance(holder, DefaultCharacter):
        holder = holder.location
    return "thing" if holder is None or holder is asker else "held"


def looker(one: Any) -> Actor:
    """Who looks: the same somebody, for whom nothing is done but showing."""
    return replace(actor_of(one), looks=True)


def permit(one: Any, access: str, target: Any) -> Permit:
    """What the rules say to an engine access; allowed where they have no say."""
    act = ACT_OF_ACCESS.get(access)
    if act is None:
        return Permit(True, "left to the lock")
    named = key_of(target.destination) if act == "move" else thing_key(target)
    return may(actor_of(one), act, named)

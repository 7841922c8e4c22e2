"""Who an engine object is to the rules, and what of the engine's access goes through them.

Owns the one translation from accounts and bodies to actors, and the table of engine access
types that `may()` has a say in besides the object's own lock. Decides nothing itself.
"""

from __future__ import annotations

from typing import Any

from agents.governance.rules import Actor, Permit, may
from agents.kernel.settings import current
from world.places import key_of, slug_of, thing_key

ACT_OF_ACCESS = {"traverse": "move", "get": "take", "drop": "drop"}
"""Engine access type → act of the rules; both the lock and the rule must allow."""


def actor_of(one: Any) -> Actor:
    """The owner (the engine's superuser with the owner's name), an agent, or a person.

    A body tagged as an agent's is that agent, whoever may sit in it: nothing done through an
    agent's body is ever done as the owner.
    """
    if slug := slug_of(one):
        return Actor("agent", slug)
    account = getattr(one, "account", None) or one
    name = getattr(account, "username", None) or getattr(one, "key", "") or "unknown"
    owner = getattr(account, "is_superuser", False) and name.lower() == current().owner.lower()
    return Actor("owner" if owner else "person", name)


def permit(one: Any, access: str, target: Any) -> Permit:
    """What the rules say to an engine access; allowed where they have no say."""
    act = ACT_OF_ACCESS.get(access)
    if act is None:
        return Permit(True, "left to the lock")
    named = key_of(target.destination) if act == "move" else thing_key(target)
    return may(actor_of(one), act, named)

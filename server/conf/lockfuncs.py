"""Lock functions of this world: one, which asks the same rule every other door asks.

Owns the translation of an engine object into an actor. Decides nothing itself.
"""

from __future__ import annotations

from typing import Any

from agents.governance import rules
from agents.governance.rules import Actor


def actor_of(accessing: Any) -> Actor:
    """Who this account or character is to the rules: the owner, an agent, or a person."""
    slug = accessing.attributes.get("slug", default="") if hasattr(accessing, "attributes") else ""
    if slug:
        return Actor("agent", slug)
    account = getattr(accessing, "account", None) or accessing
    kind = "owner" if getattr(account, "is_superuser", False) else "person"
    return Actor(kind, str(getattr(account, "username", None) or getattr(account, "key", "") or "unknown"))


def may(accessing_obj: Any, accessed_obj: Any, *args: str, **kwargs: Any) -> bool:
    """`may(build)` or `may(build, hall)`: whether the rules allow the act on the target."""
    act, target = (*args, "", "")[:2]
    return rules.may(actor_of(accessing_obj), act.strip(), target.strip()).allowed

"""Lock functions of this world: one, which uses the same rule as everything else.

Decides nothing itself, and identifies people only through `typeclasses.actors`.
"""

from __future__ import annotations

from typing import Any

from agents.governance import rules


def may(accessing_obj: Any, accessed_obj: Any, *args: str, **kwargs: Any) -> bool:
    """`may(build)` or `may(build, hall)`: whether the rules allow the act on the target."""
    from typeclasses.actors import actor_of

    act, target = (*args, "", "")[:2]
    return bool(rules.may(actor_of(accessing_obj), act.strip(), target.strip()))

"""What a step or a tool reaches outside of its agent's own home.

Owns the shape of an effect, which stands in kinds, acts, tools and approvals alike. Refuses to judge one: that is
`governance/risk.py` and `Lifecycle.authorise`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effect:
    """Something changed or reached outside an agent's own home.

    `kind`: read, execute, write, world, network, money, permission. `target`: a path, room,
    address or amount, as shown to the owner.
    """

    kind: str
    target: str

"""What a step or a tool reaches outside its agent's home.

Owns the shape of an effect, which kinds, acts, tools and approvals share. Judging one is up to `governance/risk.py`
and `Lifecycle.authorise`.
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

"""Settings of approvals and of guests' allowances.

Owns them. Only `agents/kernel/settings.py` reads the environment.
"""

from __future__ import annotations

from pydantic import Field

from agents.kernel.section import OlderSection


class GovernanceSettings(OlderSection):
    """Approvals and guests"""

    seal_seconds: float = Field(
        10,
        ge=0,
        le=3600,
        description=(
            "Seconds during which a verdict can be taken back with `undo` before it takes effect. `0`: it takes "
            "effect at once."
        ),
    )
    approval_days: float = Field(
        7, gt=0, le=365, description="Days after which an undecided approval expires into the backlog."
    )
    guest_kb: float = Field(
        50,
        ge=0,
        le=1_000_000,
        description=(
            "Kilobytes that a guest may send or leave behind in a day (UTC), counted separately for proposals, "
            "talk, written text (descriptions, nicks, options), and actions (walks, takings)."
        ),
    )
    guest_proposals: int = Field(
        5, ge=0, le=100_000, description="How many proposals of one guest may wait for you at the same time."
    )


SECTIONS = (GovernanceSettings,)

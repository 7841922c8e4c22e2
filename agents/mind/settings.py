"""Settings of minds.

Owns their names, defaults and limits. Refuses to read the environment: `agents/kernel/settings.py` does.
"""

from __future__ import annotations

from pydantic import Field

from agents.kernel.section import OlderSection


class MindSettings(OlderSection):
    """Minds"""

    step_seconds: float = Field(
        3,
        ge=0,
        le=3600,
        description="Minimum number of seconds between two visible steps of one agent, so that people can follow.",
    )
    keep_hours: bool = Field(
        True,
        description="Whether agents sleep out of the hours that their files give them; tasks wake them at any hour.",
    )
    visit_seconds: float = Field(
        2,
        ge=0.2,
        le=60,
        description=(
            "Seconds for which one mind may block the world at a time (with a loop or a wait in a builder's "
            "action). Then it is interrupted, reported as a bug, and rests for a while. An ordinary visit takes "
            "about a thousandth of that."
        ),
    )
    visit_overruns: int = Field(
        3,
        ge=1,
        le=1000,
        description="How often that may happen within an hour before the mind is stopped until `resume <agent>`.",
    )
    prove_seconds: float = Field(
        20,
        gt=0,
        le=600,
        description=(
            "Seconds for which `plan timmy/best` searches for the cheapest plan before its process is stopped."
        ),
    )


SECTIONS = (MindSettings,)

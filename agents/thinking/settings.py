"""Settings of thoughts and conversations.

Owns them. Refuses to read the environment: `agents/kernel/settings.py` does.
"""

from __future__ import annotations

from pydantic import Field

from agents.kernel.section import OlderSection


class ThinkingSettings(OlderSection):
    """Thoughts and conversations"""

    thought_seconds: float = Field(
        1800,
        ge=1,
        le=30 * 86400,
        description="Seconds between the thoughts of an agent whose persona sets no interval (`mind.thought_every`).",
    )
    thoughts_hour: int = Field(
        2,
        ge=0,
        le=3600,
        description=(
            "How many of an agent's thoughts in an hour may be written by a model; the others are composed from "
            "the records, without a model (reflex)."
        ),
    )
    thoughts_hour_first: int = Field(
        12, ge=0, le=3600, description="The same for the first of the line, who has no parent: Timmy."
    )
    questions_hour: int = Field(
        5,
        ge=0,
        le=3600,
        description="How many questions an agent may ask other agents on its own initiative in an hour; `0`: none.",
    )
    thoughts_kept: int = Field(
        5000, ge=10, le=10_000_000, description="How many thoughts are kept for each agent; older ones are removed."
    )
    talk_first_seconds: float = Field(
        10,
        ge=0,
        le=3600,
        description=(
            "A model that took longer than this to begin, in half of its answers, is not asked when somebody talks to "
            "an agent: the agent answers at once from its records. `0`: it is asked however slow it is."
        ),
    )
    messages_kept: int = Field(
        5000,
        ge=100,
        le=10_000_000,
        description=(
            "How many messages are kept for each conversation; older ones are removed. A conversation is between "
            "a person and an agent, between two agents, or what is said to nobody in particular."
        ),
    )


SECTIONS = (ThinkingSettings,)

"""What the owner may set of notes.

Owns the settings. Refuses to read the environment: `agents/kernel/settings.py` does.
"""

from __future__ import annotations

from pydantic import Field

from agents.kernel.section import Section


class NotesSettings(Section):
    """Notes in rooms"""

    notes_room: int = Field(30, ge=1, le=200, description="How many notes can be pinned in one room.")
    notes_guest: int = Field(5, ge=0, le=200, description="How many notes of one guest can be pinned at a time.")
    notes_agent: int = Field(
        3, ge=0, le=200, description="How many notes of one agent can be pinned at a time; it takes down its oldest."
    )


SECTIONS = (NotesSettings,)

"""Settings of the world as a place.

Owns them. Refuses to read the environment: `agents/kernel/settings.py` does.
"""

from __future__ import annotations

from pydantic import Field

from agents.kernel.section import Section


class PlaceSettings(Section):
    """Light and season"""

    world_latitude: float | None = Field(
        None,
        ge=-90,
        le=90,
        description=(
            "Latitude in degrees, south negative, by which the sun rises and sets in the world. Not set: it is light "
            "from 7 to 18 o'clock all year, and the seasons are those of the north."
        ),
    )
    world_longitude: float | None = Field(
        None,
        ge=-180,
        le=180,
        description="Longitude in degrees, west negative. Not set: where the machine's clock would be exact.",
    )


SECTIONS = (PlaceSettings,)

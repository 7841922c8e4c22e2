"""What the owner may set of the larder."""

from __future__ import annotations

from pydantic import Field

from agents.kernel.section import Section


class LarderSettings(Section):
    """The larder"""

    larder_jars: int = Field(3, ge=0, description="How many jars it holds; agents fill them.")


SECTIONS = (LarderSettings,)

"""A section of the settings: what one part lets its owner set.

Owns its shape. A part lists its sections as `SECTIONS` in its `settings.py`; `agents.kernel.settings` finds them
and combines them into one model. Does not read the environment.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """The settings of one part. The field `larder_days` of the part `larder` is the variable TIMMY_LARDER_DAYS: each
    name begins with the part's. The docstring is the heading in docs/settings.md, a field's `description` its row.
    """

    model_config = ConfigDict(frozen=True)


class OlderSection(Section):
    """A section whose names are older than sections and stay as they are."""

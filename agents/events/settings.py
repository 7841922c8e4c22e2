"""Settings of the record.

Owns them. Only `agents/kernel/settings.py` reads the environment.
"""

from __future__ import annotations

from pydantic import Field

from agents.kernel.section import OlderSection


class EventsSettings(OlderSection):
    """The record"""

    anchor_copy: str = Field(
        "",
        pattern=r"^([^-\s][^\x00-\x1f]*)?$",
        max_length=1000,
        description=(
            "A second place to which the record's anchors are copied: the absolute path of a folder (on another "
            "disk), or a git repository on another machine (`ssh://host/path`) to which git can push without "
            "asking for a password. See [the owner's guide](owner.md#the-record-and-its-anchors)."
        ),
    )


SECTIONS = (EventsSettings,)

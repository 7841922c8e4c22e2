"""Notes that are pinned in a room: that they are there, and whose is the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import Actor
from agents.kernel.text import visible
from agents.notes.service import Notes, called
from agents.thinking.ports import Known
from world.scenery import Place, Scenery

if TYPE_CHECKING:
    from agents.house.house import House

SHOWN = 10
"""Notes that are read by looking; `notes` reads the others."""


def _line(house: House, place: Place) -> str:
    return house.need(Notes).line(place.key, house.need(Known))


def _detail(house: House, place: Place, noun: str, viewer: Actor) -> list[str] | None:
    if noun != "note":
        return None
    known, standing = house.need(Known), house.need(Notes).standing(place.key)
    told = [
        f"{note.pk}. {visible(called(known, note.author))}: {visible(note.text)}" for note in standing[::-1][:SHOWN]
    ]
    return told or ["No note is pinned here."]


SCENERY = Scenery("notes", line=_line, detail=_detail)

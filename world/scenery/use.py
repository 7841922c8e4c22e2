"""Marks of use: the first one that a room bears now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.governance.rules import Actor
from agents.marks.part import Marks
from world.scenery import OPEN, Place, Scenery

if TYPE_CHECKING:
    from agents.house.house import House


def _clause(house: House, place: Place) -> str:
    mark = next(house.need(Marks).of(place.key, place.sky != OPEN), None)
    return mark.words if mark else ""


def _detail(house: House, place: Place, noun: str, viewer: Actor) -> list[str] | None:
    marks = house.need(Marks)
    return [marks.told(mark, place.key) for mark in marks.of(place.key, place.sky != OPEN) if noun in mark.nouns]


SCENERY = Scenery("use", order=20, clause=_clause, detail=_detail)

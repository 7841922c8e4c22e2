"""Mending what is broken, with the trowel."""

from __future__ import annotations

from agents.simulation.kinds._chore import chore

KIND = chore(
    "mend",
    "to mend what is broken in a room",
    (
        ("look", "looks for what is broken", "There was too little light."),
        ("clean", "scrapes the old mortar out", "The old mortar holds too well."),
        ("fill", "fills the gap and smooths it", "The mortar would not set."),
    ),
    equipment="trowel",
)

"""Sorting what lies about, with the lens for the small print."""

from __future__ import annotations

from agents.simulation.kinds._chore import chore

KIND = chore(
    "sort",
    "to sort what lies about in a room",
    (
        ("gather", "gathers what lies about", "Half of it is not there to be gathered."),
        ("read", "reads the labels under the lens", "A label cannot be read."),
        ("order", "puts everything in order", "The shelf is full."),
    ),
    equipment="lens",
)

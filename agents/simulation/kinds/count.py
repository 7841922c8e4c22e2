"""Counting what is in a room, twice."""

from __future__ import annotations

from agents.simulation.kinds._chore import chore

KIND = chore(
    "count",
    "to count what is in a room",
    (
        ("first_count", "counts from left to right", "The count broke off: somebody walked through."),
        ("second_count", "counts from right to left", "The two counts differ."),
    ),
)

"""`timmy session`: everything that an agent did."""

from __future__ import annotations

from server.verbs import forward
from server.word import Word

WORD = Word(
    "session",
    "replay what an agent did: timmy session timmy today",
    forward("session"),
    place=200,
    rest="AGENT [WHEN]",
)

"""`timmy undo`: take verdicts back while they are sealed."""

from __future__ import annotations

from server.verbs import forward
from server.word import Word

WORD = Word("undo", "lift the seals you have set", forward("undo"), place=110, rest="ITEM")

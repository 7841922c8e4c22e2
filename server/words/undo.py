"""`timmy undo`: take verdicts back while they are sealed."""

from __future__ import annotations

from server.verbs import forward
from server.word import Word

WORD = Word("undo", "take back your sealed verdicts", forward("undo"), place=110, rest="ITEM")

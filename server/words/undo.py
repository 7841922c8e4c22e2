"""`timmy undo`: lift seals, or undo what a finished task did."""

from __future__ import annotations

from server.verbs import forward
from server.word import Word

WORD = Word("undo", "take back your sealed verdicts, or undo a finished task", forward("undo"), place=110, rest="ITEM")

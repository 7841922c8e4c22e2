"""`timmy redo`: bring back what `undo` took away."""

from __future__ import annotations

from server.verbs import forward
from server.word import Word

WORD = Word("redo", "bring back what undo took away", forward("redo"), place=112, rest="TASK")

"""`timmy approve`: say yes."""

from __future__ import annotations

from server.verbs import forward
from server.word import Word

WORD = Word("approve", "approve items: timmy approve 3 5-8", forward("approve"), place=70, rest="ITEM")

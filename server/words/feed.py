"""`timmy feed`: what happened recently."""

from __future__ import annotations

from server.verbs import forward
from server.word import Word

WORD = Word("feed", "the last events", forward("feed"), place=190, rest="…")

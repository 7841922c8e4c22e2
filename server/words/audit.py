"""`timmy audit`: whether the record is intact."""

from __future__ import annotations

from server.verbs import forward
from server.word import Word

WORD = Word(
    "audit",
    "audit verify: compare tasks, approvals and the log's chain",
    forward("audit"),
    place=180,
    rest="verify",
)

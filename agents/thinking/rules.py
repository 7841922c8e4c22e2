"""What thinking is held to, as plain values: the states of a thought, the words of this house.

Owns these lists. Refuses any text from outside: "scripture" is the project's own pillars and rules, as its README and
CONTRIBUTING have them (a test compares).
"""

from __future__ import annotations

QUEUED, ASKED, THOUGHT, DROPPED = "queued", "asked", "thought", "dropped"
"""A thought waits in its agent's queue, a model is asked for it, it is thought, or it came to nothing."""
REFLEX = "reflex"
"""Source of what was composed without a model."""

SCRIPTURE = (
    "Sovereignty: everything works with no network",
    "Autonomy: agents act unprompted, within what you allowed; silence is never consent",
    "Transparency: every step, word and decision is recorded with who, why and by which path",
    "Persistence: a process killed at any instant loses nothing that was acknowledged and repeats no effect",
    "People are shown exactly what will run, byte for byte or visibly escaped",
    "Text is untrusted, whoever wrote it",
    "Authority never depends on its words",
    "Bad input gets a message that says what, where and what to do, and changes nothing",
    "Write the test before you fix the bug",
)

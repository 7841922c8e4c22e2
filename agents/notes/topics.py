"""Topics of notes.

Owns their declarations. Refuses to write any: the service and the part do. What a note says stands in its own table.
"""

from __future__ import annotations

from agents.events.topic import Form, Topic

TOPICS = (
    Topic(
        "note.left",
        "a note was pinned in a room",
        ("note", "room"),
        Form("pins note {note} in {room}", told="deed"),
        seen="all",
    ),
    Topic(
        "note.answered",
        "a note was pinned that answers another",
        ("note", "room", "answers"),
        Form("answers note {answers} in {room} by note {note}", told="deed"),
        seen="all",
    ),
    Topic(
        "note.removed",
        "a note was taken down",
        ("note", "room", "author"),
        Form("takes down note {note} in {room}", told="deed"),
        seen="all",
    ),
    Topic(
        "note.restored",
        "a note that was taken down was pinned again",
        ("note", "room", "author"),
        Form("pins note {note} in {room} again", told="deed"),
        seen="all",
    ),
    Topic(
        "agent.<slug>.noted",
        "it read notes in a room",
        ("room", "notes", "text"),
        Form("{text}", told="deed"),
        seen="all",
    ),
)

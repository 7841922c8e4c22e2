"""The table of notes."""

from __future__ import annotations

from django.db import models

from agents.events.rows import Covered


class Note(models.Model):
    """One note, and the room where it is pinned. A note that was taken down stays in the table."""

    room = models.CharField(max_length=60, help_text="key of the room")
    author = models.CharField(max_length=80, help_text="who wrote it: owner:NAME, person:NAME or agent:SLUG")
    text = models.TextField()
    answers = models.PositiveBigIntegerField(null=True, help_text="number of the note that it answers")
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    removed_by = models.CharField(max_length=80, blank=True)

    covered = Covered("note")

    class Meta:
        """Read by room and by author, newest first."""

        indexes = [models.Index(fields=["room", "id"]), models.Index(fields=["author", "id"])]

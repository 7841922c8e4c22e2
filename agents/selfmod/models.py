"""The table of captured errors: one row for each kind."""

from __future__ import annotations

from django.db import models


class BugReport(models.Model):
    """A kind of error (hash of type and normalised stack), how often and when it was seen."""

    fingerprint = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    context = models.TextField(help_text="sanitised, at most 2,000 characters")
    count = models.PositiveIntegerField(default=1)
    task = models.PositiveIntegerField(null=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        """Looked up by fingerprint."""

        app_label = "agents"
        indexes = [models.Index(fields=["fingerprint", "-last_at"])]

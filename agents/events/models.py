"""The table of the event log. Append-only: rows are never changed through this system.

Each row carries the hash of the one before it (a hash chain), so that an alteration
from outside shows. Events name texts by reference and hold no secrets.
"""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """One thing that happened. `seq` orders all; `topic` is dotted (`task.approved`)."""

    seq = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    topic = models.CharField(max_length=120)
    actor = models.CharField(max_length=80, help_text="who did it: owner:NAME, person:NAME, agent:SLUG or system")
    via = models.CharField(max_length=16, blank=True, help_text="path: telnet, web, cli, mind, rule, system")
    agent = models.CharField(max_length=60, blank=True, help_text="slug of the agent it concerns")
    task = models.PositiveIntegerField(null=True)
    approval = models.PositiveIntegerField(null=True)
    step = models.CharField(max_length=26, blank=True, help_text="id of the plan step it belongs to")
    data = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        """Indexed by what is asked: by task, by agent, by topic."""

        app_label = "agents"
        ordering = ["seq"]
        indexes = [
            models.Index(fields=["task", "seq"]),
            models.Index(fields=["agent", "seq"]),
            models.Index(fields=["topic", "seq"]),
        ]

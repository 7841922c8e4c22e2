"""The table of thoughts: those that were thought, those that wait to be, and those that came to nothing."""

from __future__ import annotations

from django.db import models


class Thought(models.Model):
    """One thought of one agent. Thoughts are a stream, chained by `parent`; those that wait are a queue, in order of `position`."""

    id = models.CharField(max_length=26, primary_key=True)
    agent = models.CharField(max_length=60)
    at = models.DateTimeField(help_text="when it was thought; while it waits, when it was put there")
    parent = models.CharField(max_length=26, blank=True, default="", help_text="id of the thought before it")
    kind = models.CharField(max_length=12, help_text="of its seed: existential, swarm, scripture, creative, memory, freeform")
    subject = models.TextField(help_text="what it is of: a record (task:3, room:forge), or the words that were given")
    terms = models.JSONField(default=dict, help_text="why this seed: the terms of its score")
    text = models.TextField(blank=True, default="")
    source = models.CharField(max_length=200, blank=True, default="", help_text="reflex, or provider/model")
    records = models.JSONField(default=list, help_text="list of [sentence, [record, ...]] of a thought by reflex")
    injected_by = models.CharField(max_length=80, blank=True, default="", help_text="who gave it to be thought, '' for a seed of its own")
    state = models.CharField(max_length=8, help_text="queued, asked, thought, dropped")
    position = models.IntegerField(default=0, help_text="place in the queue, smallest first")
    asked_at = models.DateTimeField(null=True, help_text="when a model was asked for it")
    note = models.CharField(max_length=300, blank=True, default="", help_text="why no model made it, or why it came to nothing")

    class Meta:
        """Found by agent, the newest of a state first."""

        app_label = "agents"
        ordering = ["id"]
        indexes = [models.Index(fields=["agent", "state", "at"]), models.Index(fields=["agent", "asked_at"])]

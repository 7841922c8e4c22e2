"""The tables of thoughts, and of everything said between a person and an agent or between two agents."""

from __future__ import annotations

from django.db import models

from agents.events.rows import Covered


class Thought(models.Model):
    """One thought of one agent. Thoughts are a stream, chained by `parent`; those that wait are a queue, in order of
    `position`.
    """

    id = models.CharField(max_length=26, primary_key=True)
    agent = models.CharField(max_length=60)
    at = models.DateTimeField(help_text="when it was thought; while it waits, when it was put there")
    parent = models.CharField(max_length=26, blank=True, default="", help_text="id of the thought before it")
    kind = models.CharField(
        max_length=12, help_text="of its seed: existential, swarm, scripture, creative, memory, freeform"
    )
    subject = models.TextField(help_text="what it is of: a record (task:3, room:forge), or the words that were given")
    terms = models.JSONField(default=dict, help_text="why this seed: the terms of its score")
    text = models.TextField(blank=True, default="")
    source = models.CharField(max_length=200, blank=True, default="", help_text="reflex, or provider/model")
    records = models.JSONField(default=list, help_text="list of [sentence, [record, ...]] of a thought by reflex")
    injected_by = models.CharField(
        max_length=80, blank=True, default="", help_text="who gave it to be thought, '' for a seed of its own"
    )
    state = models.CharField(max_length=8, help_text="queued, asked, thought, dropped")
    position = models.IntegerField(default=0, help_text="place in the queue, smallest first")
    asked_at = models.DateTimeField(null=True, help_text="when a model was asked for it")
    note = models.CharField(
        max_length=300, blank=True, default="", help_text="why no model made it, or why it came to nothing"
    )

    covered = Covered("thought", but=("position",))

    class Meta:
        """Found by agent, the newest of a state first."""

        app_label = "agents"
        ordering = ["id"]
        indexes = [models.Index(fields=["agent", "state", "at"]), models.Index(fields=["agent", "asked_at"])]


class Message(models.Model):
    """One message. An answer names what it answers and has its row from the moment it was asked for, so that what is
    under way is found again after a kill; its text grows as it is told.
    """

    id = models.CharField(max_length=26, primary_key=True)
    at = models.DateTimeField()
    channel = models.CharField(
        max_length=10,
        help_text=(
            "room: spoken in a room; whisper: there, to it alone; ask: from afar; chat: a conversation on the "
            "command line; mind: agents among themselves"
        ),
    )
    via = models.CharField(max_length=16, help_text="path: telnet, web, cli, mind")
    conversation = models.CharField(
        max_length=150, help_text="who asks and who answers, `person:mia agent:timmy`; '' where nobody is spoken to"
    )
    room = models.CharField(max_length=60, blank=True, default="", help_text="key of the room where it was said")
    sender = models.CharField(max_length=80, help_text="owner:NAME, person:NAME or agent:SLUG")
    to = models.CharField(max_length=80, blank=True, default="", help_text="the same; '' for whoever is in the room")
    text = models.TextField(blank=True, default="")
    source = models.CharField(
        max_length=200,
        blank=True,
        default="",
        help_text="person, mind, reflex, or provider/model; '' where it is not known",
    )
    answers = models.CharField(max_length=26, blank=True, default="", help_text="id of the message it answers")
    state = models.CharField(max_length=11, help_text="running, whole, interrupted, failed")
    note = models.CharField(max_length=300, blank=True, default="", help_text="why it was cut, or why no model gave it")
    records = models.JSONField(
        default=list,
        help_text="by reflex: list of [sentence, [record, ...]]; by a model: the same list, of what it was shown",
    )

    covered = Covered("message", open="running", growing=("text", "source", "note", "records"))

    class Meta:
        """Found by who spoke, who was spoken to, and conversation, the newest first; and what is under way."""

        app_label = "agents"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["sender", "id"]),
            models.Index(fields=["to", "id"]),
            models.Index(fields=["conversation", "id"]),
            models.Index(fields=["id"], name="message_running", condition=models.Q(state="running")),
        ]

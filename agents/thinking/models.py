"""The message log: everything said between a person and an agent, or between two agents, over whatever channel."""

from __future__ import annotations

from django.db import models


class Message(models.Model):
    """One message. An answer names what it answers and has its row from the moment it was asked for, so that what is under
    way is found again after a kill; its text grows as it is told.
    """

    id = models.CharField(max_length=26, primary_key=True)
    at = models.DateTimeField()
    channel = models.CharField(max_length=10, help_text="room: spoken in a room; ask: from afar; chat: a conversation on the command line; mind: agents among themselves")
    via = models.CharField(max_length=16, help_text="path: telnet, web, cli, mind")
    conversation = models.CharField(max_length=150, help_text="who asks and who answers, `person:mia agent:timmy`; '' where nobody is spoken to")
    room = models.CharField(max_length=60, blank=True, default="", help_text="key of the room where it was said")
    sender = models.CharField(max_length=80, help_text="owner:NAME, person:NAME or agent:SLUG")
    to = models.CharField(max_length=80, blank=True, default="", help_text="the same; '' for whoever is in the room")
    text = models.TextField(blank=True, default="")
    source = models.CharField(max_length=200, blank=True, default="", help_text="person, mind, reflex, or provider/model; '' where it is not known")
    answers = models.CharField(max_length=26, blank=True, default="", help_text="id of the message it answers")
    state = models.CharField(max_length=11, help_text="running, whole, interrupted, failed")
    note = models.CharField(max_length=300, blank=True, default="", help_text="why it was cut, or why no model gave it")
    records = models.JSONField(default=list, help_text="by reflex: list of [sentence, [record, ...]]; by a model: the same list, of what it was shown")

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

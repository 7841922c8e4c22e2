"""The table of the event log. Append-only: this system never changes its rows.

Each row carries the hash of the previous one (a hash chain), so that alterations from outside show. Events refer to
texts by digest and contain no secrets.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull


class Held(models.Func):
    """A text in `data` by its key, written identically in index and query, so that the database uses the index."""

    def __init__(self, key: str, **extra: Any) -> None:
        super().__init__("data", output_field=models.TextField(), **{"key": key} | extra)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """`JSON_EXTRACT(data, '$.key')`."""
        return self.as_sql(compiler, connection, template="JSON_EXTRACT(%(expressions)s, '$.%(key)s')", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """`(data ->> 'key')`."""
        return self.as_sql(compiler, connection, template="(%(expressions)s ->> '%(key)s')", **context)


CAME, LEFT = Held("to"), Held("from")
"""Keys of the rooms that a walk led to and from."""
PLACE = Coalesce(Held("beside"), Held("room"))
"""Key of the room in which anything else was done; builders stand beside what they build."""


class Event(models.Model):
    """One thing that happened. `seq` orders all events; `topic` is dotted (`task.approved`)."""

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
    rows = models.JSONField(
        null=True, help_text="digests of rows that were written with it; None for one that was let go of"
    )
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        """Indexed by what is queried: task, agent, topic, and the room and time where it was seen."""

        app_label = "agents"
        ordering = ["seq"]
        indexes = [
            models.Index(fields=["task", "seq"]),
            models.Index(fields=["agent", "seq"]),
            models.Index(fields=["topic", "seq"]),
            *(
                models.Index(room, "at", "agent", name=f"event_{name}", condition=models.Q(IsNull(room, False)))
                for name, room in (("came", CAME), ("left", LEFT), ("place", PLACE))
            ),
        ]

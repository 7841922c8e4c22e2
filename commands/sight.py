"""Who may know of an event: the one rule for the feed, for watching, and for what rooms remember.

The owner may know of all; who else may is declared with each topic. Refuses to look at words: it goes by topic, actor
and task alone, and an event whose topic is declared no longer is the owner's.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from agents.events import declared
from agents.events.models import Event
from agents.governance.rules import Actor
from agents.work.models import Task
from agents.work.reports import read_by


def sees(viewer: Actor, event: Event) -> bool:
    """Whether the viewer may know of it."""
    topic = declared.of(event.topic)
    seen = topic.seen if topic else "owner"
    if viewer.kind == "owner" or seen == "all":
        return True
    if seen == "readers":
        reported = event.task is not None and viewer.kind == "person"
        return not reported or Task.objects.filter(read_by(viewer), id=event.task).exists()
    return seen == "actor" and event.actor == str(viewer)


def seen_by(viewer: Actor) -> Q:
    """The same rule as a condition for the tables."""
    if viewer.kind == "owner":
        return Q()
    shown = Exists(Task.objects.filter(read_by(viewer), id=OuterRef("task")))
    return (
        declared.among(lambda topic: topic.seen == "all")
        | declared.among(lambda topic: topic.seen == "readers") & (Q(task=None) | Q(shown))
        | declared.among(lambda topic: topic.seen == "actor") & Q(actor=str(viewer))
    )

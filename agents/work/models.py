"""Tables of work: tasks, the journal of steps, artifacts. History lives in the event log."""

from __future__ import annotations

from django.db import models

from agents.events.rows import Covered


class Task(models.Model):
    """A piece of work. Its primary key is the number people type."""

    title = models.CharField(max_length=400)
    description = models.TextField(blank=True)
    kind = models.CharField(max_length=40, help_text="name of the file in work/kinds that knows how to do it")
    params = models.JSONField(default=dict, help_text="the kind's own parameters, validated by its model")
    priority = models.CharField(max_length=6, default="NORMAL")
    status = models.CharField(max_length=16, default="PENDING_APPROVAL")
    reason = models.TextField(blank=True, help_text="why it is paused, backlogged, vetoed or waiting")
    proposer = models.CharField(max_length=80)
    assignee = models.CharField(max_length=60, blank=True, help_text="slug of an agent")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    repeats = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="repeated_by")
    result = models.TextField(blank=True)
    shown = models.TextField(
        blank=True, default="", help_text="who besides the owner may read what came out: `,*,` all, or `,ana,ben,`"
    )
    steps_taken = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=1)
    version = models.PositiveIntegerField(default=0, help_text="counts transitions; conditional updates compare it")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    progress_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """Listed by number."""

        app_label = "agents"
        ordering = ["id"]
        indexes = [models.Index(fields=["status", "id"]), models.Index(fields=["assignee", "status"])]


class Step(models.Model):
    """One plan step in the journal, written before and after it is done.

    `key` makes a repetition recognisable: a step is done at most once for each key. `repeat` says what a crash in
    the middle means: `pure` and `keyed` steps are repeated, `once` goes to review.
    """

    id = models.CharField(max_length=26, primary_key=True)
    agent = models.CharField(max_length=60)
    plan = models.CharField(max_length=26)
    index = models.PositiveIntegerField()
    action = models.CharField(max_length=200, help_text="the ground action, `take(lens, workshop)`")
    task = models.ForeignKey(Task, null=True, on_delete=models.PROTECT, related_name="steps")
    attempt = models.PositiveIntegerField(default=1)
    key = models.CharField(max_length=200)
    repeat = models.CharField(max_length=5, help_text="pure, keyed or once")
    state = models.CharField(max_length=10, help_text="started, done, failed, review")
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    covered = Covered("step")

    class Meta:
        """One finished step for each key."""

        app_label = "agents"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["agent", "id"]),
            models.Index(fields=["task", "attempt", "id"]),
            models.Index(fields=["state"]),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=models.Q(state="done"), name="step_done_once_a_key")
        ]


class Artifact(models.Model):
    """A file that a task produced, committed in the repository of its agent."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="artifacts")
    name = models.CharField(max_length=80, help_text="how it is asked for: `task 1/report`")
    agent = models.CharField(max_length=60)
    path = models.CharField(max_length=400, help_text="relative to the agent's home")
    commit = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="bytes")
    created_at = models.DateTimeField()

    covered = Covered("artifact")

    class Meta:
        """A name is unique within its task."""

        app_label = "agents"
        constraints = [models.UniqueConstraint(fields=["task", "name"], name="artifact_name_once_a_task")]

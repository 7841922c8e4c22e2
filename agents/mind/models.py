"""The table of plans: the one each agent follows, and those it followed before."""

from __future__ import annotations

from django.db import models


class PlanRecord(models.Model):
    """A plan that was chosen: for `plan`, `why`, and for going on after a restart."""

    id = models.CharField(max_length=26, primary_key=True)
    agent = models.CharField(max_length=60)
    goal = models.CharField(max_length=200)
    task = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=10, help_text="running, done, failed, dropped")
    steps = models.JSONField(default=list, help_text="list of {action, serves: [fact, ...], for_step}")
    cost = models.PositiveIntegerField(default=0)
    chosen_over = models.JSONField(default=list, help_text="list of {goal, score, worth, cost, words, why}")
    position = models.PositiveIntegerField(default=0)
    origin = models.CharField(
        max_length=60, blank=True, default="", help_text="searched, known from an earlier plan, resumed"
    )
    score = models.CharField(
        max_length=200, blank=True, default="", help_text="how it weighed when it was chosen, in words"
    )
    reason = models.TextField(blank=True, help_text="why it was made, or why it ended")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        """Newest last."""

        app_label = "agents"
        ordering = ["id"]
        indexes = [models.Index(fields=["agent", "id"]), models.Index(fields=["agent", "goal", "state"])]

"""Tables of governance: approvals, what was shown to whom, policies, and who is who."""

from __future__ import annotations

from django.db import models

from agents.events.rows import Covered


class Approval(models.Model):
    """A proposal that waits for a decision or has had one.

    `digest` is the SHA-256 of everything that is decided on; a decision names the digest that was shown. A verdict
    is first sealed (`verdict` is set while `state` is pending) and takes effect at `sealed_until`; until then
    `undo` takes it back. An effect on a path also has a `place`: what the path referred to when it was proposed
    (see `work.places`).
    """

    state = models.CharField(max_length=10, default="pending", help_text="pending, approved, rejected, expired")
    task = models.PositiveIntegerField(null=True, unique=False, help_text="the task it belongs to, if any")
    title = models.TextField()
    action = models.TextField(help_text="the exact action, as it will be carried out")
    proposer = models.CharField(max_length=80)
    why = models.TextField(blank=True)
    effects = models.JSONField(default=list, help_text="list of {kind, target} declared outside the agent's home")
    risk = models.JSONField(default=dict, help_text="{score, level, terms: [{name, points, why}]}")
    undo = models.CharField(max_length=4, default="n/a", help_text="yes, no or n/a")
    confirm = models.CharField(max_length=120, blank=True, help_text="what must be typed when it cannot be undone")
    on_silence = models.CharField(max_length=120, default="nothing runs; it expires into the backlog")
    evidence = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    snoozed_until = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=10, blank=True, help_text="approved or rejected, once somebody decided")
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_via = models.CharField(max_length=16, blank=True)
    reason = models.TextField(blank=True)
    sealed_until = models.DateTimeField(null=True)
    receipt = models.CharField(max_length=26, blank=True)

    class Meta:
        """Listed oldest first."""

        app_label = "agents"
        ordering = ["id"]
        indexes = [models.Index(fields=["state", "id"]), models.Index(fields=["task", "id"])]


class Shown(models.Model):
    """The digest of an approval when it was last shown to one person as a whole."""

    viewer = models.CharField(max_length=80)
    approval = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    covered = Covered("shown")

    class Meta:
        """One row for each viewer and approval."""

        app_label = "agents"
        constraints = [models.UniqueConstraint(fields=["viewer", "approval"], name="shown_once")]


class Spent(models.Model):
    """What a guest has used of a day's allowance, on the last day that any was used."""

    actor = models.CharField(max_length=80)
    kind = models.CharField(max_length=10)
    day = models.CharField(max_length=10, help_text="of UTC")
    bytes = models.PositiveIntegerField()

    class Meta:
        """One row for each person and kind."""

        app_label = "agents"
        constraints = [models.UniqueConstraint(fields=["actor", "kind"], name="spent_once_a_kind")]


class Policy(models.Model):
    """A policy such as `golden_timmy`; if it is absent, the default applies."""

    name = models.CharField(max_length=40, primary_key=True)
    value = models.CharField(max_length=200)
    changed_by = models.CharField(max_length=80)
    changed_at = models.DateTimeField()

    class Meta:
        """In the agents app."""

        app_label = "agents"


class Identity(models.Model):
    """Which object of the engine, by number, belongs to a key: an agent's body to its slug, a room, thing or exit to
    its key on the map. Nothing typed in the game writes here.
    """

    kind = models.CharField(max_length=12, help_text="agent, map (a room), map_thing or map_exit")
    key = models.CharField(max_length=255)
    object = models.PositiveBigIntegerField(unique=True, help_text="number of the engine's object")

    class Meta:
        """One object for each key."""

        app_label = "agents"
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="known_once")]

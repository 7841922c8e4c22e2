"""The table of the larder."""

from __future__ import annotations

from django.db import models


class Jar(models.Model):
    """One jar, and who filled it."""

    agent = models.CharField(max_length=60)
    at = models.DateTimeField()

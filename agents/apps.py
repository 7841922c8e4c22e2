"""Registers the one Django app that holds every table of the agents."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """The `agents` app: one migrations folder for all domain packages."""

    name = "agents"
    label = "agents"
    default_auto_field = "django.db.models.BigAutoField"

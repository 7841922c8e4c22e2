"""Registers the Django app that holds the tables of the agents' packages, but of those that are an app of their own."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """The `agents` app: one migrations folder for all packages that have none of their own (`kernel/parts.apps`)."""

    name = "agents"
    label = "agents"
    default_auto_field = "django.db.models.BigAutoField"

"""Registers the Django app for the tables of the agents' packages, except those that are apps themselves."""

from django.apps import AppConfig


class AgentsConfig(AppConfig):
    """The `agents` app: one migrations folder for all packages without their own (`kernel/parts.apps`)."""

    name = "agents"
    label = "agents"
    default_auto_field = "django.db.models.BigAutoField"

"""Gathers the tables of all domain packages for Django; owns none."""

from agents.events.models import Event
from agents.governance.models import Approval, Identity, Policy, Shown, Spent
from agents.mind.models import PlanRecord
from agents.selfmod.models import BugReport
from agents.thinking.models import Message, Thought
from agents.work.models import Artifact, Step, Task

__all__ = [
    "Approval",
    "Artifact",
    "BugReport",
    "Event",
    "Identity",
    "Message",
    "PlanRecord",
    "Policy",
    "Shown",
    "Spent",
    "Step",
    "Task",
    "Thought",
]

"""Minds as parts of the house, and the dispatcher that gives them tasks."""

from __future__ import annotations

from agents.mind.dispatch import Dispatch
from agents.mind.minds import Minds

PARTS = (Minds, Dispatch)

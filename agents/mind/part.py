"""Names the parts of this package: the minds, and the dispatcher that gives them tasks."""

from __future__ import annotations

from agents.mind.dispatch import Dispatch
from agents.mind.minds import Minds

PARTS = (Minds, Dispatch)

"""Topics of what the system learns of its own faults.

Owns their declarations. Refuses to write any: that is the capture's.
"""

from __future__ import annotations

from agents.events.topic import Topic

TOPICS = (Topic("bug.filed", "an error was caught and proposed as a task", ("fingerprint", "title")),)

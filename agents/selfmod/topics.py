"""Topics of captured errors.

Owns their declarations. The capture writes them.
"""

from __future__ import annotations

from agents.events.topic import Topic

TOPICS = (Topic("bug.filed", "an error was caught and proposed as a task", ("fingerprint", "title")),)

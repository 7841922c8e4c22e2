"""Thinking as parts of the house: thoughts, and what is said to whoever speaks to an agent."""

from __future__ import annotations

from agents.thinking.conversation import Conversation
from agents.thinking.service import Thoughts

PARTS = (Thoughts, Conversation)

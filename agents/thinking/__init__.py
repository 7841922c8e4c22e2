"""Thinking: the stream of thought, and conversation with people and between agents."""

"""What no other kind can do: it waits for language, in a simulation as in the world."""

from __future__ import annotations

from agents.work.kinds.words import KIND

__all__ = ["KIND"]

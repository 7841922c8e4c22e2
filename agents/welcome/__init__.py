"""Welcoming who comes for the first time."""

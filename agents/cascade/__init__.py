"""The model cascade: a service of its own, its providers, and how the world asks it."""

"""The model cascade: a separate service, its providers, and the client that the world uses."""

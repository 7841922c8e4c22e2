"""The model service as the world sees it: the last report of it, and who is there to read that."""

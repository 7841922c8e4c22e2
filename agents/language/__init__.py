"""The model service as the world sees it: the last report, and whether somebody is there to read it."""

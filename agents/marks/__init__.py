"""Marks of use: what rooms show of what was done in them, from the record and never stored."""

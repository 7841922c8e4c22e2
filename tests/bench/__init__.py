"""Measurements of this clone on this machine: `python -m tests.bench` prints them as JSON.

Each is a ratio of two things measured side by side, with the raw figures beside it: a number of
milliseconds means little on another machine, or under another load. Nothing passes or fails here.
"""

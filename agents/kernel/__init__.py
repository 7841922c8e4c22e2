"""The foundation of everything else: clock, ids, randomness, errors, text, settings.

Only the standard library and pydantic; imports neither Django nor Twisted.
"""

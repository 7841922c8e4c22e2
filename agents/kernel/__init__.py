"""What all else stands on: clock, ids, randomness, errors, text, settings.

Standard library and pydantic only; imports neither Django nor Twisted.
"""

"""A file of nobody's: that it is read shows that a path which somebody typed runs files."""

Bell = object
"""What a hostile path leads to."""


def menu(caller: object) -> None:
    """The same, as a function."""
